"""A published column name means one thing: the formulas of the seed ``metric_definitions`` agree over all tables."""

from __future__ import annotations

import csv
import re
from collections import defaultdict

from tests.support.repository import ROOT

SEED = ROOT / "dbt_project" / "seeds" / "metric_definitions.csv"
SAME_QUANTITY = {
    # of a customer, of the customers of a group, per day of a week
    "actual": {"purchase days / customers", "count of purchase days", "value of the metric"},
    # of a persona on the scale of a measure, and of a category in the tree
    "level": {"ln(1 + value) of counts, days and amounts, else the value", "ancestors + 1"},
    "expected": {"e[y] / customers", "e[y]", "e[x]", "mean of the weeks before"},
    "customers": {
        "count of customers",
        "running sum of new",
        "ceil(percentile × customers / 100)",
        "buyers - ceil((100 - percentile) / 100 × buyers)",
        "new customers",
    },
    "repeat customers": {"count of customers", "count of customers with x > 0"},
    # who bought again / who could have: of a cohort, of last month's, of the period before
    "retention rate": {
        "active customers / cohort size",
        "returning / active of last month",
        "kept customers / active customers of the period before",
    },
    "net revenue": {"gross revenue - discounts - refunds", "stayed + new + reactivated + moved in + lapsed"},
    "average order value": {"(gross revenue - discounts) / valid orders", "bought amount / order count"},
    # for whom something is known of the past, and for a customer of whom nothing is
    "expected orders {clv horizon weeks}w": {
        "e[y({clv horizon weeks}) | x, t x, t]",
        "e[x({clv horizon weeks})]",
    },
    "discounted orders": {
        "over weeks k of (e[y(k)] - e[y(k-1)]) / (1 + d)^k",
        "over weeks k of (e[x(k)] - e[x(k-1)]) / (1 + d)^k",
    },
    "expected order value": {"e[z | x, m x]", "e[z]"},
    "guest orders": {"count of valid orders without a customer", "count of valid orders"},
    "repeat rate": {"customers with ≥ 2 valid orders / customers", "repeat customers / observed customers"},
    "orders per customer": {
        "(orders - guest orders) / active",
        "order count / customers",
        "order count / active customers",
        "order count / observed customers",
    },
    "cac": {"marketing spend / new", "marketing spend / new customers"},
    "clv to cac": {"mean predicted clv / cac", "predicted clv / cac"},
    "new customers": {"count of first purchases", "count of customers"},
    "cumulative revenue": {"max(net revenue, 0)", "max(net revenue; 0)"},
    "share of customers": {"customers / customers of the segmentation", "customers / buyers", "customers / customers"},
    "share of revenue": {
        "net revenue / net revenue of the segmentation",
        "net revenue / net revenue",
        "cumulative revenue / max(net revenue; 0)",
        "net revenue / max(net revenue; 0)",
    },
    "revenue per customer": {"net revenue / customers", "net revenue / observed customers"},
    "revenue change": {"revenue now - revenue before", "net revenue - net revenue of the period before"},
    "change from orders": {
        "(orders now - orders before) × mean of both values per order",
        "shapley value of orders per customer in customers × orders per customer × value per order",
    },
    "change from value": {
        "revenue change - change from orders",
        "revenue change - change from customers - change from orders",
    },
    # of a ticket, and of a customer the latest of all that count
    "csat score": {"latest counted answer of type csat", "as delivered"},
    # of a ticket, and of the tickets of a month
    "resolution hours": {"resolved - created", "median of resolved - created"},
    "answers": {"count of answers", "count of counted answers"},
    # of a segment in a survey, and of what an identity looks odd for
    "figure": {"by survey type", "count of what the reason names"},
    # who answered / who was asked: of a survey, of a campaign
    "response rate": {"responded / contacted", "invited who answered / invited"},
    # what was spent for it: for the goods sold, for the campaign
    "cost": {"contact costs + campaign cost", "costs - cost credits of refunds"},
    # how many times as often as if it depended on nothing
    "lift": {"left rate / base rate", "n ab / (n a × n b / baskets)"},
    # of an answer, of a pair: what the table's rows are ranked by
    "score": {"by kind", "as delivered", "n ab / (n a × n b / baskets + 1)"},
    # of the texts of a customer or a month, of the customers of a segment: a segment is as many as its customers, not its writers
    "index to all": {"share / share of all", "share of the segment / share of all"},
    "share": {"mentions / texts", "customers with need / customers who wrote"},
    "active share": {"active customers / customers", "active customers / cohort size"},
}
"""Formulas of one name that were read and are one quantity, over other rows or in other words. An entry is a decision: two
figures that somebody could put side by side and find different are two names."""


def plain(formula: str) -> str:
    """A formula without what only says that it is summed up: other spellings of a column, and the sum over a group."""
    text = re.sub(r"\s+", " ", formula.lower().replace("_", " "))
    text = re.sub(r"^sum of |[Σσ] ", "", text)
    return re.sub(r" of its customers$", "", text).strip()


def formulas(rows: list[dict[str, str]]) -> dict[str, dict[str, list[str]]]:
    """By column name the formulas with the tables that have them; deprecated columns and mere sums of the column left out."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        name, formula = row["column_name"].replace("_", " "), plain(row["formula"])
        if formula != name and not row["definition"].startswith("Deprecated"):
            found[name][formula].append(row["table_name"])
    return found


def contradictions(rows: list[dict[str, str]]) -> dict[str, dict[str, list[str]]]:
    return {
        name: {
            formula: tables for formula, tables in by_formula.items() if formula not in SAME_QUANTITY.get(name, set())
        }
        for name, by_formula in formulas(rows).items()
        if len(by_formula) > 1 and not set(by_formula) <= SAME_QUANTITY.get(name, set())
    }


def published() -> list[dict[str, str]]:
    with SEED.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_one_column_name_has_one_definition() -> None:
    found = contradictions(published())
    assert not found, f"another figure needs another name; the same one the formula of the other tables: {found}"


def test_no_decision_outlives_its_formulas() -> None:
    present = formulas(published())
    stale = {name: gone for name, known in SAME_QUANTITY.items() if (gone := known - set(present.get(name, {})))}
    assert not stale, f"no table has these formulas any more: {stale}"


def test_a_second_meaning_of_a_name_is_found() -> None:
    """What the months once had: their margin was everybody else's gross margin."""
    margin = {"column_name": "margin", "table_name": "kpi_monthly", "definition": "…", "formula": "revenue - cost"}
    assert contradictions([*published(), margin]).keys() == {"margin"}
    assert not contradictions([*published(), margin | {"definition": "Deprecated name of gross_margin."}])


def test_a_deprecated_column_says_what_stands_in_for_it() -> None:
    rows = published()
    columns = {(row["table_name"], row["column_name"]) for row in rows}
    deprecated = [row for row in rows if "deprecated" in (row["definition"] + row["metric_name"]).lower()]
    assert deprecated
    for row in deprecated:
        assert re.match(r"Deprecated name of (\w+);", row["definition"]), row["metric"]
        assert (row["table_name"], row["formula"]) in columns, row["metric"]
