"""The integral over the unseen time of leaving in the Pareto/NBD likelihood, with its derivatives.

For x purchases, the last at t_x, a customer who left at τ in (t_x, T] contributes

    A(x, t_x, T) = G(x, t_x) - G(x, T),   G(x, y) = ∫_y^end s β^s (β+τ)^-(s+1) (α+τ)^-(r+x) dτ,   any end >= T.

(Schmittlein, Morrison & Colombo 1987 write the same with two ₂F₁; Fader & Hardie, "A note on deriving the Pareto/NBD",
eq. 20.) The integrand in u = ln(min(α, β) + τ) is analytic within |Im u| < π, so Gauss-Legendre converges at once, for
any x and with α = β, and the derivatives in the parameters come from the same nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kehu.clv.arrays import Floats

NODES, WEIGHTS = np.polynomial.legendre.leggauss(32)
NEGLIGIBLE = 36.0
NOTHING = -1e300
CHUNK = 20_000


@dataclass(frozen=True)
class LogIntegral:
    """ln G, shape (pairs,), and d ln G in (r, α, s, β), shape (4, pairs); an empty range has ln G = -1e300."""

    value: Floats
    slopes: Floats


def log_integral(parameters: Floats, x: Floats, y: Floats, end: float) -> LogIntegral:
    """The logarithm of G for pairs (x, y).

    Args:
        parameters: r, alpha, s, beta.
        x: repeat purchases, shape (pairs,).
        y: lower ends of the range in weeks, shape (pairs,).
        end: upper end of the range in weeks, at least every y.
    """
    value, slopes = np.empty(len(x)), np.empty((4, len(x)))
    for start in range(0, len(x), CHUNK):
        rows = slice(start, start + CHUNK)
        value[rows], slopes[:, rows] = _chunk(parameters, x[rows], y[rows], end)
    return LogIntegral(value, slopes)


def _chunk(parameters: Floats, x: Floats, y: Floats, end: float) -> tuple[Floats, Floats]:
    r, alpha, s, beta = (float(value) for value in parameters)
    smaller = min(alpha, beta)
    last = np.minimum(end, y + _until_negligible(r + x, alpha + y, s + 1, beta + y))
    half = np.log1p((np.maximum(last, y) - y) / (smaller + y)) / 2
    tau = y + (smaller + y) * np.expm1(half * (NODES[:, None] + 1))
    log_alpha, log_beta = np.log(alpha + tau), np.log(beta + tau)
    at_y = -(r + x) * np.log(alpha + y) - (s + 1) * np.log(beta + y) + np.log(smaller + y)
    log_mass = np.log(smaller + tau) - (r + x) * log_alpha - (s + 1) * log_beta - at_y
    mass = np.exp(log_mass) * WEIGHTS[:, None]
    total = mass.sum(axis=0)
    is_empty = half <= 0
    value = at_y + np.log(total) + np.log(np.where(is_empty, 1.0, half)) + np.log(s) + s * np.log(beta)
    slopes = np.array(
        [
            -(mass * log_alpha).sum(axis=0) / total,
            -(r + x) * (mass / (alpha + tau)).sum(axis=0) / total,
            1 / s + np.log(beta) - (mass * log_beta).sum(axis=0) / total,
            s / beta - (s + 1) * (mass / (beta + tau)).sum(axis=0) / total,
        ]
    )
    return np.where(is_empty, NOTHING, value), np.where(is_empty, 0.0, slopes)


def _until_negligible(one: Floats, one_scale: Floats, other: float, other_scale: Floats) -> Floats:
    """Weeks after which (1 + τ/scale)^-power · (1 + τ/other_scale)^-other is below e^-36 for sure.

    Each power alone takes so long; as logarithms are concave, the two need at most the harmonic sum of both times.
    """
    alone = one_scale * np.expm1(np.minimum(NEGLIGIBLE / one, 600.0))
    besides = other_scale * np.expm1(np.minimum(NEGLIGIBLE / other, 600.0))
    return 1 / (1 / alone + 1 / besides)
