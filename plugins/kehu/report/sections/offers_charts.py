"""Recommendations of the past and of today, pairs of products, products by what they brought."""

from __future__ import annotations

from kehu.report.blocks import Chart, Column, Key, Table
from kehu.report.charts.bars import Bar, Part, draw_bars
from kehu.report.charts.rows import Heading
from kehu.report.palette import BLUE, INK, MID_BLUE, TEAL
from kehu.report.release_reader import Row
from kehu.report.two_widths import chart_of
from kehu.report.wording import Wording


def record_chart(record: list[Row], words: Wording) -> Chart:
    """The hit rate of each kind, with a stroke at that of the most popular products for the same persons."""
    rows = [row for row in record if row["kind"] != "most_popular" and row["recommendations"]]
    rows.sort(key=lambda row: row["kind"] != "all")
    bars = [
        Bar(
            Heading(_kind(row, words), _recommended(row, words), words.percent(row["hit_rate_at_10"])),
            (Part(row["hit_rate_at_10"] or 0.0, BLUE if row["kind"] == "all" else MID_BLUE),),
            words.say(
                "offers.record.hover",
                hits=words.count(row["hits"]),
                all=words.count(row["recommendations"]),
                popular=words.percent(row["popular_hit_rate_at_10"]),
            ),
            mark=row["popular_hit_rate_at_10"],
        )
        for row in rows
    ]
    whole = next(row for row in rows if row["kind"] == "all")
    headline = words.say(
        "offers.record.headline",
        share=words.percent(whole["customers_hit_share"]),
        customers=words.counted("customers", whole["customers"]),
    )
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "offers-record",
        headline,
        words.say("offers.record.alt", headline=headline),
        _record_table(rows, words),
        explanation=words.say("offers.record.explanation", day=words.day(whole["recommended_on"])),
        keys=(Key(INK, words.say("offers.record.mark"), "stroke"),),
    )


def _record_table(rows: list[Row], words: Wording) -> Table:
    names = ("kind", "recommendations", "customers", "hits", "hit_rate", "customers_hit", "popular")
    columns = tuple(Column(words.say(f"offers.columns.{name}"), is_number=name != "kind") for name in names)
    lines = tuple(
        (
            _kind(row, words),
            words.count(row["recommendations"]),
            words.count(row["customers"]),
            words.count(row["hits"]),
            words.percent(row["hit_rate_at_10"]),
            words.percent(row["customers_hit_share"]),
            words.percent(row["popular_hit_rate_at_10"]),
        )
        for row in rows
    )
    return Table(words.say("offers.record.table"), columns, lines)


def _kind(row: Row, words: Wording) -> str:
    return words.name("offers.kinds", row["kind"])


def _recommended(row: Row, words: Wording) -> str:
    return words.say("offers.record.n", n=words.count(row["recommendations"]))


def kinds_chart(now: list[Row], reached: int, words: Wording) -> Chart:
    """What is recommended now, by kind."""
    bars = [
        Bar(
            Heading(_kind(row, words), "", words.counted("customers", row["customers"]).strip()),
            (Part(row["customers"], TEAL),),
            words.say(
                "offers.now.hover",
                recommendations=words.count(row["recommendations"]),
                margin=words.money(row["expected_margin"]),
            ),
        )
        for row in now
    ]
    headline = words.say("offers.now.headline", customers=words.counted("customers", reached))
    names = ("kind", "customers", "recommendations", "expected_margin")
    columns = tuple(
        Column(words.say(f"offers.columns.{name}", currency=words.currency), is_number=name != "kind") for name in names
    )
    lines = tuple(
        (
            _kind(row, words),
            words.count(row["customers"]),
            words.count(row["recommendations"]),
            words.amount(row["expected_margin"]),
        )
        for row in now
    )
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "offers-now",
        headline,
        words.say("offers.now.alt", headline=headline),
        Table(words.say("offers.now.table"), columns, lines),
        explanation=words.say("offers.now.explanation"),
    )


def pairs_chart(pairs: list[Row], words: Wording) -> Chart:
    """Products that are bought together more often than chance explains, the best first."""
    named = [(_pair(row, words), row) for row in pairs]
    bars = [
        Bar(
            Heading(name, "", words.say("offers.pairs.times", lift=words.decimal(row["lift"], 1))),
            (Part(row["score"], TEAL),),
            words.say("offers.pairs.hover", both=words.count(row["n_ab"]), baskets=words.count(row["baskets"])),
        )
        for name, row in named
    ]
    headline = words.say("offers.pairs.headline", pair=named[0][0], lift=words.decimal(pairs[0]["lift"], 1))
    names = ("pair", "both", "n_a", "n_b", "lift", "score")
    columns = tuple(Column(words.say(f"offers.columns.{name}"), is_number=name != "pair") for name in names)
    lines = tuple(
        (
            name,
            words.count(row["n_ab"]),
            words.count(row["n_a"]),
            words.count(row["n_b"]),
            words.decimal(row["lift"], 1),
            words.decimal(row["score"], 2),
        )
        for name, row in named
    )
    return chart_of(
        lambda narrow: draw_bars(bars, narrow),
        "offers-pairs",
        headline,
        words.say("offers.pairs.alt", headline=headline),
        Table(words.say("offers.pairs.table"), columns, lines),
        explanation=words.say("offers.pairs.explanation"),
    )


def _pair(row: Row, words: Wording) -> str:
    first, second = row["name_a"] or row["item_id_a"], row["name_b"] or row["item_id_b"]
    return words.say("offers.pairs.name", first=first, second=second)


def products_table(products: list[Row], words: Wording) -> Table:
    """The products that brought most in 90 days."""
    names = ("product", "buyers", "goods_revenue", "goods_margin", "return_rate", "repeat", "attach")
    columns = tuple(
        Column(words.say(f"offers.columns.{name}", currency=words.currency), is_number=name != "product")
        for name in names
    )
    lines = tuple(
        (
            row["product_name"] or row["product_id"],
            words.count(row["buyers"]),
            words.amount(row["goods_revenue"]),
            words.amount(row["goods_margin"]),
            words.percent(row["return_rate"]),
            words.percent(row["repeat_buyer_share"]),
            words.percent(row["attach_rate"]),
        )
        for row in products
    )
    return Table(words.say("offers.products"), columns, lines)
