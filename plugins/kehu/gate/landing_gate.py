"""The gate behind the landing zone: what came in, before anything is computed from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kehu.files.fault_points import step
from kehu.gate import last_deliveries
from kehu.gate.accepted import accepted_names, of_landing, with_accepted
from kehu.gate.data_docs import DataDocs
from kehu.gate.delivered_columns import check_delivered_columns
from kehu.gate.placeholders import Placeholders
from kehu.gate.results import CheckResult, record, recorded, reject_if_blocked
from kehu.gate.runner import Layer, check_layer
from kehu.settings import Settings
from kehu.warehouse.protocol import Warehouse

LAYER = "landing"


def check_landing(
    settings: Settings,
    warehouse: Warehouse,
    release_id: str,
    increments: Collection[str] = (),
    *,
    published: Collection[str] = (),
    accept_drift: Sequence[str] = (),
) -> list[CheckResult]:
    """Hold the last deliveries in ``landing.<entity>`` against ``expectations/landing`` and those before them.

    The results are written down.

    Args:
        settings: where suites and data docs are.
        warehouse: the warehouse whose landing views the run shows; the caller holds its lock.
        release_id: the run for which the results are recorded; earlier ones of its landing checks are replaced.
        increments: sources of which every batch counts, as it only adds to those before it.
        published: ids of the batches that stand behind a kept release.
        accept_drift: names of checks on columns that are meant to be gone; other names are for the gate in front of BI.

    Returns:
        Every check, those that did not pass without blocking included.

    Raises:
        UsageError: an entry of ``accept_drift`` is no name of a check.
        CandidateRejected: a critical check failed, or a check could not be evaluated.
    """
    accepted = of_landing(accepted_names(accept_drift))
    docs = DataDocs(settings.data_docs_dir / release_id)
    with docs.building(LAYER) as site, warehouse.session() as session:
        # A gate that is killed halfway must not leave an earlier verdict behind.
        record(session, release_id, (LAYER,), [])
        layer = Layer(
            release_id=release_id,
            name=LAYER,
            schema="landing",
            suites=settings.expectations / LAYER,
            placeholders=Placeholders(schema="landing"),
            queries=last_deliveries.queries(session, increments),
        )
        results = check_layer(session, layer, site)
        gone = check_delivered_columns(session, release_id, LAYER, published, increments)
        results += with_accepted(release_id, LAYER, gone, accepted)
        step("gate:landing")
        record(session, release_id, (LAYER,), results)
        everything = recorded(session, release_id)
    docs.write_index(release_id, everything)
    step("gate:recorded")
    reject_if_blocked("what came in", results, docs.index)
    return results
