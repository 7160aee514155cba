"""The last lines of a run: what came in first, what is lost before what is said, each with what shows it."""

from __future__ import annotations

from typing import Any

from kehu.gate.results import CheckResult
from kehu.pipeline.remarks import closing_lines, remarks


def check(layer: str, table: str, status: Any, severity: Any = "warning", observed: str = "2 rows") -> CheckResult:
    return CheckResult("r", layer, table, "is_right", severity, status, observed, "0 rows", "`kehu checks` shows it")


def test_nothing_to_tell_is_said_in_words() -> None:
    lines = list(closing_lines([check("marts", "fct_orders", "passed"), check("marts", "tickets", "skipped")]))

    assert lines == ["Nothing is in quarantine, no check warned, nothing was cleaned, derived or assumed."]


def test_what_came_in_stands_before_what_was_computed_and_loss_before_remarks() -> None:
    lines = remarks(
        [
            check("marts", "fct_orders", "failed"),
            check("intake", "orders", "noted"),
            check("drift", "kpi_monthly", "accepted", "critical"),
            check("intake", "customers", "failed"),
            check("landing", "orders", "passed"),
        ]
    )

    assert lines == [
        "  warning   customers: 2 rows — `kehu checks` shows it",
        "  noted     orders: 2 rows — `kehu checks` shows it",
        "  warning   marts: fct_orders.is_right: 2 rows, expected 0 rows — `kehu checks` shows it",
        "  accepted  drift: kpi_monthly.is_right: 2 rows, expected 0 rows — `kehu checks` shows it",
    ]


def test_a_check_that_blocks_is_called_that() -> None:
    assert remarks([check("marts", "fct_orders", "failed", "critical")])[0].startswith("  blocked ")
    assert remarks([check("marts", "fct_orders", "error", "critical")])[0].startswith("  blocked ")


def test_of_many_of_a_kind_some_are_shown_and_the_others_counted() -> None:
    many = [check("intake", f"t{number}", "noted") for number in range(15)]

    assert len(remarks(many)) == 13
    assert remarks(many)[-1] == "  … and 3 more of this kind: `kehu checks`"
    assert len(remarks(many, limit=None)) == 15
