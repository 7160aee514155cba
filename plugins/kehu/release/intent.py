"""A rollback that was begun: the small file by which a killed rollback is finished instead of begun anew.

Without it, ``kehu rollback`` run again after a crash could not tell "the swap is done" from "one release further back".
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from kehu.files.durable import fsync_path, write_durably
from kehu.settings import Settings


class Intent(BaseModel):
    """BI shall move from ``origin`` to ``target``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: str
    target: str


def read_intent(settings: Settings) -> Intent | None:
    """The rollback that did not come to its end, or None."""
    try:
        return Intent.model_validate_json(_path(settings).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write_intent(settings: Settings, intent: Intent) -> None:
    """Note durably that a rollback begins."""
    write_durably(_path(settings), intent.model_dump_json())


def clear_intent(settings: Settings) -> None:
    """Note that no rollback is under way."""
    path = _path(settings)
    if path.exists():
        path.unlink()
        fsync_path(path.parent)


def _path(settings: Settings) -> Path:
    return settings.releases_dir / ".rollback.json"
