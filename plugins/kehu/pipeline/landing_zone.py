"""What has landed, for people: the list, what taking back would do, and what a run has to tell of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from kehu.clock import utc_now
from kehu.files.private import close_home
from kehu.landing import deciding
from kehu.landing.deciding import LandingZone, Selection
from kehu.landing.ledger import Batch
from kehu.landing.unconfigured import unconfigured_sources
from kehu.landing.withdrawals import Decision
from kehu.pipeline.withdrawal_effect import effect_of_putting_back, effect_of_withdrawing
from kehu.settings import Settings
from kehu.sources.config import load_sources

_SHOWN_ID = 8
_HEADER = ("delivery", "source", "entity", "file", "rows", "landed (UTC)", "mapping", "")


def list_deliveries(settings: Settings, source: str | None = None, entity: str | None = None) -> list[str]:
    """Every delivery with what became of it, the decisions with their numbers, the mappings: lines for people."""
    zone = LandingZone.read(settings)
    chosen = [one for one in zone.batches if source in (None, one.source) and entity in (None, one.entity)]
    if not chosen:
        return ["nothing has landed"]
    rows = [_HEADER, *(_shown(zone, batch) for batch in chosen)]
    widths = [max(len(row[number]) for row in rows) for number in range(len(_HEADER))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    told = [_told(zone, decision) for decision in zone.decisions]
    mappings = {_digest(one.mapping): one.mapping for one in chosen if one.mapping}
    lines += ["", "Decisions (`kehu landing undo NUMBER` takes one back)", *told] if told else []
    lines += ["", "Mappings", *(f"  {name}  {_mapping(text)}" for name, text in sorted(mappings.items()))]
    return [*lines, *_unconfigured(settings, zone)]


def withdraw_deliveries(settings: Settings, selection: Selection, is_dry_run: bool) -> Iterator[str]:
    """Take deliveries back, or tell what that would do; lines for people.

    Raises:
        UsageError: what is named is not there.
    """
    gone = deciding.to_withdraw(LandingZone.read(settings), selection)
    yield from effect_of_withdrawing(settings, gone)
    if is_dry_run:
        yield "nothing is changed: without --dry-run it is done"
        return
    close_home(settings)
    decision, gone = deciding.withdraw(settings, selection, "withdrawn by hand", utc_now())
    if decision is not None:
        yield f"withdrawn: {_counted(gone)}; `kehu landing undo {decision.sequence}` puts them back"
        yield "the next run builds without them; a file that lies there unchanged does not land again"


def undo_decision(settings: Settings, number: int, is_dry_run: bool) -> Iterator[str]:
    """Take a decision back, or tell what that would do; lines for people.

    Raises:
        UsageError: no decision has that number.
    """
    zone = LandingZone.read(settings)
    yield from effect_of_putting_back(deciding.to_put_back(zone, deciding.decision_of(zone, number)))
    if is_dry_run:
        yield "nothing is changed: without --dry-run it is done"
        return
    decision, back = deciding.undo(settings, number, utc_now())
    if decision is None:
        yield f"nothing of decision {number} holds any more"
    elif back:
        yield f"put back: {_counted(back)}; the next run builds with them"
    else:
        yield f"{', '.join(decision.sources)} is named at every run again"


def keep_source(settings: Settings, source: str) -> str:
    """Keep what a source has landed that ``sources.yml`` does not name any more.

    Raises:
        UsageError: nothing of such a source counts.
    """
    decision = deciding.keep(settings, source, utc_now())
    return f"{source} is kept on purpose" + (f" (decision {decision.sequence})" if decision else " already")


def landing_notices(settings: Settings, since: datetime) -> list[str]:
    """What a run has to tell of the landing zone: what was withdrawn since it began, and sources that nobody configures."""
    zone = LandingZone.read(settings)
    made = [one for one in zone.decisions if one.kind == "withdraw" and one.decided_at >= since]
    told = [f"Withdrawn: {_counted(zone.decided(one))}, {one.reason}; see `kehu landing`." for one in made]
    return [*told, *_unconfigured(settings, zone)]


def _unconfigured(settings: Settings, zone: LandingZone) -> list[str]:
    names = {source.name for source in load_sources(settings.sources).sources}
    return [f"Warning: {one.describe()}." for one in unconfigured_sources(zone, names)]


def _shown(zone: LandingZone, batch: Batch) -> tuple[str, ...]:
    by = [one for one in zone.decisions if batch in zone.decided(one)]
    state = f"withdrawn ({by[-1].sequence})" if batch.batch_id in zone.standing.withdrawn else ""
    return (
        batch.batch_id[:_SHOWN_ID],
        batch.source,
        batch.entity,
        batch.file,
        f"{batch.row_count:,}",
        f"{batch.extracted_at:%Y-%m-%d %H:%M}",
        _digest(batch.mapping) if batch.mapping else "?",
        state,
    )


def _told(zone: LandingZone, decision: Decision) -> str:
    about = ", ".join(decision.sources) or _counted(zone.decided(decision))
    return (
        f"  {decision.sequence:>4}  {decision.decided_at:%Y-%m-%d %H:%M}  {decision.kind}: {about}, {decision.reason}"
    )


def _counted(batches: Sequence[Batch]) -> str:
    rows = sum(batch.row_count for batch in batches)
    return f"{rows:,} rows of {len(batches):,} {'delivery' if len(batches) == 1 else 'deliveries'}"


def _digest(mapping: str) -> str:
    return hashlib.sha256(mapping.encode()).hexdigest()[:6]


def _mapping(text: str) -> str:
    """A mapping as ``sources.yml`` may have said it, in one line."""
    given = json.loads(text)
    mapping = given["mapping"]
    if not isinstance(mapping, dict):
        return json.dumps(mapping, ensure_ascii=False)
    parts = [f"{name}: {_plain(value)}" for name, value in mapping.items()]
    return ", ".join([*parts, f"timezone: {given['timezone']}"])


def _plain(value: object) -> str:
    if isinstance(value, dict) and set(value) == {"column"}:
        return str(value["column"])
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_plain(one)}" for name, one in value.items()) + "}"
    return str(value)
