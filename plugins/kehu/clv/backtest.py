"""The backtest of a release: every candidate fitted, validated on a holdout, graded; one chosen, or none, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kehu.clv.arrays import Floats, Parameters
from kehu.clv.backtest_tables import Calibration, Gains, Tracking, calibration, gains, tracking
from kehu.clv.baselines import BASELINES, predict_holdout
from kehu.clv.choice import Candidate, Choice, best_baseline, choose
from kehu.clv.fit import Fit
from kehu.clv.gamma_gamma import GAMMA_GAMMA
from kehu.clv.holdout_errors import HoldoutErrors, holdout_errors
from kehu.clv.models import MODELS
from kehu.clv.policy import Policy
from kehu.clv.purchase_model import PurchaseModel
from kehu.clv.spend_rule import SpendRule, spend_rule
from kehu.clv.summaries import Holdout, Spend, Summaries, Weeks
from kehu.clv.trust import data_reasons, fit_reasons, history_reasons

AT_END, AT_START = "at D", "by the start of the holdout"


@dataclass(frozen=True)
class Backtest:
    """Everything that a release publishes about its models, and what `kehu.clv.score` needs.

    Args:
        summaries: up to D.
        holdout: calibration summaries and what followed.
        candidates: the four models, then the four baselines.
        spend: the spend model in force.
        choice: what is used, its grade and the reason.
        tracking: purchases by week.
        calibration: holdout purchases by frequency, as predicted by the choice; None where nothing is predicted.
        gains: the same by decile of prediction; None where nothing is predicted.
    """

    summaries: Summaries
    holdout: Holdout
    candidates: tuple[Candidate, ...]
    spend: SpendRule
    choice: Choice
    tracking: Tracking
    calibration: Calibration | None
    gains: Gains | None

    @property
    def best_baseline(self) -> Candidate | None:
        """The baseline to beat; None where there is no holdout."""
        return best_baseline(self.candidates)

    @property
    def chosen(self) -> Candidate | None:
        """The candidate in use; None for the grade insufficient."""
        return next((candidate for candidate in self.candidates if candidate.name == self.choice.name), None)

    @property
    def fit(self) -> Fit | None:
        """The parameters in use; None where a baseline or nothing is used."""
        return self.chosen.fit if self.chosen else None


def backtest(
    summaries: Summaries,
    spend: Spend,
    holdout: Holdout,
    weeks: Weeks,
    *,
    history_weeks: float,
    policy: Policy,
    frozen: Mapping[str, Parameters] | None = None,
) -> Backtest:
    """Fit, backtest, grade and choose for one population; bad data end in a grade and a reason, never in an exception.

    Args:
        summaries: up to D.
        spend: repeat spend up to D, of customers who have some.
        holdout: summaries up to the end of calibration with what followed; empty or of 0 weeks if there is none.
        weeks: repeat purchases by week of customers acquired within calibration.
        history_weeks: from the first purchase of anybody to D.
        policy: the thresholds.
        frozen: parameters by model name (gamma_gamma included) to be used as they are. If a purchase model is among
            them, only those named compete; the backtest is always made with a refit to the calibration data.

    Raises:
        ValueError: frozen parameters that are not those of their model.
    """
    given = frozen or {}
    shared = data_reasons(summaries, policy, AT_END) + history_reasons(history_weeks, policy)
    nothing = _nothing(summaries, holdout, policy)
    shared += [nothing] if nothing else data_reasons(holdout.summaries, policy, AT_START)
    models = tuple(_model(model, shared, summaries, holdout, given) for model in MODELS.values())
    candidates = models + tuple(_baseline(name, holdout, nothing) for name in BASELINES)
    choice = choose(candidates, nothing, policy)
    chosen = next((candidate for candidate in candidates if candidate.name == choice.name), None)
    predicted = None if chosen is None else _predicted(chosen, holdout)
    return Backtest(
        summaries=summaries,
        holdout=holdout,
        candidates=candidates,
        spend=spend_rule(spend, policy, given.get(GAMMA_GAMMA.name)),
        choice=choice,
        tracking=_tracking(weeks, holdout, models, chosen),
        calibration=None if predicted is None else calibration(predicted, holdout),
        gains=None if predicted is None else gains(predicted, holdout),
    )


def _nothing(summaries: Summaries, holdout: Holdout, policy: Policy) -> str:
    """Why not even a baseline can be used; empty if one can."""
    if not summaries.customers:
        return "nobody has bought"
    if holdout.weeks <= 0:
        return "the history is too short for a holdout"
    customers = float(holdout.weight.sum())
    if customers < policy.clv_min_baseline_customers:
        needed = policy.clv_min_baseline_customers
        return f"{customers:.0f} customers had bought {AT_START}, {needed} are needed even for a baseline"
    return ""


def _model(
    model: PurchaseModel, shared: list[str], summaries: Summaries, holdout: Holdout, given: Mapping[str, Parameters]
) -> Candidate:
    """A purchase model: not fitted where the data forbid it or other parameters are frozen."""
    others = [name for name in given if name in MODELS]
    if others and model.name not in given:
        shared = [*shared, f"the parameters in force are those of {', '.join(others)}"]
    if shared:
        fit = model.freeze(given[model.name], summaries) if model.name in given else None
        return Candidate(model.name, "model", fit, None, None, tuple(shared))
    fit = model.freeze(given[model.name], summaries) if model.name in given else model.fit(summaries)
    before = model.fit(holdout.summaries)
    reasons = fit_reasons(before, AT_START) if fit.is_frozen else _of_both(fit, before)
    errors = holdout_errors(_expected(model, before, holdout), holdout)
    return Candidate(model.name, "model", fit, before, errors, tuple(reasons))


def _of_both(fit: Fit, before: Fit) -> list[str]:
    return fit_reasons(fit, AT_END) + fit_reasons(before, AT_START)


def _baseline(name: str, holdout: Holdout, nothing: str) -> Candidate:
    errors: HoldoutErrors | None = None
    if not nothing:
        errors = holdout_errors(predict_holdout(name, holdout), holdout)
    return Candidate(name, "baseline", None, None, errors, ())


def _predicted(candidate: Candidate, holdout: Holdout) -> Floats:
    if candidate.calibration_fit is None:
        return predict_holdout(candidate.name, holdout)
    return _expected(MODELS[candidate.name], candidate.calibration_fit, holdout)


def _expected(model: PurchaseModel, fit: Fit, holdout: Holdout) -> Floats:
    return model.expected_purchases(fit.parameters, holdout.x, holdout.t_x, holdout.t, holdout.weeks)


def _tracking(weeks: Weeks, holdout: Holdout, models: tuple[Candidate, ...], chosen: Candidate | None) -> Tracking:
    fitted = [candidate for candidate in models if candidate.calibration_fit and candidate.holdout]
    if chosen is None or chosen.calibration_fit is None:
        chosen = min(fitted, key=lambda one: one.holdout.rmse if one.holdout else 0.0, default=None)
    if chosen is None or chosen.calibration_fit is None:
        return tracking(weeks, holdout, None, None)
    return tracking(weeks, holdout, MODELS[chosen.name], chosen.calibration_fit.parameters)
