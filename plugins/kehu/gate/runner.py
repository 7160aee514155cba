"""Checks the tables of one schema against the suites of one layer, and fails closed: what cannot be checked blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kehu.errors import KehuError
from kehu.gate.expectation import Suite
from kehu.gate.gx.lean_import import lean_import
from kehu.gate.gx.quiet import quiet
from kehu.gate.outcomes import Outcome, expected_text, safe_message
from kehu.gate.placeholders import Placeholders
from kehu.gate.results import NOTHING_CRITICAL, WHOLE_LAYER, CheckResult, Severity, Status, without_repeated_names
from kehu.gate.suites import SuiteInvalid, load_suite, suite_files
from kehu.ops.batches import expected_entities
from kehu.session import Session, one_value


@dataclass(frozen=True)
class Layer:
    """What is checked against what.

    Args:
        name: ``landing`` or ``marts``; the layer of the recorded checks.
        schema: the schema that holds the tables.
        suites: the folder of the suites.
        placeholders: what the suites leave open.
        without_suite: tables of the schema that need no suite.
        always_filled: tables that must hold rows whatever the sources deliver.
        queries: the rows that the expectations of a table are about, where they are not about all.
        only: the tables that are looked at, without pages of what was found; None looks at all.
    """

    release_id: str
    name: str
    schema: str
    suites: Path
    placeholders: Placeholders
    without_suite: frozenset[str] = field(default=frozenset())
    always_filled: frozenset[str] = field(default=frozenset())
    queries: Mapping[str, str] = field(default_factory=dict)
    only: frozenset[str] | None = None

    def result(
        self,
        table: str,
        check: str,
        status: Status,
        *,
        observed: str,
        expected: str,
        reason: str,
        severity: Severity = "critical",
    ) -> CheckResult:
        """A check of this layer."""
        return CheckResult(self.release_id, self.name, table, check, severity, status, observed, expected, reason)


def check_layer(session: Session, layer: Layer, site: Path) -> list[CheckResult]:
    """Evaluate the suites of a layer; whatever goes wrong becomes a check that blocks.

    Args:
        session: an open session of the warehouse.
        layer: what to check.
        site: an empty folder for the pages of Great Expectations.
    """
    results: list[CheckResult] = []
    try:
        for found in _checks(session, layer, site):
            results.append(found)
    except Exception as error:
        results.append(_error(layer, WHOLE_LAYER, "gate_ran_to_its_end", error, "the gate ran to its end"))
    return without_repeated_names(results)


def _checks(session: Session, layer: Layer, site: Path) -> Iterator[CheckResult]:
    with quiet(), lean_import():
        from kehu.gate.gx.gx_run import GreatExpectations

    files = suite_files(layer.suites)
    tables = tables_of(session, layer.schema) - layer.without_suite
    if layer.only is not None:
        files, tables = {name: file for name, file in files.items() if name in layer.only}, tables & layer.only
    yield from _unmatched(layer, set(files), tables)
    delivered = expected_entities(session)
    great_expectations = GreatExpectations(session, site)
    evaluated, critical = 0, 0
    try:
        for table in sorted(set(files) & tables):
            try:
                suite = load_suite(files[table], layer.placeholders, table)
                rows = one_value(session, f'select count(*) from {layer.schema}."{table}"')
                yield _filled(layer, suite, rows, delivered)
                outcomes = _validate(great_expectations, layer, suite) if rows else []
                yield from [_of_expectation(layer, table, outcome) for outcome in outcomes]
                evaluated += sum(1 for outcome in outcomes if outcome.problem is None)
                critical += sum(1 for outcome in outcomes if outcome.expectation.severity == "critical")
            except SuiteInvalid as error:
                yield _error(layer, table, "suite_is_valid", error, "a suite that can be evaluated")
            except Exception as error:  # of this table alone: the others are still checked
                yield _error(layer, table, "table_was_checked", error, "a table that can be checked")
        yield _something_evaluated(layer, evaluated)
        if evaluated and not critical:
            yield _nothing_critical(layer, evaluated)
        if layer.only is None:
            great_expectations.build_data_docs()
    finally:
        great_expectations.close()


def _validate(great_expectations: Any, layer: Layer, suite: Suite) -> list[Outcome]:
    try:
        outcomes: list[Outcome] = great_expectations.validate(
            suite, layer.schema, layer.name, layer.queries.get(suite.table)
        )
        return outcomes
    except Exception as error:
        problem = _message(error)
        return [Outcome(expectation, False, "nothing", problem) for expectation in suite.expectations]


def _unmatched(layer: Layer, suites: set[str], tables: set[str]) -> Iterator[CheckResult]:
    every = "a suite for every table"
    if not suites:
        yield layer.result(
            WHOLE_LAYER,
            "suites_exist",
            "failed",
            observed="no suite",
            expected=every,
            reason="nothing would be checked",
        )
    for table in sorted(tables - suites):
        reason = f"what nobody checks is not published: write {layer.suites.name}/{table}.yml"
        yield layer.result(table, "suite_exists", "failed", observed="no suite", expected=every, reason=reason)
    for table in sorted(suites - tables):
        reason = "a table that has a suite was not built, or has another name"
        expected = f"a table in {layer.schema}"
        yield layer.result(table, "table_exists", "failed", observed="no such table", expected=expected, reason=reason)


def _filled(layer: Layer, suite: Suite, rows: int, delivered: Mapping[str, bool]) -> CheckResult:
    required = suite.must_not_be_empty or suite.table in layer.always_filled
    sources = " or ".join(entity for entity in suite.entities if delivered.get(entity))
    status: Status = "passed" if rows else "failed" if required or sources else "skipped"
    if status == "skipped":
        reason = f"no source delivers {' or '.join(suite.entities)}" if suite.entities else "no source must fill it"
    else:
        reason = "no release without it" if required else f"a source delivers {sources}" if sources else "it has rows"
    expected = "at least 1 row" if required or sources else "rows, or no source"
    return layer.result(suite.table, "not_empty", status, observed=f"{rows} rows", expected=expected, reason=reason)


def _of_expectation(layer: Layer, table: str, outcome: Outcome) -> CheckResult:
    expectation = outcome.expectation
    status: Status = "passed" if outcome.success else "failed"
    if outcome.problem is not None:
        status = "error"
    return layer.result(
        table,
        expectation.name,
        status,
        observed=outcome.problem or outcome.observed,
        expected=expected_text(expectation),
        reason=expectation.reason,
        severity=expectation.severity,
    )


def _something_evaluated(layer: Layer, evaluated: int) -> CheckResult:
    return layer.result(
        WHOLE_LAYER,
        "expectations_were_evaluated",
        "passed" if evaluated else "failed",
        observed=f"{evaluated} evaluated",
        expected="at least 1 evaluated",
        reason="a gate that checks nothing must not open",
    )


def _nothing_critical(layer: Layer, evaluated: int) -> CheckResult:
    """The owner's right, but nobody should find it out by chance."""
    return layer.result(
        WHOLE_LAYER,
        NOTHING_CRITICAL,
        "failed",
        observed=f"0 critical among {evaluated} expectations",
        expected="at least 1 critical expectation",
        reason="every expectation of these suites is a warning: whatever they find, it is let through",
        severity="warning",
    )


def tables_of(session: Session, schema: str) -> set[str]:
    """The names of the tables and views of a schema; none where there is no such schema."""
    rows = session.rows(
        "select table_name from information_schema.tables"
        " where table_schema = ? and table_catalog = current_database()",
        [schema],
    )
    return {row[0] for row in rows}


def _error(layer: Layer, table: str, check: str, error: Exception, expected: str) -> CheckResult:
    reason = "what cannot be checked is not published"
    return layer.result(table, check, "error", observed=_message(error), expected=expected, reason=reason)


def _message(error: Exception) -> str:
    return str(error) if isinstance(error, KehuError) else safe_message(str(error), type(error).__name__)
