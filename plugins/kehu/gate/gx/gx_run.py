"""Runs suites through Great Expectations. Imports Great Expectations: import this module inside functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from great_expectations import ExpectationSuite
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context import EphemeralDataContext, get_context
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)

from kehu.gate.expectation import Suite
from kehu.gate.gx.gx_expectations import build
from kehu.gate.gx.gx_source import add_source
from kehu.gate.gx.quiet import quiet
from kehu.gate.outcomes import Outcome, observed_text, problem_text, safe_result
from kehu.session import Session

_RESULT_FORMAT = {
    "result_format": "SUMMARY",
    "partial_unexpected_count": 0,
    "include_unexpected_rows": False,
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}
"""Counts only. What slips through is taken out by ``safe_result`` before anything is stored or rendered."""


class GreatExpectations:
    """One context, one data source, one site: everything that a layer's suites share.

    Args:
        session: an open session of the warehouse.
        site: an empty folder in which the data docs are built.
    """

    def __init__(self, session: Session, site: Path) -> None:
        with quiet():
            self._context = _context(site)
            self._source = add_source(self._context, session)
        self._site, self._stored = site, 0
        self._run = RunIdentifier(run_name="gate")

    def validate(self, suite: Suite, schema: str, layer: str, query: str | None = None) -> list[Outcome]:
        """Evaluate every expectation of a suite; one that raises is an outcome with a problem, never lost.

        Args:
            suite: what is expected.
            schema: the schema of the suite's table.
            layer: its layer.
            query: the rows of the table that count, where not all do.
        """
        with quiet():
            if query is None:
                asset = self._source.add_table_asset(suite.table, table_name=suite.table, schema_name=schema)
            else:
                asset = self._source.add_query_asset(suite.table, query=query)
            batch = asset.add_batch_definition_whole_table("all").get_batch()
            gx_suite = ExpectationSuite(f"{layer}.{suite.table}", expectations=[build(e) for e in suite.expectations])
            results = batch.validate(gx_suite, result_format=_RESULT_FORMAT)
            if any(problem_text(result.exception_info or {}) for result in results.results):
                # One failing query takes the others of its bundle with it: ask again, one at a time.
                results.results = [batch.validate(build(e), result_format=_RESULT_FORMAT) for e in suite.expectations]
            outcomes = _outcomes(suite, results.results)
            self._store(gx_suite.name, results)
        return outcomes

    def build_data_docs(self) -> None:
        """Render the stored results as HTML into the site's folder.

        Raises:
            RuntimeError: a page is missing; Great Expectations only logs what it cannot render.
        """
        with quiet():
            self._context.build_data_docs(build_index=False)
        pages = len(list(self._site.glob("validations/**/*.html")))
        if pages != self._stored:
            raise RuntimeError(f"{self._stored - pages} of {self._stored} pages could not be rendered")

    def close(self) -> None:
        """Close what this side has opened; the session stays the caller's."""
        self._source.release()

    def _store(self, name: str, results: ExpectationSuiteValidationResult) -> None:
        self._stored += 1
        results.success = all(result.success for result in results.results)
        results.meta["run_id"] = self._run
        results.meta["validation_time"] = self._run.run_time
        suite = ExpectationSuiteIdentifier(name)
        self._context.validation_results_store.store_validation_results(
            results, ValidationResultIdentifier(suite, self._run, results.batch_id), suite
        )


def _outcomes(suite: Suite, results: list[ExpectationValidationResult]) -> list[Outcome]:
    found: dict[str, ExpectationValidationResult] = {r.expectation_config.meta["name"]: r for r in results}
    outcomes = []
    for expectation in suite.expectations:
        result = found.get(expectation.name)
        if result is None:
            outcomes.append(Outcome(expectation, False, "nothing", "Great Expectations gave no answer"))
            continue
        problem = problem_text(result.exception_info or {})
        success = bool(result.success) and problem is None
        result.result = safe_result(expectation, result.result or {})
        result.exception_info = _stored_exception(problem)
        outcomes.append(Outcome(expectation, success, observed_text(expectation, result.result, success), problem))
    return outcomes


def _stored_exception(problem: str | None) -> dict[str, Any]:
    return {"raised_exception": problem is not None, "exception_message": problem, "exception_traceback": ""}


def _context(site: Path) -> EphemeralDataContext:
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        data_docs_sites={
            "kehu": {
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,
                "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)},
                "site_section_builders": {"expectations": "None", "profiling": "None"},
            }
        },
        progress_bars={"globally": False},
        analytics_enabled=False,
    )
    context = get_context(mode="ephemeral", project_config=config)
    assert isinstance(context, EphemeralDataContext)
    return context
