"""What to offer: the record beside the most popular products, pairs by name, categories without the few."""

from __future__ import annotations

import json
from datetime import date
from functools import cache

import pytest

from kehu.report.sections import offers
from kehu.report.wording import Wording
from tests.unit.report.contract_release import reader_of
from tests.unit.report.parsed_page import plain

WORDS = Wording("en", "USD")


def judged(kind, hits, recommendations, popular=0.02):
    return {
        "kind": kind, "recommendations": recommendations, "customers": 50, "hits": hits,
        "hit_rate_at_10": hits / recommendations, "customers_hit_share": 0.3, "popular_hit_rate_at_10": popular,
        "recommended_on": date(2023, 12, 18), "as_of_date": date(2024, 3, 17),
    }  # fmt: skip


RECORD = [judged("cross_sell", 30, 400), judged("all", 40, 500), judged("most_popular", 10, 500)]
OFFERS = [
    {"customer_id": f"s:{n % 4}", "product_id": f"s:p{n}", "kind": "replenish" if n < 2 else "cross_sell",
     "expected_margin": 1.5}
    for n in range(10)
]  # fmt: skip
PAIRS = [
    {"level": level, "item_id_a": a, "item_id_b": b, "baskets": 900, "n_a": 80, "n_b": 60, "n_ab": 30, "lift": lift,
     "score": score, "is_notable": is_notable}
    for level, a, b, lift, score, is_notable in (
        ("product", "s:p1", "s:p2", 5.6, 4.0, True), ("product", "s:p1", "s:p9", 9.9, 3.0, True),
        ("product", "s:p2", "s:p3", 50.0, 9.0, False), ("category", "s:c1", "s:c2", 7.0, 8.0, True),
    )
]  # fmt: skip
PRODUCTS = [{"product_id": "s:p1", "product_name": "Kettle"}, {"product_id": "s:p2", "product_name": "Tea"}]
SOLD = [
    {"product_id": product, "window_days": days, "order_count": 5, "buyers": 4, "goods_revenue": money,
     "goods_margin": 1, "return_rate": 0.1, "repeat_buyer_share": 0.5, "attach_rate": 0.25}
    for product, days, money in (("s:p2", 90, 10), ("s:p1", 90, 90), ("s:p1", 365, 99))
]  # fmt: skip
CATEGORIES = [
    {"segmentation": "value_tier", "segment": segment, "category_path": path, "buyers": buyers, "category_revenue": money,
     "share_of_segment": 0.4, "index_to_all": index}
    for segment, path, buyers, money, index in (
        ("high", "Home", 40, 900, 1.25), ("low", "Home", 30, 100, 0.5), ("high", "Toys", 9, 50, 7.0),
    )
]  # fmt: skip
LABELS = [{"segmentation": "value_tier", "segment": "high", "label_en": "High value", "label_zh": "高价值"}]


def section(words=WORDS, **changed):
    if words is WORDS and not changed:
        return whole()
    return build(words, **changed)


@cache
def whole():
    return build(WORDS)


def build(words, **changed):
    tables = {
        "recommendation_record": RECORD, "customer_recommendations": OFFERS, "product_associations": PAIRS,
        "segment_category": CATEGORIES, "product_performance": SOLD, "dim_products": PRODUCTS, "segment_summary": LABELS,
    }  # fmt: skip
    return offers.build(offers.read(reader_of(**(tables | changed))), words)


def chart(built, chart_id):
    return next(one for one in built.charts if one.id == chart_id)


def test_earlier_recommendations_come_first_beside_the_most_popular_products():
    built = section()
    assert built.headline == (
        "8.0% of what was recommended on 18 December 2023 was bought since; of the most popular products 2.0%"
    )
    shown = chart(built, "offers-record")
    assert [row[:5] for row in shown.table.rows] == [
        ("All recommendations", "500", "50", "40", "8.0%"),
        ("Goes with what was bought", "400", "50", "30", "7.5%"),
    ]
    strokes = [shape["x0"] for shape in json.loads(shown.wide)["layout"]["shapes"]]
    assert strokes == [0.02, 0.02, 0]


def test_a_record_no_better_than_the_most_popular_products_is_said_to_be_so():
    worse = [judged("all", 10, 500, popular=0.02)]
    assert "no better than the most popular products (2.0%)" in section(recommendation_record=worse).headline


def test_customers_are_counted_once_and_by_kind():
    shown = chart(section(), "offers-now")
    assert plain(shown.headline) == "4 customers have something to be offered"
    assert shown.table.rows == (
        ("Goes with what was bought", "4", "8", "12.00"),
        ("Due again", "2", "2", "3.00"),
    )


def test_pairs_are_the_notable_ones_by_score_with_the_names_of_products():
    shown = chart(section(), "offers-pairs")
    assert [row[0] for row in shown.table.rows] == ["Kettle + Tea", "Kettle + s:p9"]
    assert shown.headline == "Kettle + Tea: together 5.6 times as often as by chance"


def test_a_category_of_few_buyers_has_no_index():
    shown = chart(section(), "offers-value-tier")
    (grid,) = json.loads(shown.wide)["data"]
    assert grid["z"] == [[0.625, 0.25], [None, None]]
    assert shown.headline == "“High value” spend 1.3 times as much of their money on Home as everybody"
    assert shown.table.rows[1][1] == "–"


def test_products_are_those_of_ninety_days_by_revenue():
    (table,) = section().details
    assert [row[0] for row in table.rows] == ["Kettle", "Tea"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_baskets_a_line_says_what_to_deliver(language):
    words = Wording(language, "USD")
    absent = ("customer_recommendations", "product_associations", "product_performance", "recommendation_record")
    nothing = {table: [] for table in absent}
    assert "order_lines" in section(words, **nothing).missing
    assert "order_lines" in offers.build(offers.read(reader_of()), words).missing


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_customer_is_named(language):
    assert "s:1" not in repr(section(Wording(language, "USD")))


def test_without_a_record_the_present_is_told_with_what_is_missing():
    built = section(recommendation_record=[], product_associations=[])
    assert plain(built.headline).startswith("4 customers have recommendations; there is no earlier day")
    assert "90 days ago" in built.notes[0]
    assert "min_pair_orders" in built.notes[1]
