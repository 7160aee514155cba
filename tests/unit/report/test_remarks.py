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


IN_WORDS = {
    "en": ("5 rows in quarantine", "40 orders are worth", "fct_orders.rare: 7", "Warning", "Noted", "shows them"),
    "zh": ("orders：5 行被隔离", "orders：40 笔订单", "fct_orders.rare：7", "警告", "提示", "kehu quarantine orders"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_came_in_stands_first_and_each_entry_says_what_shows_it(make_release, tmp_path, language):
    release = make_release(
        row("marts", "fct_orders", "rare", "warning", "failed", "7", "worth a look"),
        row(
            "intake",
            "orders",
            "goods_are_delivered",
            "warning",
            "noted",
            "40 orders are worth what their total leaves",
            "`kehu checks`",
        ),
        row(
            "intake",
            "orders",
            "rows_can_be_used",
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

    places = [shown.index(text) for text in IN_WORDS[language][:3]]
    assert places == sorted(places)
    assert "`kehu quarantine orders`" in shown
    assert all(word in shown for word in IN_WORDS[language])
    assert "fine" not in shown
    assert page.source.index('class="remarks-first"') < page.source.index('<nav class="contents"')


def test_nothing_recorded_in_english_stands_open_on_a_chinese_page(make_release, tmp_path):
    release = make_release(
        row("intake", "orders", "rows_can_be_used", "warning", "failed", "85 rows in quarantine", "a reason"),
        row("marts", "fct_orders", "rare", "warning", "failed", "0.0245", "a growing share is data lost"),
    )
    page = ParsedPage(write_report(release, tmp_path / "page.html", "zh", "CNY"))
    rows = page.table("未直接通过的检查")
    assert [(row["检查"], row["实际"], row["预期"], row["原因"]) for row in rows] == [
        ("rows_can_be_used", "85 行被隔离", "", ""),
        ("rare", "0.0245", "", ""),
    ]
    recorded = page.table("检查记录（英文原文）")
    assert [row["原因"] for row in recorded] == ["a reason", "a growing share is data lost"]


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
