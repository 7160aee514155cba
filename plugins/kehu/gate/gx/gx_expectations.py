"""Great Expectations' vocabulary as suites may use it. Imports it, so import this module inside functions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import great_expectations.expectations  # noqa: F401  (registers the core expectations)
from great_expectations.compatibility import pydantic
from great_expectations.exceptions import ExpectationNotFoundError
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.registry import (
    get_expectation_impl,
    list_registered_expectation_implementations,
)

from kehu.errors import nearest
from kehu.gate.expectation import Expectation
from kehu.gate.outcomes import expected_text

_NOT_IN_SQL = (
    *("regex", "like_pattern", "strftime", "dateutil", "json", "increasing", "decreasing"),
    *("of_type", "in_type_list", "type_to_be", "kl_divergence", "chisquare", "ks_test", "cramers_phi"),
)
"""Parts of the names of expectations that Great Expectations cannot evaluate in DuckDB's SQL."""


class ExpectationInvalid(ValueError):
    """Great Expectations does not know the type, cannot evaluate it here, or cannot build it from the arguments."""

    def __init__(self, problem: str, *, fix: str = "", nearest: list[str] | None = None) -> None:
        super().__init__(problem)
        self.fix = fix
        self.nearest = nearest or []


class ExpectQueryValueToBeBetween(BatchExpectation):
    """Expect the one figure that a query returns to lie within bounds.

    Unlike ``unexpected_rows_expectation`` it says what was observed: a share, an age in days.

    Args:
        query: SQL that returns one row with one number, ``{batch}`` is the table; no row or null fails.
        min_value: lowest figure that passes; None is unbounded.
        max_value: highest figure that passes; None is unbounded.
    """

    query: str
    min_value: float | None = None
    max_value: float | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = ("query.table",)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id", "row_condition", "condition_parser")
    success_keys: ClassVar[tuple[str, ...]] = ("query", "min_value", "max_value")

    def _validate(self, metrics: dict[str, Any], *_: object, **__: object) -> dict[str, Any]:
        rows = metrics["query.table"]
        if len(rows) > 1 or any(len(row) != 1 for row in rows):
            raise ValueError("the query must return one row with one number")
        value = next(iter(rows[0].values())) if rows else None
        if value is not None and not isinstance(value, (int, float, Decimal)):
            raise TypeError("the query must return a number")
        observed = None if value is None else float(value)
        above = observed is not None and (self.min_value is None or observed >= self.min_value)
        below = observed is not None and (self.max_value is None or observed <= self.max_value)
        return {"success": above and below, "result": {"observed_value": observed}}


def build(expectation: Expectation) -> BatchExpectation:
    """The expectation as Great Expectations' own object.

    Raises:
        ExpectationInvalid: the type is unknown or does not work here, or an argument is wrong.
    """
    implementation = _implementation(expectation.type)
    _query_reads_the_batch(expectation)
    _sets_are_given(expectation)
    own = {"severity": expectation.severity, "meta": {"name": expectation.name}}
    try:
        implementation(
            **{**expectation.arguments, **own}
        )  # names a wrong argument, which the text below only trips over
        # The description is what the data docs show of the expectation.
        shown = f"{expectation.name}: {expected_text(expectation)}. {expectation.reason}"
        return implementation(**{**expectation.arguments, **own, "description": shown})
    except pydantic.ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ExpectationInvalid(f"the arguments are not valid: {wrong}") from None
    except Exception as error:
        raise ExpectationInvalid(f"the arguments are not valid: {type(error).__name__}") from None


def known_types() -> list[str]:
    """The expectation types that a suite may use."""
    registered = list_registered_expectation_implementations()
    return sorted(name for name in registered if not any(part in name for part in _NOT_IN_SQL))


def _implementation(name: str) -> Any:
    if any(part in name for part in _NOT_IN_SQL):
        raise ExpectationInvalid(
            "this expectation does not work in SQL on DuckDB", fix="say it as an unexpected_rows_expectation with SQL"
        )
    try:
        return get_expectation_impl(name)
    except ExpectationNotFoundError:
        raise ExpectationInvalid("unknown expectation type", nearest=nearest(name, known_types())) from None


def _sets_are_given(expectation: Expectation) -> None:
    for name in ("value_set", "column_set"):
        # Great Expectations takes a set that is null for "anything goes".
        if expectation.arguments.get(name, ()) is None:
            raise ExpectationInvalid(f"the arguments are not valid: {name} is empty", fix=f"list the {name}")


def _query_reads_the_batch(expectation: Expectation) -> None:
    query = expectation.arguments.get("unexpected_rows_query")
    if expectation.type == "unexpected_rows_expectation" and "{batch}" not in str(query):
        raise ExpectationInvalid("`unexpected_rows_query` must read from {batch}, which stands for the table")
