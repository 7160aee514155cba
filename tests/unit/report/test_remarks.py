"""The first screen says what to know before the figures are believed, each with what shows it."""

from __future__ import annotations

import pytest

from tests.unit.report.invented_release import write_report
from tests.unit.report.parsed_page import ParsedPage

pytestmark = pytest.mark.slow


def row(layer: str, table: str, check: str, severity: str, status: str, observed: str, reason: str) -> str:
    """One more check of the release."""
    values = ", ".join(f"'{one}'" for one in (layer, table, check, severity, status, observed, "none", reason))
    return f"insert into analytics.data_quality values ('r20240317_made', date '2024-03-17', {values})"


def first_screen(page: ParsedPage) -> str:
    """What stands above the contents."""
    return page.source.split('<aside class="remarks-first"')[1].split("</aside>")[0].replace("<wbr>", "")


@pytest.mark.parametrize(("language", "words"), [("en", ("Warning", "Noted")), ("zh", ("警告", "提示"))])
def test_what_came_in_stands_first_and_each_entry_says_what_shows_it(make_release, tmp_path, language, words):
    release = make_release(
        row("marts", "fct_orders", "rare", "warning", "failed", "7 rows", "worth a look"),
        row(
            "intake",
            "orders",
            "goods",
            "warning",
            "noted",
            "40 orders are worth what their total leaves",
            "`kehu checks`",
        ),
        row(
            "intake",
            "orders",
            "used",
            "warning",
            "failed",
            "5 rows in quarantine",
            "`kehu quarantine orders` shows them",
        ),
        row("marts", "dim_customers", "fine", "critical", "passed", "0", "why"),
        full=False,
    )
    page = ParsedPage(write_report(release, tmp_path / "page.html", language, "USD"))

    shown = first_screen(page)

    places = [shown.index(text) for text in ("5 rows in quarantine", "40 orders", "fct_orders.rare: 7 rows")]
    assert places == sorted(places)
    assert "`kehu quarantine orders` shows them" in shown
    assert all(word in shown for word in words)
    assert "fine" not in shown
    assert page.source.index('class="remarks-first"') < page.source.index('<nav class="contents"')


def test_a_release_of_which_there_is_nothing_to_tell_says_so(make_release, tmp_path):
    release = make_release(row("marts", "dim_customers", "fine", "critical", "passed", "0", "why"))

    shown = first_screen(ParsedPage(write_report(release, tmp_path / "page.html", "en", "USD")))

    assert "Nothing is in quarantine, no check warned, nothing was cleaned, derived or assumed." in shown
    assert "<li>" not in shown


def test_of_many_entries_the_first_are_shown_and_the_others_counted(make_release, tmp_path):
    rows = [row("intake", f"t{number}", "used", "warning", "failed", "1 row", "look") for number in range(11)]

    shown = first_screen(ParsedPage(write_report(make_release(*rows), tmp_path / "page.html", "en", "USD")))

    assert shown.count("<li>") == 8
    assert "3 more are under “Data quality”." in shown
