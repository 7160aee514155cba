"""The candidates side by side, the one that is used, its grade and the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kehu.clv.fit import Fit
from kehu.clv.holdout_errors import HoldoutErrors
from kehu.clv.policy import Policy

Kind = Literal["model", "baseline", "none"]
Grade = Literal["A", "B", "C", "insufficient"]
NO_MODEL = "none"


@dataclass(frozen=True)
class Candidate:
    """A purchase model or a baseline with all that speaks for and against it.

    Args:
        name: of the model or baseline.
        kind: model or baseline.
        fit: to all data up to D, or the given parameters; None where the data do not allow one, and for baselines.
        calibration_fit: to the data before the holdout; it made the predictions of ``holdout``.
        holdout: errors; None where there is nothing to compare.
        reasons: why a model is not trustworthy; empty if it is, and for baselines.
    """

    name: str
    kind: Kind
    fit: Fit | None
    calibration_fit: Fit | None
    holdout: HoldoutErrors | None
    reasons: tuple[str, ...]

    @property
    def is_trustworthy(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    @property
    def reason(self) -> str:
        """The reasons in one text; empty if there is none."""
        return "; ".join(self.reasons)


@dataclass(frozen=True)
class Choice:
    """What is used, how good it is, and why.

    Args:
        name: of the model or baseline; "none" if there is no prediction.
        kind: model, baseline or none.
        grade: A, B, C or insufficient.
        reason: one text for the quality table.
    """

    name: str
    kind: Kind
    grade: Grade
    reason: str


def best_baseline(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """The baseline with the lowest RMSE; the first, simplest one of those that tie."""
    return _best([candidate for candidate in candidates if candidate.kind == "baseline"])


def choose(candidates: tuple[Candidate, ...], nothing: str, policy: Policy) -> Choice:
    """The trustworthy model with the lowest holdout RMSE if its grade is A or B, else the best baseline.

    Args:
        candidates: models and baselines.
        nothing: why not even a baseline can be used; empty if one can.
        policy: the limits of the grades.
    """
    baseline = best_baseline(candidates)
    if nothing or baseline is None or baseline.holdout is None:
        return Choice(NO_MODEL, "none", "insufficient", f"no prediction: {nothing or 'there is no holdout'}")
    models = [candidate for candidate in candidates if candidate.kind == "model"]
    model = _best([candidate for candidate in models if candidate.is_trustworthy])
    fallback = f"so the best baseline, {baseline.name}, is used"
    if model is None or model.holdout is None:
        why = "; ".join(_in_short(models))
        return Choice(baseline.name, "baseline", "C", f"no model is trustworthy, {fallback} ({why})")
    grade = _grade(model.holdout, baseline.holdout, policy)
    figures = _figures(model, baseline)
    distrusted = [candidate.name for candidate in models if not candidate.is_trustworthy]
    others = f"; not trustworthy: {', '.join(distrusted)}" if distrusted else ""
    if grade == "C":
        return Choice(baseline.name, "baseline", "C", f"{figures}: not good enough, {fallback}{others}")
    return Choice(model.name, "model", grade, f"{figures}: the lowest RMSE of the trustworthy models{others}")


def _best(candidates: list[Candidate]) -> Candidate | None:
    compared = [(candidate.holdout.rmse, index) for index, candidate in enumerate(candidates) if candidate.holdout]
    return candidates[min(compared)[1]] if compared else None


def _grade(model: HoldoutErrors, baseline: HoldoutErrors, policy: Policy) -> Grade:
    if model.total_error is None or model.rmse >= baseline.rmse:
        return "C"
    error = abs(model.total_error)
    is_much_better = model.rmse <= (1 - policy.clv_grade_a_improvement) * baseline.rmse
    if is_much_better and error <= policy.clv_grade_a_total_error:
        return "A"
    return "B" if error <= policy.clv_grade_b_total_error else "C"


def _figures(model: Candidate, baseline: Candidate) -> str:
    assert model.holdout is not None and baseline.holdout is not None
    total = "nothing was bought" if model.holdout.total_error is None else f"total {model.holdout.total_error:+.1%}"
    rmse = f"holdout RMSE {model.holdout.rmse:.4f} against {baseline.holdout.rmse:.4f} of {baseline.name}"
    return f"{model.name}: {rmse}, {total}"


def _in_short(models: list[Candidate]) -> list[str]:
    """The reasons of every model; those that all share only once."""
    shared = [reason for reason in models[0].reasons if all(reason in model.reasons for model in models)]
    own = [
        f"{model.name}: {'; '.join(reason for reason in model.reasons if reason not in shared)}"
        for model in models
        if set(model.reasons) - set(shared)
    ]
    return [*shared, *own]
