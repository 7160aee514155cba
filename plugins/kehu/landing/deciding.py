"""Withdraw batches, put them back, keep a source: decisions that a person makes, each one entry of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from kehu.errors import UsageError, nearest
from kehu.files.locks import exclusive
from kehu.landing.ledger import Batch, read_ledger
from kehu.landing.sequence import next_sequence
from kehu.landing.withdrawals import Decision, Standing, read_decisions, record_decision, standing
from kehu.settings import Settings


@dataclass(frozen=True)
class LandingZone:
    """What has landed, what was decided of it, and what that comes to."""

    batches: tuple[Batch, ...]
    decisions: tuple[Decision, ...]
    standing: Standing

    @classmethod
    def read(cls, settings: Settings) -> LandingZone:
        """Read the whole ledger once."""
        batches = read_ledger(settings.landing_dir)
        decisions = read_decisions(settings.landing_dir, batches)
        return cls(tuple(batches), tuple(decisions), standing(batches, decisions))

    @property
    def in_force(self) -> list[Batch]:
        """The batches that count, in the order of landing."""
        return [batch for batch in self.batches if batch.batch_id not in self.standing.withdrawn]

    def decided(self, decision: Decision) -> list[Batch]:
        """The batches that a decision is about, as they are today."""
        named = set(decision.batches)
        return [batch for batch in self.batches if named & {batch.batch_id, *batch.replaces}]


@dataclass(frozen=True)
class Selection:
    """Which deliveries are meant: by their id, or all of a source, of an entity of it, of a file of it."""

    deliveries: tuple[str, ...] = ()
    source: str | None = None
    entity: str | None = None
    file: str | None = None

    def of(self, batches: Sequence[Batch]) -> list[Batch]:
        """The batches that are meant.

        Raises:
            UsageError: nothing is named, or something that is not there; names the nearest.
        """
        if not self.deliveries and self.source is None:
            raise UsageError(
                "it is not said what is meant", fix="give --delivery ID, or --source with --entity, --file"
            )
        found = [batch for name in self.deliveries for batch in _by_id(batches, name)]
        chosen = [batch for batch in batches if not self.deliveries or batch in found]
        for what in ("source", "entity", "file"):
            wanted, before = getattr(self, what), chosen
            chosen = [batch for batch in before if wanted in (None, getattr(batch, what))]
            if not chosen:
                known = sorted({getattr(batch, what) for batch in before})
                raise UsageError(
                    f"no delivery is of this {what}",
                    fix="see `kehu landing`",
                    **{what: wanted},
                    nearest=nearest(wanted, known),
                )
        return chosen


def withdraw(
    settings: Settings, selection: Selection, reason: str, now: datetime
) -> tuple[Decision | None, list[Batch]]:
    """Take deliveries back; those that are withdrawn already stay so.

    Returns:
        The decision, None where there was nothing left to decide, and the batches that it withdraws.
    """
    with _deciding(settings, selection.of(LandingZone.read(settings).batches)):
        zone = LandingZone.read(settings)
        gone = to_withdraw(zone, selection)
        if not gone:
            return None, []
        return _record(settings, Decision(0, "withdraw", now, reason, tuple(batch.batch_id for batch in gone))), gone


def to_withdraw(zone: LandingZone, selection: Selection) -> list[Batch]:
    """The deliveries that count and would not any more."""
    return [batch for batch in selection.of(zone.batches) if batch.batch_id not in zone.standing.withdrawn]


def undo(settings: Settings, number: int, now: datetime) -> tuple[Decision | None, list[Batch]]:
    """Take a decision back: what it withdrew counts again, a source that it kept is named again.

    Returns:
        The new decision, None where nothing of the old one holds any more, and the batches that are put back.

    Raises:
        UsageError: no decision has that number.
    """
    before = LandingZone.read(settings)
    decision = decision_of(before, number)
    with _deciding(settings, before.decided(decision)):
        zone = LandingZone.read(settings)
        back = to_put_back(zone, decision)
        kept = tuple(name for name in decision.sources if name in zone.standing.kept)
        if not back and not kept:
            return None, []
        ids = tuple(batch.batch_id for batch in back)
        return _record(settings, Decision(0, "undo", now, f"undo of {number}", ids, kept, number)), back


def decision_of(zone: LandingZone, number: int) -> Decision:
    """The decision of that number.

    Raises:
        UsageError: there is none that can be taken back.
    """
    known = [one.sequence for one in zone.decisions if one.kind != "undo"]
    found = [one for one in zone.decisions if one.sequence == number and one.kind != "undo"]
    if not found:
        raise UsageError("no decision has this number", fix="see `kehu landing`", number=number, known=known)
    return found[0]


def to_put_back(zone: LandingZone, decision: Decision) -> list[Batch]:
    """The batches of a decision that are still withdrawn."""
    return [batch for batch in zone.decided(decision) if batch.batch_id in zone.standing.withdrawn]


def keep(settings: Settings, source: str, now: datetime) -> Decision | None:
    """Keep what a source has landed, though ``sources.yml`` does not name it; None where that is decided already.

    Raises:
        UsageError: nothing of such a source counts.
    """
    zone = LandingZone.read(settings)
    known = sorted({batch.source for batch in zone.in_force})
    if source not in known:
        raise UsageError(
            "nothing of such a source counts", fix="see `kehu landing`", source=source, nearest=nearest(source, known)
        )
    if source in zone.standing.kept:
        return None
    return _record(settings, Decision(0, "keep", now, "kept on purpose", sources=(source,)))


def _by_id(batches: Sequence[Batch], given: str) -> list[Batch]:
    """The batch whose id begins so, or began so before an erasure wrote it anew.

    Raises:
        UsageError: there is none, or several.
    """
    found = [batch for batch in batches if any(one.startswith(given) for one in (batch.batch_id, *batch.replaces))]
    if len(found) != 1 or not given:
        raise UsageError(
            "no delivery has this id" if not found else "several deliveries have an id that begins so",
            fix="see `kehu landing`",
            delivery=given,
            deliveries=[batch.batch_id for batch in found[:5]],
        )
    return found


@contextmanager
def _deciding(settings: Settings, batches: Sequence[Batch]) -> Iterator[None]:
    """Hold the locks of the sources whose batches are decided about: who lands has read what counts."""
    with ExitStack() as stack:
        for name in sorted({batch.source for batch in batches}):
            lock = settings.locks_dir / f"landing-{name}.lock"
            stack.enter_context(exclusive(lock, "kehu landing", settings.lock_timeout_seconds))
        yield


def _record(settings: Settings, decision: Decision) -> Decision:
    with exclusive(settings.locks_dir / "ledger.lock", "kehu landing", settings.lock_timeout_seconds):
        decision = replace(decision, sequence=next_sequence(settings.landing_dir))
        record_decision(settings.landing_dir, decision)
    return decision
