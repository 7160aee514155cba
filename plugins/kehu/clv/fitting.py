"""From a likelihood and starting points to a `Fit`: what the models share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kehu.clv.arrays import Floats, Parameters
from kehu.clv.fit import Fit
from kehu.clv.grouping import merged, thinned
from kehu.clv.optimum import Evaluate, Optimum, Problem, maximise
from kehu.clv.summaries import Summaries

Prepare = Callable[[Summaries], Evaluate]
SUMMARIES_TO_START_WITH = 2000


def fit_summaries(
    model: str, names: tuple[str, ...], prepare: Prepare, summaries: Summaries, starts: Sequence[Floats]
) -> Fit:
    """Fit a purchase model by maximum likelihood.

    The starts are tried on about `SUMMARIES_TO_START_WITH` summaries.

    Args:
        model: its name.
        names: of its parameters.
        prepare: groups summaries once and gives the likelihood.
        summaries: distinct summaries with counts.
        starts: natural parameters to start from.
    """
    if not summaries.distinct:
        return unfitted(model, "there is no customer")
    distinct = merged(summaries)
    few = thinned(distinct, SUMMARIES_TO_START_WITH)
    part = Problem(names, prepare(few), few.customers)
    optimum = maximise(Problem(names, prepare(distinct), distinct.customers), part, starts)
    return as_fit(model, names, optimum, summaries.customers, len(starts))


def as_fit(model: str, names: tuple[str, ...], optimum: Optimum, customers: float, starts: int) -> Fit:
    """An optimum under the names of the model, with standard errors by the delta method."""
    errors = None
    if optimum.log_errors is not None:
        errors = named(names, optimum.parameters * optimum.log_errors)
    return Fit(
        model=model,
        parameters=named(names, optimum.parameters),
        log_likelihood=optimum.log_likelihood,
        customers=customers,
        converged=optimum.converged,
        at_bound=optimum.at_bound,
        standard_errors=errors,
        starts=starts,
        message=optimum.message,
    )


def unfitted(model: str, message: str) -> Fit:
    """The fit of nothing: it has no parameters and did not converge."""
    return Fit(model, {}, 0.0, 0.0, converged=False, message=message)


def frozen_fit(
    model: str, parameters: Parameters, names: tuple[str, ...], log_likelihood: float, customers: float
) -> Fit:
    """Given parameters as a `Fit`: not fitted, so neither convergence nor errors are in question.

    Raises:
        ValueError: the parameters are not those of the model, or not positive numbers.
    """
    values = array(parameters, names)
    if set(parameters) != set(names) or not np.isfinite(values).all() or (values <= 0).any():
        raise ValueError(f"{model} needs {', '.join(names)} as positive numbers")
    return Fit(model, named(names, values), log_likelihood, customers, converged=True, is_frozen=True)


def named(names: Sequence[str], values: Floats) -> dict[str, float]:
    """Values by name."""
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def array(parameters: Parameters, names: Sequence[str]) -> Floats:
    """Parameters in the order of ``names``; NaN where one is missing."""
    return np.array([parameters.get(name, np.nan) for name in names], dtype=np.float64)
