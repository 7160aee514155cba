"""The erasure ledger: a small JSON file an erasure, with keyed hashes of what belonged to the person and nothing else.

It lies outside of the landing zone, so that restoring that one from a backup does not bring back the ledger of then.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from kehu.erasure.key import ErasureKey, open_key
from kehu.errors import ErasureError
from kehu.files.durable import fsync_path, replace_durably, write_durably
from kehu.settings import Settings


@dataclass(frozen=True)
class ErasedKey:
    """Something by which rows of the person are recognised.

    Attributes:
        hmac: keyed hash of ``<kind>|<value>``; kinds are record, order, email, phone, visitor, name, text.
        kind: the kind.
        pseudonym: what takes the place of a record's published id; empty for other kinds.
        place: ``table.column`` where a text is looked for; empty for all columns that are personal.
    """

    hmac: str
    kind: str
    pseudonym: str = ""
    place: str = ""


@dataclass(frozen=True)
class Erasure:
    """One entry of the ledger.

    Attributes:
        erasure_id: a random name.
        number: its place, from 1.
        token: what is the same in all pseudonyms of the person; random.
        keys: what the person is recognised by.
        requested_at: when it was asked for, UTC.
        finished_at: when nothing was found any more, UTC; None while it is under way.
        done: what it came to: counts by place.
        continues: the earlier erasure of the same person that left something to find; empty if there was none.
    """

    erasure_id: str
    number: int
    token: str
    keys: tuple[ErasedKey, ...]
    requested_at: str
    finished_at: str | None = None
    done: dict[str, int] = field(default_factory=dict)
    continues: str = ""


@dataclass(frozen=True)
class ErasureLedger:
    """The ledger, opened with its key; the key is None while nothing is in it."""

    erasures: tuple[Erasure, ...] = ()
    key: ErasureKey | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all erasures, oldest first."""
        return tuple(one.erasure_id for one in self.erasures)

    @property
    def number(self) -> int:
        """The number of the latest erasure; 0 if there is none."""
        return max((one.number for one in self.erasures), default=0)

    @property
    def places(self) -> frozenset[str]:
        """The columns, beside the personal ones, in which somebody who was erased was mentioned, as ``table.column``."""
        return frozenset(key.place for one in self.erasures for key in one.keys if key.place)

    def of_record(self, record_id: str) -> Erasure | None:
        """The erasure of the person who had this published id."""
        if self.key is None:
            return None
        wanted = self.key.hmac(f"record|{record_id}")
        found = [one for one in self.erasures if any(key.hmac == wanted for key in one.keys)]
        return found[-1] if found else None

    def with_earlier(self, erasure: Erasure) -> list[Erasure]:
        """An erasure and those that it continues, the latest first."""
        by_id, found = {one.erasure_id: one for one in self.erasures}, [erasure]
        while (earlier := by_id.get(found[-1].continues)) is not None:
            found.append(earlier)
        return found

    def with_draft(self, draft: Erasure, key: ErasureKey) -> ErasureLedger:
        """The ledger with an erasure that is not written down (yet)."""
        return ErasureLedger((*self.erasures, draft), key)


def erasure_ids(settings: Settings) -> tuple[str, ...]:
    """The ids of all erasures, oldest first; needs no key."""
    return tuple(one.erasure_id for one in _read_all(settings.erasures_dir))


def open_ledger(settings: Settings) -> ErasureLedger:
    """Read the ledger.

    Raises:
        ErasureKeyError: there are erasures, and the key is not the right one.
        ErasureError: an entry cannot be read.
    """
    found = _read_all(settings.erasures_dir)
    return ErasureLedger(tuple(found), open_key(settings) if found else None)


def new_erasure(ledger: ErasureLedger, now: datetime) -> Erasure:
    """An erasure with a name of its own and no keys yet."""
    return Erasure(secrets.token_hex(8), ledger.number + 1, secrets.token_hex(8), (), now.isoformat())


def continued(ledger: ErasureLedger, erasure: Erasure, found: Sequence[ErasedKey], now: datetime) -> Erasure:
    """A further entry for the same person, with what was found since; whatever is kept goes through it as through any other."""
    ids = tuple(key for key in erasure.keys if key.kind == "record")
    plain = new_erasure(ledger, now)
    return replace(plain, token=erasure.token, keys=(*ids, *found), continues=erasure.erasure_id)


def write_entry(settings: Settings, erasure: Erasure) -> None:
    """Write an entry durably: from now on whatever lands or is rolled back to goes through it."""
    settings.erasures_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(_entry_file(settings, erasure), json.dumps(asdict(erasure), indent=1))
    fsync_path(settings.erasures_dir.parent)


def finish(settings: Settings, erasure: Erasure, now: datetime, done: dict[str, int]) -> None:
    """Note that nothing is left of the person, and forget the values that were searched for."""
    write_entry(settings, replace(erasure, finished_at=now.isoformat(), done=done))
    forget_values(settings, erasure.erasure_id)


def keep_values(settings: Settings, erasure_id: str, values: Sequence[Sequence[str]], key: ErasureKey) -> None:
    """Keep what must be found nowhere at the end, encrypted, for as long as the erasure is under way."""
    settings.erasures_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = _values_file(settings, erasure_id)
    temporary = file.with_name(f"{file.stem}.new.sealed")
    temporary.write_bytes(key.seal(json.dumps([list(value) for value in values])))
    replace_durably(temporary, file)


def kept_values(settings: Settings, erasure_id: str, key: ErasureKey) -> list[tuple[str, str]] | None:
    """What :func:`keep_values` kept; None if it was forgotten."""
    try:
        return [
            (kind, value) for kind, value in json.loads(key.unseal(_values_file(settings, erasure_id).read_bytes()))
        ]
    except FileNotFoundError:
        return None


def forget_values(settings: Settings, erasure_id: str) -> None:
    """Remove what :func:`keep_values` kept."""
    file = _values_file(settings, erasure_id)
    if file.exists():
        file.unlink()
        fsync_path(file.parent)


def forget_orphans(settings: Settings, ledger: ErasureLedger) -> None:
    """Remove values that were kept for an erasure that was killed before it was written down, or that another continues."""
    continued = {one.continues for one in ledger.erasures}
    known = {_values_file(settings, one).name for one in ledger.ids if one not in continued}
    for file in settings.erasures_dir.glob("*.sealed"):
        if file.name not in known:
            file.unlink()


def _entry_file(settings: Settings, erasure: Erasure) -> Path:
    return settings.erasures_dir / f"{erasure.number:06d}_{erasure.erasure_id}.json"


def _values_file(settings: Settings, erasure_id: str) -> Path:
    return settings.erasures_dir / f"{erasure_id}.sealed"


def _read_all(folder: Path) -> list[Erasure]:
    return [_read(entry) for entry in sorted(folder.glob("[0-9]*_*.json"))]


def _read(entry: Path) -> Erasure:
    try:
        fields = json.loads(entry.read_text(encoding="utf-8"))
        fields["keys"] = tuple(ErasedKey(**key) for key in fields["keys"])
        return Erasure(**fields)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ErasureError(
            "an entry of the erasure ledger cannot be read",
            fix="restore it from the newest backup of the folder; without it an erased person would come back",
            entry=entry.name,
        ) from error
