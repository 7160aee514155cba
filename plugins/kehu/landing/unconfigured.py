"""Sources whose rows count, though ``sources.yml`` does not name them: renamed, or given up, and nobody has said which."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kehu.landing.deciding import LandingZone


@dataclass(frozen=True)
class UnconfiguredSource:
    """A source that is in the landing zone and not in ``sources.yml``.

    Attributes:
        source: its name.
        deliveries: how many of its batches count.
        rows: how many rows they have.
        twin: a configured source that has landed the same bytes: it may be the same one under another name.
    """

    source: str
    deliveries: int
    rows: int
    twin: str | None

    def describe(self) -> str:
        """One line for people."""
        twin = f"; {self.twin} has landed the same files, so that they count twice" if self.twin else ""
        return (
            f"sources.yml has no source {self.source} any more, but {self.rows:,} rows of its {self.deliveries:,} deliveries"
            f" count{twin}: `kehu landing withdraw --source {self.source}` takes them back,"
            f" `kehu landing keep {self.source}` keeps them on purpose"
        )


def unconfigured_sources(zone: LandingZone, configured: Collection[str]) -> list[UnconfiguredSource]:
    """The sources that are not configured, and that nobody has said to keep."""
    of: dict[str, list[set[str]]] = {}
    rows: dict[str, int] = {}
    for batch in zone.in_force:
        of.setdefault(batch.source, []).append(set(batch.contents))
        rows[batch.source] = rows.get(batch.source, 0) + batch.row_count
    bytes_of = {name: set().union(*contents) for name, contents in of.items()}
    found = []
    for name in sorted(of.keys() - set(configured) - zone.standing.kept):
        twins = [other for other in sorted(of.keys() & set(configured)) if bytes_of[name] & bytes_of[other]]
        found.append(UnconfiguredSource(name, len(of[name]), rows[name], twins[0] if twins else None))
    return found
