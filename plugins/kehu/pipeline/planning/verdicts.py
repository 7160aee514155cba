"""What dbt's tests, the gate and the drift check would say of a plan; nothing is written down."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path

from kehu.gate import last_deliveries
from kehu.gate.candidate_gate import ALWAYS_FILLED, WITHOUT_SUITE
from kehu.gate.contracts import check_contracts
from kehu.gate.drift import check_drift
from kehu.gate.placeholders import Placeholders
from kehu.gate.results import WHOLE_LAYER, CheckResult
from kehu.gate.runner import Layer, check_layer
from kehu.gate.seeds import seed_values
from kehu.ops.checks import recorded_checks
from kehu.pipeline.planning.building import Building
from kehu.plan.outcome import Verdict
from kehu.release.catalog import reading_current
from kehu.session import Session
from kehu.transform.results import NodeResult

_BAD = {"failed", "error"}


def gate_verdicts(
    building: Building, tables: Collection[str], suites: Collection[str], increments: Collection[str]
) -> tuple[int, list[Verdict]]:
    """Hold the plan against contracts, suites and the published release.

    Args:
        building: what was built.
        tables: the published tables that differ: the others were judged when the release was.
        suites: the tables whose suite was edited.
        increments: sources of which every batch counts.

    Returns:
        How many checks were made, and those that would not pass and were not there at publication.
    """
    base, settings = building.base, building.settings
    with building.scratch.session() as session:
        only = frozenset(tables) | frozenset(suites)
        layer = _layer(building, session, only, increments)
        contracts = {
            n.name: n.columns for n in building.project.nodes.values() if n.schema == base.schema and n.has_contract
        }
        results = [one for one in check_contracts(session, layer, contracts) if one.table_name in only]
        if only:
            results += check_layer(session, layer, building.scratch.folder / "data_docs")
        results += check_drift(
            settings,
            session,
            partial(reading_current, settings),
            release_id=base.release_id,
            as_of=base.run.as_of,
            accepted=frozenset(),
            ignored=WITHOUT_SUITE,
        )
        before = {(check[1], check[2], check[3]): check[5] for check in recorded_checks(session, base.release_id)}
    found = [one for one in results if one.status in _BAD and _is_new(one, before)]
    return len(results), [_verdict(one) for one in found]


def test_verdicts(building: Building, results: Iterable[NodeResult]) -> list[Verdict]:
    """The tests of the transformation that fail."""
    found = []
    for node in results:
        if node.status in ("pass", "skipped"):
            continue
        test = building.project.nodes[node.node_id]
        tested = building.project.nodes.get(test.tested or "")
        rows = "1 row" if node.failures == 1 else f"{node.failures} rows"
        severity = "warning" if node.status == "warn" else "critical"
        observed = node.message.strip() if node.status == "error" else rows
        table = tested.name if tested else WHOLE_LAYER
        found.append(Verdict("dbt", table, test.name, severity, observed, "no row", "a test of the transformation"))
    return found


def _layer(building: Building, session: Session, only: frozenset[str], increments: Collection[str]) -> Layer:
    base, settings = building.base, building.settings
    placeholders = Placeholders(
        schema=base.schema,
        as_of=base.run.as_of,
        variables=dict(building.variables),
        replaced_batches=last_deliveries.replaced_batches(session, increments),
        seed_values=seed_values(session),
    )
    return Layer(
        release_id=base.release_id,
        name="marts",
        schema=base.schema,
        suites=settings.expectations / "marts",
        placeholders=placeholders,
        without_suite=WITHOUT_SUITE,
        always_filled=ALWAYS_FILLED,
        only=only,
    )


def _is_new(result: CheckResult, before: dict[tuple[str, str, str], str]) -> bool:
    return before.get((result.layer, result.table_name, result.check_name)) not in _BAD


def _verdict(one: CheckResult) -> Verdict:
    return Verdict(one.layer, one.table_name, one.check_name, one.severity, one.observed, one.expected, one.reason)


def edited_suites(files: Iterable[str]) -> set[str]:
    """The tables whose suites are among the edited files."""
    return {Path(file).stem for file in files if file.startswith("marts/")}
