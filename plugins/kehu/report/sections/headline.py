"""The top of the page: who bought for how much by the day of the release."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kehu.report.blocks import Figure
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.sections.alerts import alert_sentence, read_alerts
from kehu.report.sections.segments import read_labels
from kehu.report.wording import Wording

_RELEASE = """
select
    release.release_id,
    release.as_of_date,
    release.built_at,
    release.code_version
from analytics.release
"""

_ORDERS = """
select
    count(*) filter (where orders.is_valid) as orders,
    count(*) filter (where orders.is_valid and orders.customer_id is null) as guest_orders,
    count(*) filter (where orders.is_valid and orders.is_cost_estimated) as estimated_orders,
    coalesce(sum(orders.gross_revenue), 0) as gross_revenue,
    coalesce(sum(orders.discounts), 0) as discounts,
    coalesce(sum(orders.refunds), 0) as refunds,
    coalesce(sum(orders.net_revenue), 0) as net_revenue,
    coalesce(sum(orders.gross_margin), 0) as gross_margin,
    coalesce(sum(orders.net_revenue) filter (where orders.customer_id is null), 0) as guest_revenue,
    min(orders.order_date) filter (where orders.is_valid) as first_date,
    max(orders.order_date) filter (where orders.is_valid) as last_date
from analytics.fct_orders as orders
"""

_CUSTOMERS = """
select
    count(*) as customers,
    count(*) filter (where customers.order_count >= 1) as buyers,
    count(*) filter (where customers.order_count >= 2) as repeaters
from analytics.dim_customers as customers
"""


SHOWN_ALERTS = 5


@dataclass(frozen=True)
class Headline:
    """What the release says as a whole."""

    release: Row
    orders: Row
    customers: Row
    alerts: tuple[str, ...] = ()


def read(reader: ReleaseReader, words: Wording) -> Headline:
    """Totals of the release, and what to act on at once in words."""
    found = reader.rows(_RELEASE)
    release = found[0] if found else dict.fromkeys(("release_id", "as_of_date", "built_at", "code_version"))
    urgent = [row for row in read_alerts(reader) if row["severity"] == "critical" and row["is_last_closed_week"]]
    labels = read_labels(reader, "need")
    alerts = tuple(alert_sentence(row, labels, words) for row in urgent[:SHOWN_ALERTS])
    return Headline(release, reader.row(_ORDERS), reader.row(_CUSTOMERS), alerts)


def sentence(data: Headline, words: Wording) -> str:
    """The headline of the page."""
    buyers, guests = data.customers["buyers"], data.orders["guest_orders"]
    if data.orders["orders"] == 0:
        return words.say("page.headline_nobody", day=words.day(data.release["as_of_date"]))
    key = "page.headline_with_guests" if guests else "page.headline"
    return words.say(
        key,
        customers=words.counted("customers", buyers),
        money=words.money(data.orders["net_revenue"]),
        guest_orders=words.counted("guest_orders", guests),
    )


def facts(data: Headline, words: Wording) -> tuple[str, ...]:
    """Which release this is."""
    release = data.release
    built = release["built_at"]
    shown = [
        words.say("page.as_of", day=words.day(release["as_of_date"])),
        words.say("page.release", id=release["release_id"] or "–"),
    ]
    if built is not None:
        shown.append(words.say("page.built_at", moment=f"{built:%Y-%m-%d %H:%M} UTC"))
    return (*shown, *data.alerts)


def figures(data: Headline, words: Wording) -> tuple[Figure, ...]:
    """The headline figures, each with what it consists of."""
    builders = (_revenue, _customers, _orders, _value, _repeat, _margin)
    return tuple(builder(data, words) for builder in builders)


def _figure(words: Wording, key: str, value: str, unit: str = "", **values: object) -> Figure:
    return Figure(words.say(f"figures.{key}.label"), value, words.say(f"figures.{key}.note", **values), unit)


def _revenue(data: Headline, words: Wording) -> Figure:
    orders = data.orders
    # with cents, so that the parts add up as they are shown
    parts = {
        name: words.decimal(orders[name], 2 if orders[name] else 0)
        for name in ("gross_revenue", "discounts", "refunds")
    }
    shown = _figure(words, "net_revenue", words.amount(orders["net_revenue"]), words.currency, **parts)
    if not orders["guest_revenue"]:
        return shown
    guests = words.say("figures.net_revenue.note_guests", guests=words.money(orders["guest_revenue"]))
    return replace(shown, note=f"{shown.note}{guests}")


def _customers(data: Headline, words: Wording) -> Figure:
    known = words.counted("known_customers", data.customers["customers"])
    return _figure(words, "customers", words.count(data.customers["buyers"]), known=known)


def _orders(data: Headline, words: Wording) -> Figure:
    orders = data.orders
    return _figure(
        words,
        "orders",
        words.count(orders["orders"]),
        first=words.day(orders["first_date"]),
        last=words.day(orders["last_date"]),
    )


def _value(data: Headline, words: Wording) -> Figure:
    orders = data.orders
    before_refunds = orders["gross_revenue"] - orders["discounts"]
    average = before_refunds / orders["orders"] if orders["orders"] else None
    return _figure(words, "average_order_value", words.amount(average), words.currency if orders["orders"] else "")


def _repeat(data: Headline, words: Wording) -> Figure:
    buyers, repeaters = data.customers["buyers"], data.customers["repeaters"]
    rate = repeaters / buyers if buyers else None
    return _figure(
        words, "repeat_rate", words.percent(rate), repeaters=words.count(repeaters), buyers=words.count(buyers)
    )


def _margin(data: Headline, words: Wording) -> Figure:
    orders = data.orders
    margin, net = orders["gross_margin"], orders["net_revenue"]
    share = words.percent(margin / net if net > 0 else None)
    estimated = words.percent(orders["estimated_orders"] / orders["orders"] if orders["orders"] else None, 0)
    shown = _figure(words, "gross_margin", words.amount(margin), words.currency, share=share)
    if not orders["estimated_orders"]:
        return shown
    note = words.say("figures.gross_margin.note_estimated", share=share, estimated=estimated)
    return Figure(shown.label, shown.value, note, shown.unit)
