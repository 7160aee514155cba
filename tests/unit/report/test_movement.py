"""The chapter on movement against the single rows of the release."""

from __future__ import annotations

from collections import Counter

import duckdb
import pytest

from tests.unit.report.invented_release import write_report
from tests.unit.report.parsed_page import ParsedPage, number


@pytest.fixture(scope="module")
def page(full_release, tmp_path_factory):
    return ParsedPage(write_report(full_release, tmp_path_factory.mktemp("page") / "page.html", "en", "USD"))


@pytest.fixture(scope="module")
def tables(full_release):
    connection = duckdb.connect()
    connection.execute(f"attach '{full_release / 'kehu.duckdb'}' as published (read_only)")

    def rows(table):
        found = connection.execute(f"select * from published.analytics.{table} where is_complete order by month")
        return [dict(zip([c[0] for c in found.description], row, strict=True)) for row in found.fetchall()]

    return {name: rows(name) for name in ("lifecycle_transitions", "customer_ledger")}


def test_the_base_of_the_last_twelve_finished_months(page, tables):
    ledger = tables["customer_ledger"][-12:]
    shown = page.table("The customer base month by month")
    names = {"Opening": "opening", "New": "new", "Came back": "reactivated", "Lapsed": "lapsed", "Closing": "closing"}
    assert [{title: number(row[title]) for title in names} for row in shown] == [
        {title: row[name] for title, name in names.items()} for row in ledger
    ]
    last = ledger[-1]
    assert page.texts_of("h2")[3] == (
        f"February 2024: {last['lapsed']} customers lapsed, {last['new'] + last['reactivated']} came or came back; "
        f"{last['closing']} in the base at its end"
    )
    bars = page.drawings["movement-ledger-wide"]["data"][0]
    changes = [sum(row[name] for row in ledger) for name in ("new", "reactivated", "lapsed")]
    assert bars["y"] == [ledger[0]["opening"], changes[0], changes[1], -changes[2], last["closing"]]
    assert sum(bars["y"][:4]) == bars["y"][4]
    assert bars["measure"] == ["absolute", "relative", "relative", "relative", "absolute"]


def test_bands_are_the_ways_of_three_months_and_nobody_is_lost_on_them(page, tables):
    months = sorted({row["month"] for row in tables["lifecycle_transitions"]})[-3:]
    ways = [row for row in tables["lifecycle_transitions"] if row["month"] in months and row["from_stage"] != "entered"]
    for drawing, kept in (("movement-flow-wide", months), ("movement-flow-narrow", months[-1:])):
        (sankey,) = page.drawings[drawing]["data"]
        link, node = sankey["link"], sankey["node"]
        assert sorted(link["value"]) == sorted(row["customers"] for row in ways if row["month"] in kept)
        assert len(node["label"]) == len(node["x"]) == len(node["y"]) == len(node["color"])
        assert all(0 < place < 1 for place in [*node["x"], *node["y"]])
        assert all(node["x"][a] < node["x"][b] for a, b in zip(link["source"], link["target"], strict=True))
    shown = page.table("Customers from stage to stage by month")
    assert sum(number(row["Customers"]) for row in shown) == sum(row["customers"] for row in ways)


def test_every_row_of_the_map_is_a_whole(page, tables):
    months = sorted({row["month"] for row in tables["lifecycle_transitions"]})[-12:]
    counts = Counter()
    for row in tables["lifecycle_transitions"]:
        if row["month"] in months:
            counts[row["from_stage"], row["to_stage"]] += row["customers"]
    (heat,) = page.drawings["movement-map-wide"]["data"]
    assert [sum(share or 0 for share in line) for line in heat["z"]] == pytest.approx([1] * len(heat["z"]))
    at_risk = sum(n for (source, _), n in counts.items() if source == "at_risk")
    cells = {row["From"]: row for row in page.table("Stage one month later, as a share of the stage before")}
    assert cells["At risk"]["Churned"] == f"{counts['at_risk', 'churned'] / at_risk:.1%}"
    assert set(cells) == {"New", "Active", "Loyal", "At risk", "Churned", "Seen for the first time"}


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_map_carries_its_shares_and_whole_names_at_any_width(page, width):
    drawing = page.drawings[f"movement-map-{width}"]
    (heat,), layout = drawing["data"], drawing["layout"]
    printed = {(note["x"], note["y"]): number(note["text"]) for note in layout["annotations"]}
    cells = ((column, row, share) for row, line in enumerate(heat["z"]) for column, share in enumerate(line))
    assert printed == {
        (column, row): pytest.approx(100 * share, abs=0.501) for column, row, share in cells if share is not None
    }
    stages = ["New", "Active", "Loyal", "At risk", "Churned"]
    assert layout["xaxis"]["ticktext"] == stages
    assert [name.replace("<br>", " ") for name in layout["yaxis"]["ticktext"]] == [*stages, "Seen for the first time"]


def test_the_map_has_a_row_of_the_page_to_itself(page):
    """In the right column of a pair a desktop would show the drawing for a phone."""
    figure = page.source.index('<figure class="full">')
    assert page.source.find("data-chart=", figure) == page.source.find('data-chart="movement-map"')
