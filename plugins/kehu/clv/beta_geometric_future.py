"""Purchases of a living BG/NBD or MBG/NBD customer in the next t weeks, without a hypergeometric function.

Given alive, λ ~ Gamma(r+x, α+T) and p ~ Beta(a, b+n) are independent, and a customer (λ, p) buys (1 - e^(-λpt))/p
times on average within t. So with τ = t/(α+T)

    E = h_x(τ) = E_p[ (1 - (1 + pτ)^-(r+x)) / p ],   p ~ Beta(a, b+n),

which equals (a+b+n-1)/(a-1) · [1 - ((α+T)/(α+T+t))^(r+x) ₂F₁(r+x, b+n; a+b+n-1; t/(α+T+t))] of Fader, Hardie & Lee
(2005, eq. 10) and has none of its corners: a = 1, a+b+n-1 <= 0 and large x are ordinary values. h_x is a smooth function
of one variable for each x, so it is integrated at a few Chebyshev points and interpolated.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import betainc, betaln

from kehu.clv.arrays import Floats, Parameters
from kehu.clv.grouping import Distinct

PANEL_NODES, PANEL_WEIGHTS = np.polynomial.legendre.leggauss(10)
HIGHEST = 37.0
SMALLEST_SHARE = 1e-11


def purchases_if_alive(parameters: Parameters, survived: int, x: Floats, t: Floats, horizon: Floats) -> Floats:
    """E[purchases within ``horizon`` weeks | alive at T].

    Args:
        parameters: r, alpha, a, b.
        survived: occasions survived besides the repeat purchases (0 BG/NBD, 1 MBG/NBD): n = x + survived.
        x: repeat purchases, shape (n,).
        t: T in weeks, shape (n,).
        horizon: weeks ahead, shape (k,).

    Returns:
        Shape (n, k), purchases.
    """
    r, alpha, a, b = (parameters[name] for name in ("r", "alpha", "a", "b"))
    distinct = Distinct.of(x)
    order = np.argsort(distinct.index, kind="stable")
    ends = np.cumsum(np.bincount(distinct.index, minlength=len(distinct.values)))
    expected = np.empty((len(x), len(horizon)))
    for value, rows in zip(distinct.values, np.split(order, ends[:-1]), strict=True):
        tau = horizon / (alpha + t[rows])[:, None]
        expected[rows] = _interpolated(r + value, a, b + value + survived, tau)
    return expected


def _interpolated(shape: float, a: float, b: float, tau: Floats) -> Floats:
    """h(τ) for one x, as v times a Chebyshev series of h/v in v = ln(1 + τ·max(1, r+x)).

    In v, h/v is analytic and bounded within |Im v| < π/2 for every shape; the degree follows from that.
    """
    stretch = max(1.0, shape)
    v = np.log1p(stretch * tau)
    longest = float(v.max(initial=0.0))
    if longest == 0.0:
        return np.zeros_like(tau)

    def ratio(point: Floats) -> Floats:
        at = (point + 1) * longest / 2
        return _integral(shape, a, b, np.expm1(at) / stretch) / at

    reach = np.pi / longest
    degree = int(np.clip(np.ceil(34 / np.log(reach + np.hypot(1.0, reach))), 8, 250))
    series = chebyshev.chebinterpolate(ratio, degree)  # type: ignore[type-var]
    return v * np.asarray(chebyshev.chebval(2 * v / longest - 1, series))


def _integral(shape: float, a: float, b: float, tau: Floats) -> Floats:
    """h(τ) by Gauss-Legendre panels in w = ln(p/(1-p)); the tails carry their probability exactly."""
    lowest, highest, width = _range(a, b, SMALLEST_SHARE / (1 + (shape + 1) * tau.max()))
    panels = int(np.ceil((highest - lowest) / width))
    starts = np.linspace(lowest, highest, panels + 1)
    half = (starts[1] - starts[0]) / 2
    w = (starts[:-1, None] + half * (PANEL_NODES + 1)).ravel()
    log_density = -a * np.logaddexp(0.0, -w) - b * np.logaddexp(0.0, w) - betaln(a, b)
    density = np.exp(np.maximum(log_density, -700.0)) * np.tile(PANEL_WEIGHTS * half, panels)
    inside = density @ _purchases(1 / (1 + np.exp(-w)), shape, tau)
    low, beyond = 1 / (1 + np.exp(-lowest)), 1 / (1 + np.exp(highest))
    below = betainc(a, b, low) * _purchases(np.array([low / 2]), shape, tau)[0]
    above = betainc(b, a, beyond) * _purchases(np.array([1 - beyond]), shape, tau)[0]
    return np.asarray(inside + below + above)


def _range(a: float, b: float, share: float) -> tuple[float, float, float]:
    """Where the density of w lives (e^-60 of its peak, or p below ``share``), and panels that resolve its peak."""
    peak, spread = math.log(a / b), math.sqrt(1 / a + 1 / b)
    lowest = max(math.log(share), peak - 11 * spread - 60 / a)
    highest = min(HIGHEST, peak + 11 * spread + 60 / b)
    return lowest, max(highest, lowest + 1e-3), min(1.0, 3 * spread)


def _purchases(p: Floats, shape: float, tau: Floats) -> Floats:
    """(1 - (1 + pτ)^-shape) / p; shape (len(p), len(tau))."""
    return -np.expm1(-shape * np.log1p(p[:, None] * tau)) / p[:, None]
