"""Every number on the page, computed again from the single rows of the release."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from kehu.report.palette import MUTED
from tests.unit.report.invented_release import AS_OF, LABELS, write_report
from tests.unit.report.parsed_page import ParsedPage, number, plain


@pytest.fixture(scope="module")
def page(full_release, tmp_path_factory):
    return ParsedPage(write_report(full_release, tmp_path_factory.mktemp("page") / "page.html", "en", "USD"))


@pytest.fixture(scope="module")
def tables(full_release):
    connection = duckdb.connect()
    connection.execute(f"attach '{full_release / 'kehu.duckdb'}' as published (read_only)")

    def rows(table):
        found = connection.execute(f"select * from published.analytics.{table}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return {name: rows(name) for name in ("fct_orders", "dim_customers", "customer_rfm", "data_quality")}


def month(day):
    return date(day.year, day.month, 1)


def months_between(first, second):
    return (second.year - first.year) * 12 + second.month - first.month


def by_customer(tables):
    orders = defaultdict(list)
    for order in tables["fct_orders"]:
        if order["is_valid"] and order["customer_id"]:
            orders[order["customer_id"]].append(order)
    return orders


def test_headline_figures(page, tables):
    orders = tables["fct_orders"]
    valid = [order for order in orders if order["is_valid"]]
    total = {
        name: sum(order[name] for order in orders) for name in ("gross_revenue", "discounts", "refunds", "net_revenue")
    }
    assert total["net_revenue"] == total["gross_revenue"] - total["discounts"] - total["refunds"]
    buyers = by_customer(tables)
    repeaters = sum(len(found) >= 2 for found in buyers.values())
    margin = sum(order["gross_margin"] for order in orders)
    guests = sum(order["customer_id"] is None for order in valid)
    of_guests = sum(order["net_revenue"] for order in orders if order["customer_id"] is None)
    estimated = sum(order["is_cost_estimated"] for order in valid) / len(valid)
    figures = page.figures()
    parts = (
        f"{total['gross_revenue']:,.2f} gross − {total['discounts']:,.2f} discounts − {total['refunds']:,.2f} refunds"
    )
    guests_note = "who belong to no group below: shares of net revenue are of the customers'"
    assert figures["Net revenue"] == (
        f"{total['net_revenue']:,.0f}",
        f"{parts}; USD {of_guests:,.0f} of it from guests, {guests_note}",
    )
    assert figures["Customers with orders"] == (
        f"{len(buyers):,}",
        f"of {len(tables['dim_customers']):,} known customers",
    )
    assert figures["Valid orders"][0] == f"{len(valid):,}"
    average = (total["gross_revenue"] - total["discounts"]) / len(valid)
    assert figures["Average order"][0] == f"{average:,.2f}"
    assert figures["Repeat rate"] == (
        f"{repeaters / len(buyers):.1%}",
        f"{repeaters} of {len(buyers)} have at least two orders",
    )
    assert figures["Gross margin"][0] == f"{margin:,.0f}"
    share = margin / total["net_revenue"]
    assert figures["Gross margin"][1] == f"{share:.1%} of net revenue; cost estimated for {estimated:.0%} of orders"
    assert page.texts_of("h1") == [
        f"USD {total['net_revenue']:,.0f} of net revenue from {len(buyers)} customers and {guests} guest orders"
    ]


def test_rfm_map(page, tables):
    customers, revenue = Counter(), defaultdict(Decimal)
    for row in tables["customer_rfm"]:
        customers[row["r_score"], row["f_score"]] += 1
        revenue[row["r_score"], row["f_score"]] += row["monetary"]
    shown = page.table("Customers and net revenue by recency and frequency score")
    places = {(int(row["Recency score"]), int(row["Frequency score"])): row for row in shown}
    assert {place: number(row["Customers"]) for place, row in places.items()} == customers
    for place, row in places.items():
        assert abs(Decimal(str(number(row["Net revenue, USD"]))) - revenue[place]) <= Decimal("0.5")
    for version in ("wide", "narrow"):
        bubbles = page.drawings[f"rfm-map-{version}"]["data"][0]
        drawn = {
            (round(y + 0.06), x): size
            for x, y, size in zip(bubbles["x"], bubbles["y"], bubbles["marker"]["size"], strict=True)
        }
        assert drawn == customers
    quiet = [row for row in tables["customer_rfm"] if row["r_score"] <= 2 and row["f_score"] >= 4]
    silent = min(row["recency_days"] for row in quiet)
    money = sum(row["monetary"] for row in quiet)
    expected = f"{len(quiet)} frequent buyers (bottom right) silent for {silent} days or more; they have brought USD {money:,.0f}"
    assert expected in page.texts_of("h3")


@pytest.mark.parametrize(
    ("segmentation", "column", "caption", "title"),
    [
        ("rfm", "rfm_segment", "Segments by net revenue", "Segment"),
        ("lifecycle", "lifecycle_stage", "Lifecycle stages", "Stage"),
        ("value_tier", "value_tier", "Value tiers", "Value tier"),
    ],
)
def test_segments(page, tables, segmentation, column, caption, title):
    customers, revenue = Counter(), defaultdict(Decimal)
    for row in tables["dim_customers"]:
        customers[row[column]] += 1
        revenue[row[column]] += row["net_revenue"]
    total = sum(revenue.values())
    everybody = len(tables["dim_customers"])
    shown = {row[title]: row for row in page.table(caption)}
    left_out = {"unknown"} if segmentation == "rfm" else set()
    assert len(shown) == len(set(customers) - left_out)
    for segment in set(customers) - left_out:
        row = shown[LABELS[segmentation][segment][0]]
        assert row["Customers"] == f"{customers[segment]:,}"
        assert row["Share of customers"] == f"{customers[segment] / everybody:.1%}"
        assert abs(number(row["Net revenue, USD"]) - float(revenue[segment])) <= 0.5
        assert number(row["Share of net revenue"]) == pytest.approx(float(100 * revenue[segment] / total), abs=0.0501)
        per_customer = float(revenue[segment] / customers[segment])
        assert number(row["Net revenue per customer, USD"]) == pytest.approx(
            per_customer, abs=0.5 if per_customer > 999 else 0.005
        )


def test_the_segment_that_brings_most_makes_the_headline(page, tables):
    revenue, customers = defaultdict(Decimal), Counter()
    for row in tables["dim_customers"]:
        revenue[row["rfm_segment"]] += row["net_revenue"]
        customers[row["rfm_segment"]] += 1
    best = max(revenue, key=revenue.get)
    share = revenue[best] / sum(revenue.values())
    heads = customers[best] / len(tables["dim_customers"])
    assert page.texts_of("h2")[1] == (
        f"“{LABELS['rfm'][best][0]}” brings the most: {customers[best]} customers ({heads:.1%}) "
        f"with {share:.1%} of net revenue, USD {revenue[best]:,.0f}"
    )


def test_cohorts(page, tables):
    buyers = by_customer(tables)
    cohort = {customer: min(month(order["order_date"]) for order in orders) for customer, orders in buyers.items()}
    sizes = Counter(cohort.values())
    active = Counter()
    for customer, orders in buyers.items():
        for when in {month(order["order_date"]) for order in orders}:
            active[cohort[customer], months_between(cohort[customer], when)] += 1
    shown = page.table("Retention by cohort")
    cells = 0
    for row in shown[1:]:
        first = next(start for start in sizes if f"{start:%b %Y}" == row["First purchase"])
        assert row["Customers"] == f"{sizes[first]:,}"
        last = months_between(first, month(AS_OF))
        for age in range(1, last + 1):
            mark = "*" if age == last else ""
            assert row[f"+{age}"] == f"{active[first, age] / sizes[first]:.1%}{mark}"
            cells += 1
        assert all(not text for title, text in row.items() if title.startswith("+") and int(title) > last)
    assert cells == sum(range(1, len(shown)))
    complete = [start for start in sizes if months_between(start, month(AS_OF)) > 1]
    rate = sum(active[start, 1] for start in complete) / sum(sizes[start] for start in complete)
    assert shown[0]["+1"] == f"{rate:.1%}"
    begin = f"{rate:.1%} of customers bought again in the month after"
    assert any(headline.startswith(begin) for headline in page.texts_of("h2"))


def test_unfinished_cells_are_hatched_and_no_others(page, tables):
    hatched, heat, top = page.drawings["cohort-retention-wide"]["data"]
    assert hatched["marker"]["pattern"]["shape"] == "/"
    assert len(hatched["y"]) == len(heat["z"])
    for row, line in enumerate(heat["z"]):
        filled = [age for age, rate in enumerate(line, start=1) if rate is not None]
        assert filled == list(range(1, len(line) - row)), (
            "the diagonal of the month of the release is left to the hatching"
        )
    assert len([rate for rate in top["z"][0] if rate is not None]) == len(heat["z"]) - 1


def test_the_narrow_drawings_hold_what_their_explanations_name(page):
    wide, narrow = page.texts_of("p.of-wide"), page.texts_of("p.of-narrow")
    assert len(wide) == len(narrow) == 2
    for texts, name in ((wide, "wide"), (narrow, "narrow")):
        is_wide = name == "wide"
        rfm, cohorts = page.drawings[f"rfm-map-{name}"], page.drawings[f"cohort-retention-{name}"]
        revenues = [note for note in rfm["layout"]["annotations"] if note["font"]["color"] == MUTED]
        sizes = [label for label in cohorts["layout"]["yaxis"]["ticktext"] if " · " in label]
        assert ("Grey number" in texts[0], bool(revenues)) == (is_wide, is_wide)
        assert ("Beside each month" in texts[1], bool(sizes)) == (is_wide, is_wide)


def test_the_narrow_cohort_map_has_a_key_instead_of_numbers(page):
    wide, narrow = (page.drawings[f"cohort-retention-{name}"] for name in ("wide", "narrow"))
    assert wide["layout"]["annotations"]
    assert not any(trace.get("showscale") for trace in wide["data"])
    assert "annotations" not in narrow["layout"]
    (scale,) = (trace for trace in narrow["data"] if trace.get("showscale"))
    low, _, high = scale["colorbar"]["ticktext"]
    assert (number(low), number(high)) == pytest.approx((100 * scale["zmin"], 100 * scale["zmax"]), abs=0.501)


def test_concentration(page, tables):
    revenue = sorted(
        (max(row["net_revenue"], Decimal(0)) for row in tables["dim_customers"] if row["order_count"]), reverse=True
    )
    top = math.ceil(0.2 * len(revenue))
    share = sum(revenue[:top]) / sum(revenue)
    assert f"The top 20% of buyers ({top} customers) bring {share:.1%} of net revenue" in page.texts_of("h2")
    ascending = revenue[::-1]
    weighted = sum((place + 1) * value for place, value in enumerate(ascending))
    gini = 2 * weighted / (len(revenue) * sum(revenue)) - Decimal(len(revenue) + 1) / len(revenue)
    assert any(headline.endswith(f"Gini {gini:.2f}") for headline in page.texts_of("h3"))
    curve, _, _ = page.drawings["revenue-concentration-wide"]["data"]
    assert 2 < len(curve["x"]) <= 101
    for x, y in zip(curve["x"], curve["y"], strict=True):
        assert y == pytest.approx(float(sum(revenue[: round(x * len(revenue))]) / sum(revenue)))


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_diagonal_does_not_cross_the_text_of_the_marked_point(page, width):
    drawing = page.drawings[f"revenue-concentration-{width}"]
    (callout,) = (note for note in drawing["layout"]["annotations"] if note["text"].startswith("<b>"))
    (area,) = {trace["fillcolor"] for trace in drawing["data"] if "fillcolor" in trace}
    assert callout["bgcolor"] == area


def test_months(page, tables):
    revenue, active, firsts = defaultdict(Decimal), defaultdict(set), Counter()
    for order in tables["fct_orders"]:
        revenue[month(order["order_date"])] += order["net_revenue"]
        if order["is_valid"] and order["customer_id"]:
            active[month(order["order_date"])].add(order["customer_id"])
    for orders in by_customer(tables).values():
        firsts[min(month(order["order_date"]) for order in orders)] += 1
    shown = page.table("Monthly measures")
    assert [row["Month"] for row in shown] == [
        f"{when:%b %Y}" + ("*" if when == month(AS_OF) else "") for when in sorted(revenue, reverse=True)
    ]
    for row, when in zip(shown, sorted(revenue, reverse=True), strict=True):
        assert abs(number(row["Net revenue"]) - float(revenue[when])) <= 0.5
        assert row["Active customers"] == f"{len(active[when]):,}"
        assert row["New customers"] == f"{firsts[when]:,}"
    february, january = date(2024, 2, 1), date(2024, 1, 1)
    change = revenue[february] / revenue[january] - 1
    direction = "up" if change > 0 else "down"
    assert (
        f"February 2024: USD {revenue[february]:,.0f} of net revenue from {len(active[february])} customers, "
        f"{direction} {abs(change):.1%} on the month before"
    ) in page.texts_of("h2")
    retained = len(active[february] & active[january]) / len(active[january])
    assert shown[1]["Retention, month over month"] == f"{retained:.1%}"
    line = page.drawings["kpi-revenue-wide"]["data"][0]
    assert line["y"][:-1] == pytest.approx([float(revenue[when]) for when in sorted(revenue)[:-1]])
    traces = page.drawings["kpi-revenue-wide"]["data"]
    assert {trace["y"][-1] for trace in traces if len(trace["y"]) == len(revenue)} == {None}, (
        "an unfinished month is no fall"
    )


def test_measures_that_are_not_modelled_yet_are_left_out(page):
    titles = page.tables["Monthly measures"][0]
    assert "Net revenue" in titles
    assert not {"Net promoter score", "Churn rate", "Cost of a new customer"} & set(titles)
    assert "kpi-nps-wide" not in page.drawings


def test_checks(page, tables):
    checks = tables["data_quality"]
    statuses = Counter(row["status"] for row in checks)
    total = Counter()
    for row in page.table("Checks by layer"):
        total.update({name: int(row[name]) for name in ("Passed", "Warning", "Accepted", "Failed", "Skipped")})
    assert total == {
        "Passed": statuses["passed"],
        "Warning": statuses["failed"],
        "Accepted": statuses["accepted"],
        "Skipped": statuses["skipped"],
        "Failed": 0,
    }
    remarks = page.table("What did not simply pass")
    *told, skipped = remarks
    assert {row["Check"] for row in told} == {row["check"] for row in checks if row["status"] in ("failed", "accepted")}
    assert [row["Verdict"] for row in told] == ["Warning", "Accepted"]
    assert (skipped["Verdict"], plain(skipped["Check"])) == ("Skipped", f"{statuses['skipped']} checks")
    assert skipped["Table"] == "survey_responses, tickets"
    bars = page.drawings["quality-checks-wide"]["data"]
    assert sum(sum(trace["x"]) for trace in bars) == len(checks)


def test_the_backtest_of_lifetime_value(page, full_release):
    connection = duckdb.connect()
    connection.execute(f"attach '{full_release / 'kehu.duckdb'}' as published (read_only)")
    expected = connection.execute(
        "select sum(predicted_clv), count(*) from published.analytics.customer_lifetime_value"
    ).fetchone()
    assert (
        f"USD {expected[0]:,.0f} of margin expected from {expected[1]} customers within 52 weeks; grade A" in page.text
    )
    assert "Grade A: MBG/NBD was tried on the last 31 weeks" in page.text
    assert (
        "by 1.20 (root mean square), 20.0% less than the best baseline, “mean of all”; its total was off by −4.0%"
        in page.text
    )
    verdicts = {row["Model"]: row["Verdict"] for row in page.table("Models and baselines")}
    assert verdicts["MBG/NBD"] == "In use, grade A"
    assert verdicts["BG/NBD"] == "Not trusted: a, b at the bound"
    assert verdicts["Pareto/NBD"] == "Not trusted: no convergence"
    assert verdicts["NBD"] == "Trusted, not the best"
    assert verdicts["nobody buys"] == "Baseline"
    tracking = page.drawings["clv-tracking-wide"]["data"]
    assert (tracking[0]["y"][-1], tracking[1]["y"][-1]) == (38.5 * 63, 40 * 63)
    assert page.drawings["clv-tracking-wide"]["layout"]["shapes"][0]["x0"] == 31
    columns = page.drawings["clv-calibration-wide"]["data"]
    assert columns[0]["y"] == [0.25 + 0.5 * place for place in range(8)]
    shares = page.drawings["clv-gains-wide"]["data"][0]["y"]
    assert sum(shares) == pytest.approx(1)
    assert shares[0] == pytest.approx(100 / 550)
    assert page.table("Holdout purchases by decile of prediction")[1]["Share so far"] == "34.5%"


def test_how_unequal_revenue_is_is_drawn_once(page):
    curves = [
        name for name in page.drawings if (name.endswith("-wide") and "lorenz" in name) or "concentration-wide" in name
    ]
    assert curves == ["revenue-concentration-wide"]


def test_personas_are_cards_with_size_worth_and_traits(page, tables):
    often = [row for row in tables["dim_customers"] if row["order_count"] >= 4]
    share, net = len(often) / len(tables["dim_customers"]), sum(row["net_revenue"] for row in often)
    assert {"Buy often", "Buy seldom"} <= set(page.texts_of("h3"))
    assert f"{len(often)} customers, {share:.1%} of all" in page.text
    assert f"USD {net:,.0f} of net revenue" in page.text
    assert "Purchase days: 9.3 (everybody: 4.5)" in page.text
    assert "Share of orders at a discount: 12.5% (everybody: 25.0%)" in page.text
    assert "Value per order: USD 30.50 (everybody: USD 40.25)" in page.text
    assert "Days between purchases" not in page.text
    nobody = sum(row["order_count"] == 0 for row in tables["dim_customers"])
    assert f"{nobody} customers without a valid order are in none" in page.text
