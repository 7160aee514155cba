"""The key under which erased persons are remembered: without it a hash says nothing about whom it stands for.

E-mail addresses and telephone numbers can be tried out by the billion, so that a plain hash of one is the address itself to
whoever takes the time. A keyed hash (HMAC-SHA256) is not, as long as the key lies elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import duckdb
from cryptography.fernet import Fernet

from kehu.errors import ErasureKeyError
from kehu.files.durable import write_durably
from kehu.settings import Settings

SHORTEST = 32
_BLOCK = 64
_CHECKED = "kehu erasure ledger"
_MACRO = """
    create or replace temp macro kehu_hmac(message) as
    sha256(getvariable('kehu_outer') || unhex(sha256(getvariable('kehu_inner') || encode(message))))
"""


class ErasureKey:
    """``KEHU_ERASURE_KEY``, checked."""

    def __init__(self, secret: str) -> None:
        self._secret = hashlib.sha256(secret.encode()).digest()

    def hmac(self, message: str) -> str:
        """The keyed hash of a message, as ``kehu_hmac`` makes it in SQL."""
        return hmac.new(self._secret, message.encode(), hashlib.sha256).hexdigest()

    def into(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give a DuckDB connection the macro ``kehu_hmac``; the key stands in no statement, so in no message either."""
        padded = self._secret.ljust(_BLOCK, b"\0")
        for name, pad in (("kehu_inner", 0x36), ("kehu_outer", 0x5C)):
            connection.execute(f"set variable {name} = ?", [bytes(byte ^ pad for byte in padded)])
        connection.execute(_MACRO)

    def seal(self, text: str) -> bytes:
        """Encrypt what must survive a crash and may not lie around."""
        return self._cipher().encrypt(text.encode())

    def unseal(self, token: bytes) -> str:
        """Decrypt what :meth:`seal` made."""
        return self._cipher().decrypt(token).decode()

    def _cipher(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"values to search for" + self._secret).digest()))


def open_key(settings: Settings, make: bool = False) -> ErasureKey:
    """The key of the settings, held against the one that the ledger was begun with.

    Args:
        settings: where key and ledger are.
        make: note which key it is where there is no ledger yet.

    Raises:
        ErasureKeyError: it is missing, too short or another one.
    """
    secret = settings.erasure_key.get_secret_value() if settings.erasure_key else ""
    file = settings.erasures_dir / "key.json"
    if len(secret) < SHORTEST:
        raise ErasureKeyError(
            "KEHU_ERASURE_KEY is not set" if not secret else "KEHU_ERASURE_KEY is too short",
            fix=f"set it to the secret of at least {SHORTEST} characters that the erasure ledger was begun with; a new one:"
            " `openssl rand -hex 32`",
        )
    key = ErasureKey(secret)
    if file.exists():
        if not hmac.compare_digest(json.loads(file.read_text(encoding="utf-8"))["check"], key.hmac(_CHECKED)):
            raise ErasureKeyError(
                "KEHU_ERASURE_KEY is not the key that the erasure ledger was written with",
                fix="set the key of then: with another one nobody who was erased would be recognised",
                ledger=file.parent.name,
            )
    elif any(settings.erasures_dir.glob("[0-9]*_*.json")):
        raise ErasureKeyError(
            "the erasure ledger does not say which key it was written with",
            fix="restore the whole folder from its newest backup",
            ledger=file.parent.name,
            missing=file.name,
        )
    elif make:
        settings.erasures_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_durably(file, json.dumps({"check": key.hmac(_CHECKED)}))
    return key
