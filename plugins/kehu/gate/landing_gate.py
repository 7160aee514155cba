"""The gate behind the landing zone: what came in, before anything is computed from it."""

from __future__ import annotations

from collections.abc import Collection

from kehu.files.fault_points import step
from kehu.gate import last_deliveries
from kehu.gate.data_docs import DataDocs
from kehu.gate.placeholders import Placeholders
from kehu.gate.results import CheckResult, record, recorded, reject_if_blocked
from kehu.gate.runner import Layer, check_layer
from kehu.settings import Settings
from kehu.warehouse.protocol import Warehouse

LAYER = "landing"


def check_landing(
    settings: Settings, warehouse: Warehouse, release_id: str, increments: Collection[str] = ()
) -> list[CheckResult]:
    """Hold the last deliveries in ``landing.<entity>`` against ``expectations/landing`` and write the results down.

    Args:
        settings: where suites and data docs are.
        warehouse: the warehouse whose landing views the run shows; the caller holds its lock.
        release_id: the run for which the results are recorded; earlier ones of its landing checks are replaced.
        increments: sources of which every batch counts, as it only adds to those before it.

    Returns:
        Every check, those that did not pass without blocking included.

    Raises:
        CandidateRejected: a critical check failed, or a check could not be evaluated.
    """
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
        step("gate:landing")
        record(session, release_id, (LAYER,), results)
        everything = recorded(session, release_id)
    docs.write_index(release_id, everything)
    step("gate:recorded")
    reject_if_blocked("what came in", results, docs.index)
    return results
