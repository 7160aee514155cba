"""Lifetime value: what was brought, which model is used and why, what it expects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kehu.explain.facts import Facts, Section
from kehu.explain.figures import figure_text, percent_text

_QUALITY = """
    select quality.*
    from analytics.clv_model_quality as quality
    where quality.segment = ? and quality.is_chosen and quality.kind <> 'spend'
"""
_COST = """
    select count(*) as orders, count(case when orders.is_cost_estimated then 1 end) as estimated
    from analytics.fct_orders as orders
    where orders.is_valid
"""


def value_section(facts: Facts) -> list[str]:
    """What the customer brought, and what is expected: history → model → purchases → value."""
    return [facts.words("value"), *(f"  {line}" for line in _lines(facts))]


def _lines(facts: Facts) -> Iterator[str]:
    words, customer, lifetime = facts.words, facts.customer, facts.lifetime
    names = {"gross": "gross_revenue", "discounts": "discounts", "refunds": "refunds", "net": "net_revenue"}
    money = {name: figure_text(customer[column]) for name, column in {**names, "margin": "margin"}.items()}
    yield words("money", currency=facts.currency, **money)
    if lifetime:
        weeks = {name: figure_text(lifetime[name]) for name in ("x", "t_x", "t")}
        yield words("purchases", **weeks)
    yield from _model(facts)
    if customer["predicted_clv"] is None:
        yield words("predicted_clv", value=words("not_modelled"))
    else:
        yield from _expected(facts)


def _model(facts: Facts) -> Iterator[str]:
    """The model or baseline in use, its grade and the reason as the quality table has them."""
    words, lifetime, quality = facts.words, facts.lifetime, _quality(facts)
    if not lifetime.get("model_grade"):
        return
    name = lifetime["model_name"] or words("none")
    yield words("model", model=name, grade=lifetime["model_grade"], segment=lifetime["fit_segment"])
    if quality:
        yield "  " + words("model_reason", reason=quality["reason"])
    if quality.get("parameters"):
        yield "  " + words("model_parameters", parameters=quality["parameters"])


def _expected(facts: Facts) -> Iterator[str]:
    """From the model's expectation to the money, step by step."""
    words, customer, lifetime = facts.words, facts.customer, facts.lifetime
    quality = _quality(facts)
    horizon = facts.threshold("clv_horizon_weeks")
    yield words("probability_alive", value=facts.alive)
    yield words(
        "expected_orders",
        weeks=horizon,
        expected=figure_text(lifetime[f"expected_orders_{horizon}w"]),
        discounted=figure_text(lifetime["discounted_orders"]),
        rate=percent_text(facts.threshold("annual_discount_rate")),
    )
    own = lifetime["mean_repeat_value"]
    yield words(
        "order_value",
        value=figure_text(lifetime["expected_order_value"]),
        currency=facts.currency,
        own=words("none") if own is None else figure_text(own),
    )
    yield words(
        "clv_product",
        margin=percent_text(quality["margin_rate"]),
        origin=_margin_origin(facts, quality["margin_rate_origin"]),
        value=figure_text(customer["predicted_clv"]),
        currency=facts.currency,
    )
    if lifetime["predicted_clv_low"] is None:
        yield words("no_interval")
    else:
        low, high = (figure_text(lifetime[f"predicted_clv_{end}"]) for end in ("low", "high"))
        share = percent_text(facts.threshold("clv_interval_share"))
        yield words("interval", share=share, low=low, high=high, currency=facts.currency)


def _margin_origin(facts: Facts, origin: str) -> str:
    """Where the margin rate comes from; what rests on an estimated cost is not called measured."""
    cost = facts.row(_COST)
    if origin == "measured" and cost["estimated"]:
        return facts.words("margin_estimated", share=percent_text(cost["estimated"] / cost["orders"]))
    return facts.words(f"margin_{origin}")


def _quality(facts: Facts) -> dict[str, Any]:
    """The row of the model in use."""
    return facts.row(_QUALITY, facts.lifetime.get("fit_segment"))


SECTION = Section(60, value_section)
