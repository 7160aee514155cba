"""Where a release comes from, and with that its manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kehu.errors import ReleaseError
from kehu.ops.batches import last_extractions
from kehu.ops.erasures import applied_erasures
from kehu.release.candidate import CandidateFacts
from kehu.release.ids import ReleaseId, as_utc
from kehu.release.manifest import BatchReference, Manifest, Rules, SourceFreshness, TableSummary, content_checksum
from kehu.release.rules import rules_of
from kehu.session import Session
from kehu.settings import Settings

LATEST_ORDERS = "select split_part(order_id, ':', 1), max(order_date) from {schema}.fct_orders group by 1"
"""The latest business date of an order by source."""


@dataclass(frozen=True)
class Origin:
    """What is known of a release before it is stored; ``extractions`` is the latest one by source."""

    release_id: ReleaseId
    previous: str | None
    published_at: datetime
    warehouse: str
    batches: tuple[BatchReference, ...]
    rules: Rules
    extractions: Mapping[str, datetime]
    erasures: tuple[str, ...] = ()

    def manifest(
        self, facts: CandidateFacts, tables: dict[str, TableSummary], latest_orders: Mapping[str, date], size: int
    ) -> Manifest:
        """The manifest of the stored release.

        Args:
            facts: what the candidate said of itself.
            tables: what was really written.
            latest_orders: the business date of the latest order by source.
            size: bytes that the release takes.
        """
        return Manifest(
            release_id=self.release_id,
            as_of_date=self.release_id.as_of,
            built_at=facts.built_at,
            published_at=self.published_at,
            previous_release_id=self.previous,
            code_version=facts.code_version,
            warehouse=self.warehouse,
            content_checksum=content_checksum(tables),
            file_bytes=size,
            freshness=self._freshness(latest_orders),
            rules=self.rules,
            tables=tables,
            batches=self.batches,
            erasures=self.erasures,
        )

    def _freshness(self, latest_orders: Mapping[str, date]) -> tuple[SourceFreshness, ...]:
        return tuple(
            SourceFreshness(
                source=source, extracted_at=self.extractions.get(source), order_date=latest_orders.get(source)
            )
            for source in sorted({batch.source for batch in self.batches} | set(latest_orders))
        )


def origin_of(
    settings: Settings, session: Session, release_id: ReleaseId, previous: str | None, now: datetime
) -> Origin:
    """Gather it from the record of the run, ops metadata and the rules of its candidate.

    Raises:
        ReleaseError: the record of the run is not there.
    """
    batches = recorded_batches(settings, release_id)
    return Origin(
        release_id=release_id,
        previous=previous,
        published_at=as_utc(now),
        warehouse=settings.warehouse,
        batches=batches,
        rules=rules_of(settings, session, release_id),
        extractions=last_extractions(session, [batch.batch_id for batch in batches]),
        # An erasure leaves no candidate behind, so this one was built from rows that had been through the same.
        erasures=applied_erasures(session),
    )


def recorded_batches(settings: Settings, release_id: ReleaseId) -> tuple[BatchReference, ...]:
    """What the run was built from, as its record says.

    Raises:
        ReleaseError: the record is not there, or does not say it.
    """
    file = settings.runs_dir / release_id / "run.json"
    try:
        recorded = json.loads(file.read_text(encoding="utf-8"))["batches"]
    except (OSError, ValueError, KeyError):
        raise ReleaseError(
            "the record of the run does not say which batches it was built from",
            fix="start a new run",
            release=release_id,
            file=file.name,
        ) from None
    found = [BatchReference.model_validate(batch) for batch in recorded]
    return tuple(sorted(found, key=lambda batch: (batch.source, batch.entity, batch.batch_id)))
