"""Access tokens that all processes share: one is asked for by one process at a time, and kept unreadable without the secret.

A system limits how often a token may be asked for, and some accept no two requests for one at once. What lies on the disk is
encrypted under the secret that the token was asked for with, so that a copy of the folder lets nobody in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from kehu.clock import utc_now
from kehu.files.durable import write_durably
from kehu.files.locks import exclusive
from kehu.settings import Settings

TOKENS_FOLDER = "tokens"
_MARGIN = timedelta(seconds=60)
_LOCK_SECONDS = 120.0


@dataclass(frozen=True, repr=False)
class Token:
    """A token, until when it is good, and what the system told with it. Its text shows nothing of it."""

    value: str
    expires_at: datetime
    minted_at: datetime
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass
class TokenCache:
    """The token of one account of one system.

    Attributes:
        settings: where it is kept.
        source: the source's name, for whoever waits.
        identity: what tells the account from others; only its digest is written.
        secret: what the token is encrypted under.
        spacing: seconds between two requests for a token at least.
        now: the clock; tests hand in another.
        sleep: waits; tests hand in another.
    """

    settings: Settings
    source: str
    identity: str
    secret: str
    spacing: float = 6.0
    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep

    def get(self, mint: Callable[[], Token], refused: str | None = None) -> Token:
        """A token that is not the refused one: the kept one, or a new one.

        Args:
            mint: asks the system for one.
            refused: a token that the system does not accept any more.
        """
        kept = self._read()
        if kept is not None and self._is_good(kept, refused):
            return kept
        with exclusive(self._lock, f"a token for {self.source}", _LOCK_SECONDS):
            kept = self._read()
            if kept is not None and self._is_good(kept, refused):
                return kept
            if kept is not None:
                since = (self.now() - kept.minted_at).total_seconds()
                if 0 <= since < self.spacing:
                    self.sleep(self.spacing - since)
            token = mint()
            self._write(token)
            return token

    def _is_good(self, token: Token, refused: str | None) -> bool:
        return token.value != refused and self.now() + _MARGIN < token.expires_at

    @property
    def _digest(self) -> str:
        return hashlib.sha256(f"{self.identity}\n{self.secret}".encode()).hexdigest()[:32]

    @property
    def _path(self) -> Path:
        return self.settings.home / TOKENS_FOLDER / f"{self._digest}.json"

    @property
    def _lock(self) -> Path:
        return self.settings.locks_dir / f"token-{self._digest}.lock"

    @property
    def _cipher(self) -> Fernet:
        key = hashlib.sha256(b"kehu token cache\n" + self.secret.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(key))

    def _read(self) -> Token | None:
        try:
            given = json.loads(self._cipher.decrypt(self._path.read_bytes()))
            expires, minted = (datetime.fromisoformat(given[name]) for name in ("expires_at", "minted_at"))
            return Token(str(given["value"]), expires, minted, dict(given["facts"]))
        except (OSError, ValueError, KeyError, TypeError, InvalidToken):
            return None

    def _write(self, token: Token) -> None:
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        content = {
            "value": token.value,
            "expires_at": token.expires_at.isoformat(),
            "minted_at": token.minted_at.isoformat(),
            "facts": dict(token.facts),
        }
        write_durably(self._path, self._cipher.encrypt(json.dumps(content).encode()).decode())
