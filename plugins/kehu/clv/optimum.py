"""Bounded maximum likelihood in logarithms of the parameters: SLSQP and Newton steps, then honest questions.

Every start climbs on a part of the customers; from the best end a few Newton steps, with the curvature seen there,
reach the optimum of all of them (if they do not, SLSQP does). SLSQP needs no more evaluations here than L-BFGS-B, whose
threaded linear algebra takes ten times as long on a busy machine.

An optimiser that stops is not one that has arrived: the gradient, the curvature and the likelihood at the bounds are
looked at afterwards, so that a parameter that creeps to infinity along a ridge is named as being at its bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from kehu.clv.arrays import Floats
from kehu.clv.fit import LOWER, NEAR, UPPER

Evaluate = Callable[[Floats], tuple[float, Floats]]

LOG_LOWER, LOG_UPPER = np.log(LOWER), np.log(UPPER)
NEAR_BOUND = np.log(NEAR)
GRADIENT_TOLERANCE = 1e-6
POLISHED = 1e-9
STEP = 1e-4
UNCERTAIN = 1.0
# Half the 95 % quantile of chi-squared with one degree of freedom: a likelihood ratio that means nothing.
NOT_TOLD_APART = 1.92


@dataclass(frozen=True)
class Problem:
    """A log-likelihood over ``customers``; ``evaluate`` gives it and its gradient at natural parameters."""

    names: tuple[str, ...]
    evaluate: Evaluate
    customers: float

    def loss(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Mean negative log-likelihood and its gradient in the logarithms of the parameters."""
        parameters = np.exp(log_parameters)
        value, gradient = self.evaluate(parameters)
        return -value / self.customers, -gradient * parameters / self.customers


@dataclass(frozen=True)
class Optimum:
    """Where the likelihood is highest, in the natural scale; ``log_errors`` are those of the logarithms."""

    parameters: Floats
    log_likelihood: float
    converged: bool
    at_bound: tuple[str, ...]
    log_errors: Floats | None
    message: str


def maximise(problem: Problem, part: Problem, starts: Sequence[Floats]) -> Optimum:
    """The maximum of a likelihood within [1e-4, 1e4] for every parameter.

    Args:
        problem: the likelihood of all customers.
        part: that of a part of them, on which the starts are tried.
        starts: natural parameters, shape (parameters,) each.
    """
    ends = [_climb(part, np.log(np.clip(start, LOWER, UPPER))) for start in starts]
    start = min(ends, key=lambda end: part.loss(end)[0])
    point = _polish(problem, start, _curvature(part, start))
    if np.abs(problem.loss(point)[1]).max() > POLISHED:
        point = _climb(problem, point)
    curvature = _curvature(problem, point)
    point = _polish(problem, point, curvature)
    value, gradient = problem.loss(point)
    slope = float(np.abs(_projected(point, gradient)).max(initial=0.0))
    errors = _log_errors(curvature, problem.customers)
    stuck = _near_bounds(point) | _reaching_for_bounds(problem, point, value, errors)
    converged = slope <= GRADIENT_TOLERANCE
    message = "" if converged else f"the gradient is still {slope:.2g} per customer where the optimiser stopped"
    at_bound = tuple(name for name, is_stuck in zip(problem.names, stuck, strict=True) if is_stuck)
    kept = None if stuck.any() or not converged else errors
    return Optimum(np.exp(point), -value * problem.customers, converged, at_bound, kept, message)


def _climb(problem: Problem, start: Floats, fixed: int | None = None) -> Floats:
    """SLSQP; with one parameter fixed it only has to be right to what a likelihood ratio needs."""
    bounds = [(LOG_LOWER, LOG_UPPER)] * len(start)
    if fixed is not None:
        bounds[fixed] = (start[fixed], start[fixed])
    options = {"maxiter": 500, "ftol": 1e-15 if fixed is None else 1e-10}
    found = optimize.minimize(problem.loss, start, jac=True, method="SLSQP", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64)


def _curvature(problem: Problem, point: Floats) -> Floats:
    rows = []
    for direction in np.eye(len(point)) * STEP:
        rows.append((problem.loss(point + direction)[1] - problem.loss(point - direction)[1]) / (2 * STEP))
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2


def _is_positive_definite(matrix: Floats) -> bool:
    values = np.linalg.eigvalsh(matrix)
    return bool(values[0] > 1e-10 * max(values[-1], 1e-10))


def _polish(problem: Problem, point: Floats, curvature: Floats) -> Floats:
    """Newton steps with a given curvature while they get nearer; none near a bound or where it is not convex."""
    value, gradient = problem.loss(point)
    if not _is_positive_definite(curvature) or _near_bounds(point).any():
        return point
    for _ in range(8):
        if np.abs(gradient).max() <= POLISHED:
            break
        step = np.linalg.solve(curvature, gradient)
        nearer = np.clip(point - step / max(1.0, np.abs(step).max() / 0.5), LOG_LOWER, LOG_UPPER)
        next_value, next_gradient = problem.loss(nearer)
        if next_value > value + 1e-13 or np.abs(next_gradient).max() >= np.abs(gradient).max():
            break
        point, value, gradient = nearer, next_value, next_gradient
    return point


def _projected(point: Floats, gradient: Floats) -> Floats:
    """The gradient without what pushes against a bound."""
    pushes_down = (point <= LOG_LOWER + NEAR_BOUND) & (gradient > 0)
    pushes_up = (point >= LOG_UPPER - NEAR_BOUND) & (gradient < 0)
    return np.where(pushes_down | pushes_up, 0.0, gradient)


def _near_bounds(point: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return (point <= LOG_LOWER + NEAR_BOUND) | (point >= LOG_UPPER - NEAR_BOUND)


def _log_errors(curvature: Floats, customers: float) -> Floats | None:
    if not _is_positive_definite(curvature):
        return None
    return np.sqrt(np.diag(np.linalg.inv(curvature)) / customers)


def _reaching_for_bounds(
    problem: Problem, point: Floats, value: float, errors: Floats | None
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Parameters that the data cannot tell from a bound: the likelihood there, the others free, is as good."""
    suspects = np.full(len(point), True) if errors is None else errors > UNCERTAIN
    for which in np.flatnonzero(suspects & ~_near_bounds(point)):
        suspects[which] = any(
            (_loss_at(problem, point, int(which), bound) - value) * problem.customers <= NOT_TOLD_APART
            for bound in (LOG_LOWER, LOG_UPPER)
        )
    return suspects


def _loss_at(problem: Problem, point: Floats, which: int, bound: float) -> float:
    start = point.copy()
    start[which] = bound
    return problem.loss(_climb(problem, start, fixed=which))[0]
