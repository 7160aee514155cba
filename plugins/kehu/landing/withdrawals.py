"""Taking back what has landed: entries of the ledger that are only ever added. The landed rows stay where they are.

A batch counts unless the last entry about it withdraws it. A batch that takes the place of others as it lands names them in
its own entry (``Batch.withdraws``), so that both happen in one step; every other decision is an entry of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from kehu.errors import LandingError
from kehu.files.durable import write_durably
from kehu.files.fault_points import step
from kehu.landing.ledger import Batch
from kehu.landing.sequence import LEDGER_FOLDER

DECISIONS_FOLDER = "decisions"


@dataclass(frozen=True)
class Decision:
    """One entry about batches, or about a source.

    Attributes:
        sequence: its number, in the one order of batches and decisions.
        kind: the batches are withdrawn, or put back; or a source that ``sources.yml`` does not name is kept on purpose.
        decided_at: when, UTC without offset.
        reason: why, in words.
        batches: ids of the batches, as they were then.
        sources: the sources that are kept.
        undoes: the number of the decision that this one takes back.
    """

    sequence: int
    kind: Literal["withdraw", "undo", "keep"]
    decided_at: datetime
    reason: str
    batches: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    undoes: int | None = None


@dataclass(frozen=True)
class Standing:
    """What the decisions have made of the batches.

    Attributes:
        withdrawn: ids of the batches that do not count.
        restored: ids of those that were withdrawn and put back by hand: no rule withdraws them again.
        changes: how often each batch was withdrawn or put back; only those that were.
        kept: the sources that are kept on purpose, though ``sources.yml`` does not name them.
    """

    withdrawn: frozenset[str]
    restored: frozenset[str]
    changes: dict[str, int]
    kept: frozenset[str]


def read_decisions(landing_dir: Path, batches: Iterable[Batch]) -> list[Decision]:
    """All decisions in order, those that batches made as they landed among them.

    Args:
        landing_dir: the landing zone.
        batches: the ledger, of all sources or of those that matter.

    Raises:
        LandingError: an entry cannot be read.
    """
    own = [_read(entry) for entry in _folder(landing_dir).glob("*.json")]
    made = [
        Decision(batch.sequence, "withdraw", batch.extracted_at, f"{batch.file} was read anew", batch.withdraws)
        for batch in batches
        if batch.withdraws
    ]
    return sorted([*own, *made], key=lambda decision: decision.sequence)


def standing(batches: Sequence[Batch], decisions: Iterable[Decision]) -> Standing:
    """What the decisions have made of these batches; a batch that an erasure has written anew is the one that it was."""
    today = {old: batch.batch_id for batch in batches for old in (*batch.replaces, batch.batch_id)}
    last: dict[str, str] = {}
    changes: dict[str, int] = {}
    kept: set[str] = set()
    for decision in sorted(decisions, key=lambda one: one.sequence):
        kept = kept | set(decision.sources) if decision.kind == "keep" else kept - set(decision.sources)
        for batch_id in dict.fromkeys(today[old] for old in decision.batches if old in today):
            last[batch_id] = decision.kind
            changes[batch_id] = changes.get(batch_id, 0) + 1
    return Standing(
        withdrawn=frozenset(name for name, kind in last.items() if kind == "withdraw"),
        restored=frozenset(name for name, kind in last.items() if kind == "undo"),
        changes=changes,
        kept=frozenset(kept),
    )


def in_force(landing_dir: Path, batches: Sequence[Batch]) -> list[Batch]:
    """The batches that count."""
    withdrawn = standing(batches, read_decisions(landing_dir, batches)).withdrawn
    return [batch for batch in batches if batch.batch_id not in withdrawn]


def record_decision(landing_dir: Path, decision: Decision) -> None:
    """Write a decision down, durably: from then on it holds, and whoever is killed before has changed nothing.

    The caller holds the ledger's lock, so that what is half-written here belongs to nobody any more.
    """
    step("landing:deciding")
    for leftover in _folder(landing_dir).glob(".*.tmp"):
        leftover.unlink()
    text = json.dumps(asdict(decision), default=str, indent=2, sort_keys=True)
    write_durably(_folder(landing_dir) / f"{decision.sequence:012}.json", text)
    step("landing:decided")


def _folder(landing_dir: Path) -> Path:
    return landing_dir / LEDGER_FOLDER / DECISIONS_FOLDER


def _read(entry: Path) -> Decision:
    try:
        fields: dict[str, Any] = json.loads(entry.read_text(encoding="utf-8"))
        for name in ("batches", "sources"):
            fields[name] = tuple(fields[name])
        fields["decided_at"] = datetime.fromisoformat(fields["decided_at"])
        return Decision(**fields)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LandingError(
            "an entry about withdrawn batches cannot be read",
            fix="restore it from a backup: without it rows would count that were taken back",
            entry=f"{LEDGER_FOLDER}/{DECISIONS_FOLDER}/{entry.name}",
        ) from error
