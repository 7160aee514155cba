"""What a new customer (x = 0, T = 0) is worth, to be held against the cost of winning one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kehu.clv.arrays import Parameters
from kehu.clv.backtest import Backtest
from kehu.clv.baselines import rate
from kehu.clv.discounting import weekly_factors
from kehu.clv.fit import Fit
from kehu.clv.models import MODELS
from kehu.clv.policy import Policy
from kehu.clv.purchase_model import PurchaseModel
from kehu.clv.score import purchases_ahead
from kehu.clv.spend_rule import spend_rule
from kehu.clv.summaries import Spend, Summaries
from kehu.clv.trust import data_reasons, fit_reasons


@dataclass(frozen=True)
class Channel:
    """The customers of one acquisition channel up to D."""

    summaries: Summaries
    spend: Spend


@dataclass(frozen=True)
class NewCustomer:
    """Repeat purchases of a new customer within the horizon, and their value before the margin rate.

    Args:
        model_name: model or baseline that the purchases come from; "none" for the grade insufficient.
        is_pooled: purchases are those of all channels, not of this one.
        is_spend_pooled: the value of a purchase is that of all channels.
        expected_orders: within the horizon; None for the grade insufficient, as all that follow.
        discounted_orders: the same, discounted by week.
        expected_order_value: money per repeat purchase.
        value: discounted_orders · expected_order_value.
        reason: why it is pooled, or not by the chosen baseline; empty if there is nothing to say.
    """

    model_name: str
    is_pooled: bool
    is_spend_pooled: bool
    expected_orders: float | None
    discounted_orders: float | None
    expected_order_value: float | None
    value: float | None
    reason: str


def new_customer_value(backtest: Backtest, policy: Policy, channel: Channel | None = None) -> NewCustomer:
    """The expected value of a new customer, with the chosen model's parameters for the channel where it has enough.

    Args:
        backtest: of the population; its chosen model is fitted to the channel.
        policy: horizon, discount rate and thresholds.
        channel: customers of one acquisition channel; None for all of them.
    """
    choice = backtest.choice
    if choice.kind == "none":
        return NewCustomer(choice.name, True, True, None, None, None, None, choice.reason)
    find = _by_baseline if choice.kind == "baseline" else _by_model
    orders = find(backtest, channel, policy)
    reasons = [orders.reason] if orders.reason else []
    spend = backtest.spend
    if channel is not None:
        own = spend_rule(channel.spend, policy)
        spend = own if own.is_trustworthy else spend
        reasons += [] if own.is_trustworthy else ["the value of a purchase is that of all channels"]
    base, _ = spend.line(np.zeros(1))
    value = float(base[0])
    return NewCustomer(
        model_name=orders.model_name,
        is_pooled=orders.is_pooled,
        is_spend_pooled=spend is backtest.spend,
        expected_orders=orders.expected,
        discounted_orders=orders.discounted,
        expected_order_value=value,
        value=orders.discounted * value,
        reason="; ".join(reasons),
    )


@dataclass(frozen=True)
class _Orders:
    """Expected and discounted purchases of a new customer, and whose they are."""

    model_name: str
    expected: float
    discounted: float
    is_pooled: bool
    reason: str


def _by_model(backtest: Backtest, channel: Channel | None, policy: Policy) -> _Orders:
    model, fit = MODELS[backtest.choice.name], backtest.fit
    assert fit is not None
    own, reasons = (None, []) if channel is None else _own_parameters(model, fit, channel, policy)
    parameters, start = own or fit.parameters, np.zeros(1)
    alive = float(model.probability_alive(parameters, start, start, start)[0])
    plain, worth = purchases_ahead(model, parameters, start, start, policy)
    return _Orders(model.name, alive * float(plain[0]), alive * float(worth[0]), own is None, "; ".join(reasons))


def _own_parameters(
    model: PurchaseModel, fit: Fit, channel: Channel, policy: Policy
) -> tuple[Parameters | None, list[str]]:
    """The chosen model's parameters for a channel, or why those of all channels are used."""
    if fit.is_frozen:
        return None, ["the parameters are frozen"]
    reasons = data_reasons(channel.summaries, policy, "at D")
    if reasons:
        return None, reasons
    own = model.fit(channel.summaries)
    reasons = fit_reasons(own, "at D")
    return (None if reasons else own.parameters), reasons


def _by_baseline(backtest: Backtest, channel: Channel | None, policy: Policy) -> _Orders:
    """A baseline that goes by a customer's own history says nothing of one without: then the population's mean."""
    name = backtest.choice.name
    reason = ""
    if name in {"naive_rate", "same_as_calibration"}:
        name, reason = "population_mean", f"{name} says nothing of a customer without a history"
    has_enough = channel is not None and channel.summaries.customers >= policy.clv_min_baseline_customers
    summaries = channel.summaries if channel is not None and has_enough else backtest.summaries
    weekly = float(rate(name, np.zeros(1), np.zeros(1), summaries.purchase_rate)[0])
    factors = weekly_factors(policy.weekly_discount_rate, policy.clv_horizon_weeks)
    return _Orders(name, weekly * len(factors), weekly * float(factors.sum()), not has_enough, reason)
