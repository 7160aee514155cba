"""Why a fit is not to be believed: every reason is a sentence that ends up in the quality table."""

from __future__ import annotations

from kehu.clv.arrays import Parameters
from kehu.clv.fit import Fit, is_bound
from kehu.clv.policy import Policy
from kehu.clv.summaries import Spend, Summaries


def data_reasons(summaries: Summaries, policy: Policy, when: str) -> list[str]:
    """What is missing in the summaries for any purchase model.

    Args:
        summaries: up to some day.
        policy: the thresholds.
        when: the day in words, for the sentences.
    """
    if not summaries.customers:
        return [f"nobody had bought {when}"]
    reasons = []
    repeat, share = summaries.repeat_customers, summaries.repeat_share
    if repeat < policy.min_repeat_customers:
        reasons.append(f"{repeat:.0f} customers had bought again {when}, {policy.min_repeat_customers} are needed")
    if share < policy.clv_min_group_share:
        reasons.append(f"almost nobody had bought again {when} ({share:.2%} of the customers)")
    if 1 - share < policy.clv_min_group_share:
        reasons.append(f"almost everybody had bought again {when} ({1 - share:.2%} bought once)")
    return reasons


def history_reasons(history_weeks: float, policy: Policy) -> list[str]:
    """Whether the history up to D is too short for a purchase model."""
    if history_weeks >= policy.clv_min_history_weeks:
        return []
    return [f"the history is {history_weeks:.1f} weeks long, {policy.clv_min_history_weeks:g} are needed"]


def fit_reasons(fit: Fit, when: str) -> list[str]:
    """What is wrong with a fit: it did not converge, or a parameter is at a bound."""
    reasons = []
    if not fit.converged:
        reasons.append(f"the fit of the data {when} did not converge ({fit.message})")
    values = {name: fit.parameters[name] for name in fit.at_bound}
    at_end = [f"{name} = {value:.3g}" for name, value in values.items() if is_bound(value)]
    unclear = [f"{name} = {value:.3g}" for name, value in values.items() if not is_bound(value)]
    if at_end:
        reasons.append(f"the fit of the data {when} is at a bound ({', '.join(at_end)})")
    if unclear:
        reasons.append(f"the data {when} do not tell a parameter from its bound ({', '.join(unclear)})")
    return reasons


def spend_reasons(fit: Fit, spend: Spend, policy: Policy) -> list[str]:
    """Why a fit of Gamma-Gamma is not used for the expected value of a purchase."""
    reasons = [] if fit.is_frozen else fit_reasons(fit, "at D")
    if fit.parameters["q"] <= 1:
        return [*reasons, f"the population has no mean (q = {fit.parameters['q']:.3g}, more than 1 is needed)"]
    mean = population_mean(fit.parameters)
    if abs(mean / spend.mean - 1) > policy.max_spend_mean_error:
        reasons.append(f"its population mean is {mean:.2f} where {spend.mean:.2f} was observed")
    return reasons


def population_mean(parameters: Parameters) -> float:
    """Gamma-Gamma's mean value of a purchase, pγ/(q-1), for q > 1."""
    return parameters["p"] * parameters["gamma"] / (parameters["q"] - 1)
