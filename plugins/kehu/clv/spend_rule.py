"""What a future purchase is worth: Gamma-Gamma where it can be believed, else the mean repeat purchase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kehu.clv.arrays import Floats, Parameters
from kehu.clv.fit import Fit
from kehu.clv.gamma_gamma import GAMMA_GAMMA
from kehu.clv.policy import Policy
from kehu.clv.summaries import Spend
from kehu.clv.trust import spend_reasons

MEAN_SPEND = "mean_spend"
NO_SPEND = "no_spend"


@dataclass(frozen=True)
class SpendRule:
    """The spend model in force and its quality.

    Args:
        name: gamma_gamma, mean_spend (one value for everybody) or no_spend (no repeat purchase was worth anything: 0).
        fit: of Gamma-Gamma, also where it is not used; None where it was not tried.
        mean: money per repeat purchase day of the customers with positive repeat spend.
        customers: of them.
        correlation: Pearson's of x and m_x among them; None where one of the two does not vary.
        is_correlated: whether that is above the threshold, so that frequent customers' value is misjudged.
        is_trustworthy: whether Gamma-Gamma is used.
        reasons: why not, and what is used instead.
    """

    name: str
    fit: Fit | None
    mean: float
    customers: float
    correlation: float | None
    is_correlated: bool
    is_trustworthy: bool
    reasons: tuple[str, ...]

    def line(self, spend_x: Floats) -> tuple[Floats, Floats]:
        """The expected value of a purchase as base + slope · repeat value; shape (n,) each."""
        if self.is_trustworthy and self.fit is not None:
            return GAMMA_GAMMA.line(self.fit.parameters, spend_x)
        return np.full(len(spend_x), self.mean), np.zeros(len(spend_x))

    @property
    def reason(self) -> str:
        """The reasons in one text; empty if there is nothing to say."""
        return "; ".join(self.reasons)


def spend_rule(spend: Spend, policy: Policy, frozen: Parameters | None = None) -> SpendRule:
    """Fit Gamma-Gamma, or take its given parameters, and decide whether it is used.

    Raises:
        ValueError: the given parameters are not p, q and gamma.
    """
    if not spend.customers:
        reasons = ("no repeat purchase had a positive value, so future ones are worth 0",)
        return SpendRule(NO_SPEND, None, 0.0, 0.0, None, False, False, reasons)
    fit, against = _fitted(spend, policy, frozen)
    if against:
        against.append(f"so every purchase counts the mean, {spend.mean:.2f}")
    correlation = value_frequency_correlation(spend)
    is_correlated = correlation is not None and abs(correlation) > policy.max_value_frequency_correlation
    notes = []
    if is_correlated:
        notes.append(f"value and frequency are correlated ({correlation:.2f}), which the spend model ignores")
    return SpendRule(
        name=MEAN_SPEND if against else GAMMA_GAMMA.name,
        fit=fit,
        mean=spend.mean,
        customers=spend.customers,
        correlation=correlation,
        is_correlated=is_correlated,
        is_trustworthy=not against,
        reasons=(*against, *notes),
    )


def _fitted(spend: Spend, policy: Policy, frozen: Parameters | None) -> tuple[Fit | None, list[str]]:
    """Gamma-Gamma, and what speaks against it; not fitted where there is too little spend."""
    if frozen is not None:
        fit = GAMMA_GAMMA.freeze(frozen, spend)
    elif spend.customers < policy.min_repeat_customers:
        needed = policy.min_repeat_customers
        return None, [f"{spend.customers:.0f} customers have positive repeat spend, {needed} are needed"]
    else:
        fit = GAMMA_GAMMA.fit(spend)
    return fit, spend_reasons(fit, spend, policy)


def value_frequency_correlation(spend: Spend) -> float | None:
    """Pearson's correlation of x and m_x over customers; None where one of them does not vary."""
    if not spend.customers:
        return None
    share = spend.weight / spend.customers
    x, value = spend.x - share @ spend.x, spend.total / spend.x
    value = value - share @ value
    spread_x, spread_value = float(share @ x**2), float(share @ value**2)
    smallest = 1e-12 * float(share @ (spend.total / spend.x)) ** 2
    if spread_x <= 1e-12 or spread_value <= smallest:
        return None
    return float(np.clip(share @ (x * value) / np.sqrt(spread_x * spread_value), -1.0, 1.0))
