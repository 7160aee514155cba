"""What is kept beside the days: truth, state, plan. They change together or not at all, whenever the writer dies."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict
from datetime import date
from pathlib import Path

from kehu.demo_shop.exports import DAYS
from kehu.demo_shop.plan import Plan
from kehu.errors import UsageError

PLAN = "demo_shop.json"
_NEXT, _COMPLETE = "next", "complete"
_OWN = (_NEXT, "truth", "state", "sources.yml", PLAN)


def recover(folder: Path) -> None:
    """Finish or forget what a writer that died has left.

    Raises:
        UsageError: the folder holds something else.
    """
    foreign = (
        sorted(path.name for path in folder.iterdir() if path.name not in (DAYS, *_OWN)) if folder.exists() else []
    )
    if foreign:
        raise UsageError("the folder holds other files", fix="name a new folder", folder=str(folder), found=foreign[:5])
    folder.mkdir(parents=True, exist_ok=True)
    following = folder / _NEXT
    if (following / _COMPLETE).exists():
        _commit(folder)
    shutil.rmtree(following, ignore_errors=True)
    if not (folder / PLAN).exists():
        for name in (DAYS, *_OWN):
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def begun(folder: Path) -> Path:
    """Where truth, state and plan are made, with what is there of the truth already."""
    following = folder / _NEXT
    following.mkdir()
    if (folder / "truth").exists():
        shutil.copytree(folder / "truth", following / "truth")
    return following


def finished(folder: Path, plan: Plan, days: int) -> None:
    """Let everything that was made take the place of what was there."""
    following = folder / _NEXT
    kept = {**asdict(plan), "last_day": str(plan.last_day), "days_written": days}
    (following / PLAN).write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    for path in sorted(path for path in following.rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    (following / _COMPLETE).touch()
    _commit(folder)


def written(folder: Path) -> tuple[Plan, int] | None:
    """The plan of the shop that a folder holds and how many days are written, or nothing."""
    if not (folder / PLAN).exists():
        return None
    kept = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    days = int(kept.pop("days_written"))
    return Plan(**kept | {"last_day": date.fromisoformat(kept["last_day"])}), days


def _commit(folder: Path) -> None:
    """Each step may be repeated; the plan comes last, as it says how many days there are."""
    following = folder / _NEXT
    for name in ("truth", "state", "sources.yml", PLAN):
        source, target = following / name, folder / name
        if source.exists():
            if target.is_dir():
                shutil.rmtree(target)
            os.replace(source, target)
    (following / _COMPLETE).unlink()
    following.rmdir()
