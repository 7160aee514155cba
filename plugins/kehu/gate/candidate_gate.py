"""The gate in front of BI: what would be published, against its suites and against the published release."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from kehu.files.fault_points import step
from kehu.gate import last_deliveries
from kehu.gate.accepted import accepted_names, of_landing
from kehu.gate.contracts import Contracts, check_contracts
from kehu.gate.data_docs import DataDocs
from kehu.gate.drift import check_drift
from kehu.gate.placeholders import Placeholders
from kehu.gate.published import OpenPublished
from kehu.gate.results import CheckResult, record, recorded, reject_if_blocked
from kehu.gate.runner import Layer, check_layer, tables_of
from kehu.gate.seeds import seed_values
from kehu.ops.checked import note_checked
from kehu.ops.finished import VERDICT, require_candidate
from kehu.ops.tables import candidate_schema
from kehu.session import Session
from kehu.settings import Settings
from kehu.warehouse.protocol import Warehouse

ALWAYS_FILLED = frozenset(
    {
        *("release", "dim_customers", "dim_dates", "fct_orders"),
        *("customer_rfm", "customer_lifetime_value", "customer_lifecycle"),
    }
)
"""A release in which one of these is empty is no release; a suite can add to them, not take away."""

WITHOUT_SUITE = frozenset({"data_quality"})
"""``data_quality`` publishes the gate's own results, so it is filled after the gate and has nothing to check before."""


def check_candidate(
    settings: Settings,
    warehouse: Warehouse,
    release_id: str,
    as_of: date,
    accept_drift: Sequence[str] = (),
    *,
    contracts: Contracts,
    open_published: OpenPublished,
    variables: Mapping[str, object] | None = None,
    increments: Collection[str] = (),
) -> list[CheckResult]:
    """Hold a candidate against its contracts, ``expectations/marts`` and the published release; write the results down.

    Args:
        settings: where suites and data docs are.
        warehouse: the warehouse that holds the candidate's schema; the caller holds its lock.
        release_id: the candidate; earlier results of its marts and drift checks are replaced.
        as_of: the business day of the candidate.
        accept_drift: names of drift checks whose failure is meant to be.
        contracts: type by column by table, as dbt's manifest of the candidate has them.
        open_published: opens the release that BI reads, to compare with.
        variables: the dbt vars in force, which suites may name.
        increments: sources of which every batch counts, as it only adds to those before it.

    Returns:
        Every check, those that did not pass without blocking included.

    Raises:
        UsageError: an entry of ``accept_drift`` is no name of a check.
        ReleaseError: there is no such candidate; what is written down of earlier checks stays as it is.
        CandidateRejected: a critical check failed, or a check could not be evaluated.
    """
    accepted = accepted_names(accept_drift)
    schema = candidate_schema(release_id)
    with warehouse.session() as session:
        require_candidate(tables_of(session, schema), release_id)
    docs = DataDocs(settings.data_docs_dir / release_id)
    with docs.building("marts") as site, warehouse.session() as session:
        _begin(session, release_id)
        placeholders = Placeholders(
            schema=schema,
            as_of=as_of,
            variables=variables or {},
            replaced_batches=last_deliveries.replaced_batches(session, increments),
            seed_values=seed_values(session),
        )
        layer = _marts(settings, release_id, placeholders)
        results = [*check_contracts(session, layer, contracts), *check_layer(session, layer, site)]
        results += check_drift(
            settings,
            session,
            open_published,
            release_id=release_id,
            as_of=as_of,
            accepted=accepted - of_landing(accepted),
            ignored=WITHOUT_SUITE,
        )
        step("gate:marts")
        record(session, release_id, VERDICT, results)
        everything = recorded(session, release_id)
    docs.write_index(release_id, everything)
    step("gate:recorded")
    reject_if_blocked("the candidate", results, docs.index)
    return results


def _begin(session: Session, release_id: str) -> None:
    """Forget an earlier verdict, so that a gate that is killed halfway leaves none, and note what this one sees."""
    record(session, release_id, VERDICT, [])
    with session.transaction():
        note_checked(session, release_id, tables_of(session, candidate_schema(release_id)))


def _marts(settings: Settings, release_id: str, placeholders: Placeholders) -> Layer:
    return Layer(
        release_id=release_id,
        name="marts",
        schema=candidate_schema(release_id),
        suites=settings.expectations / "marts",
        placeholders=placeholders,
        without_suite=WITHOUT_SUITE,
        always_filled=ALWAYS_FILLED,
    )
