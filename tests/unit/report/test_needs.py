"""The chapter of needs: shares and indices of the release, hidden segments, a release from before there were needs."""

from __future__ import annotations

import duckdb
import pytest

from tests.unit.report.invented_release import write_report
from tests.unit.report.parsed_page import ParsedPage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(full_release, tmp_path_factory):
    return ParsedPage(write_report(full_release, tmp_path_factory.mktemp("needs") / "page.html", "en", "USD"))


@pytest.fixture(scope="module")
def heard(full_release):
    """By segmentation, segment and need: customers with a text, customers with the need."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{full_release / 'kehu.duckdb'}' as published (read_only)")
        rows = connection.execute(
            "select segmentation, segment, need, customers_who_wrote, customers_with_need "
            "from published.analytics.needs_by_segment"
        ).fetchall()
    return {row[:3]: row[3:] for row in rows}


def test_the_map_shows_the_index_of_every_need_in_every_segment_that_is_large_enough(page, heard):
    (cells,) = page.drawings["needs-lifecycle-wide"]["data"]
    large = {segment for (of, segment, _), (texts, _) in heard.items() if of == "lifecycle" and texts >= 10}
    assert len(large) > 3
    assert sum(value is not None for line in cells["z"] for value in line) == 6 * len(large)
    table = {
        row["Need"]: row
        for row in page.table("Share of customers who mention a need, with the index to everybody: Value tier")
    }
    texts, mentioned = heard["value_tier", "high", "delivery"]
    all_texts, all_mentioned = heard["all", "all", "delivery"]
    share, share_of_all = mentioned / texts, all_mentioned / all_texts
    assert table["Delivery"][f"High value (n = {texts})"] == f"{share:.1%} ({share / share_of_all:.1f})"
    assert table["Delivery"]["Everybody"] == f"{share_of_all:.1%}"


def test_the_headline_names_the_need_that_most_customers_mention(page, heard):
    mentioned = {need: counts[1] for (of, _, need), counts in heard.items() if of == "all"}
    texts = heard["all", "all", "price"][0]
    most = max(mentioned, key=lambda need: mentioned[need])
    assert (
        f"“{most.capitalize()}” is what customers speak of most: "
        f"{mentioned[most] / texts:.1%} of the {texts} customers who wrote something"
    ) in page.texts_of("h2")


def test_a_segment_of_few_writers_shows_how_many_they_are_and_no_share(make_release, tmp_path):
    hide = """update analytics.needs_by_segment set is_hidden = true, share = null, index_to_all = null, customers_who_wrote = 9
        where segment = 'churned'"""
    page = ParsedPage(write_report(make_release(hide, full=True), tmp_path / "page.html", "en", "USD"))
    rows = page.table("Share of customers who mention a need, with the index to everybody: Lifecycle stage")
    assert {row["Churned (n = 9)"] for row in rows} == {"–"}
    assert "Churned" not in page.drawings["needs-lifecycle-wide"]["layout"]["xaxis"]["ticktext"]
    assert "Too few wrote something to show a share: " in page.text


def test_a_release_from_before_there_were_needs_is_drawn(make_release, tmp_path):
    before = ("drop table analytics.needs_by_segment", "drop table analytics.needs_monthly")
    page = ParsedPage(write_report(make_release(*before, full=True), tmp_path / "page.html", "en", "USD"))
    assert any(text.startswith("No text of a customer speaks of a need") for text in page.texts_of("p.missing"))
