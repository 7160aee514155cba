"""What a release wants somebody to look at today: the critical alerts of the last week that had ended by its day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kehu.files.durable import write_durably
from kehu.release.catalog import current_release_id, find, reading
from kehu.settings import Settings

RUNBOOK = "docs/runbooks/alert_fired.md"
_FIRED = """
    select series_kind, topic, week, observed, expected
    from analytics.alerts
    where severity = 'critical' and is_last_closed_week
    order by series_kind, topic
"""
_KINDS = {
    "complaints_by_need": "complaints about {topic}",
    "complaints_by_product": "complaints about product {topic}",
    "refunds": "refunds",
    "negative_answers": "negative {topic} answers",
    "revenue": "revenue",
}


@dataclass(frozen=True)
class FiredAlert:
    """A row of ``alerts``: figures and names of Kehu's own or of products, nothing of a person."""

    series_kind: str
    topic: str
    week: date
    observed: float
    expected: float

    def describe(self) -> str:
        """One line, as in ``complaints about delivery: 25 in the week of 2025-12-22, 4.0 expected``."""
        what = _KINDS.get(self.series_kind, self.series_kind).format(topic=self.topic)
        return f"{what}: {self.observed:,.0f} in the week of {self.week}, {self.expected:,.1f} expected"


def fired_alerts(settings: Settings, release_id: str) -> list[FiredAlert]:
    """The critical alerts of a release; none of a release that was made before there were alerts.

    Raises:
        ReleaseError: the release cannot be read.
    """
    if "alerts" not in find(settings, release_id).tables:
        return []
    with reading(settings, release_id) as release:
        return [FiredAlert(*row) for row in release.rows(_FIRED)]


def alerts_to_send(settings: Settings, release_id: str) -> list[FiredAlert]:
    """Those that nobody was told of yet: none of a release that BI does not read, none of one that was told of already.

    Whoever sends them calls ``note_sent`` afterwards: a run that is killed in between sends them again, never not at all.
    """
    if release_id != current_release_id(settings) or _note(settings, release_id).exists():
        return []
    return fired_alerts(settings, release_id)


def note_sent(settings: Settings, release_id: str, alerts: list[FiredAlert]) -> None:
    """Remember beside the release's report what was sent, so that a retry does not send it again."""
    _note(settings, release_id).parent.mkdir(parents=True, exist_ok=True)
    write_durably(_note(settings, release_id), "\n".join(alert.describe() for alert in alerts) + "\n")


def _note(settings: Settings, release_id: str) -> Path:
    return settings.reports_dir / f"{release_id}.alerts.txt"
