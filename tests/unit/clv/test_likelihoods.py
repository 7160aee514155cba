"""Likelihoods against the customer's own story, integrated over the population by quadrature, and their gradients."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import gamma, hyp2f1, roots_genlaguerre, roots_jacobi

from kehu.clv.gamma_gamma import GAMMA_GAMMA
from kehu.clv.models import MODELS
from kehu.clv.pareto_integral import log_integral
from kehu.clv.rising import log_rising, log_survival
from kehu.clv.summaries import Spend, Summaries
from tests.unit.clv.processes import SPEND, TRUE

X = np.array([0, 0, 1, 1, 2, 5, 12, 40], dtype=float)
T_X = np.array([0, 0, 0.3, 20, 20, 19.9, 15, 38.5])
T = np.array([0, 38, 38, 20, 25, 20, 39, 39], dtype=float)
KNOWN = Summaries(X, T_X, T, np.arange(1.0, 9.0))
HARD = {
    "bg_nbd": [{"r": 0.2, "alpha": 4.0, "a": 1.0, "b": 0.3}, {"r": 3.0, "alpha": 0.05, "a": 0.02, "b": 0.01}],
    "mbg_nbd": [{"r": 0.2, "alpha": 4.0, "a": 1.0, "b": 0.3}, {"r": 3.0, "alpha": 0.05, "a": 0.02, "b": 0.01}],
    "pareto_nbd": [
        {"r": 0.5, "alpha": 10.0, "s": 1.0, "beta": 10.0},
        {"r": 2.0, "alpha": 50.0, "s": 0.2, "beta": 0.1},
        {"r": 0.1, "alpha": 0.2, "s": 3.0, "beta": 400.0},
    ],
    "nbd": [{"r": 0.1, "alpha": 0.2}, {"r": 30.0, "alpha": 900.0}],
}
CASES = [(name, parameters) for name in MODELS for parameters in (TRUE[name], *HARD[name])]


def over_rate(parameters: dict[str, float], x: float, t: float) -> float:
    """E[λ^x e^(-λt)] over λ ~ Gamma(r, α): the nodes carry all of λ^(r+x-1) e^(-λ(α+t)), so the sum is exact."""
    r, alpha = parameters["r"], parameters["alpha"]
    _, weights = roots_genlaguerre(8, r + x - 1)
    return weights.sum() / (alpha + t) ** (r + x) * alpha**r / gamma(r)


def over_leaving(parameters: dict[str, float], function) -> float:
    """E[function(p)] over p ~ Beta(a, b)."""
    nodes, weights = roots_jacobi(60, parameters["b"] - 1, parameters["a"] - 1)
    return float(weights @ function((nodes + 1) / 2) / weights.sum())


def literal(name: str, parameters: dict[str, float], x: float, t_x: float, t: float) -> float:
    """The likelihood of one customer as the story has it."""
    if name == "nbd":
        return over_rate(parameters, x, t)
    if name == "pareto_nbd":
        return literal_pareto(parameters, x, t_x, t)
    chances = x + (name == "mbg_nbd")
    still = over_leaving(parameters, lambda p: (1 - p) ** chances) * over_rate(parameters, x, t)
    if chances == 0:
        return still
    return still + over_leaving(parameters, lambda p: p * (1 - p) ** (chances - 1)) * over_rate(parameters, x, t_x)


def literal_pareto(parameters: dict[str, float], x: float, t_x: float, t: float) -> float:
    """Alive at T, or gone at τ in (t_x, T], with the density of the time of leaving; adaptive quadrature."""
    s, beta = parameters["s"], parameters["beta"]
    alive = over_rate(parameters, x, t) * (beta / (beta + t)) ** s
    if t_x == t:
        return alive
    scale = over_rate(parameters, x, t_x)

    def gone_at(tau: float) -> float:
        return s * beta**s / (beta + tau) ** (s + 1) * over_rate(parameters, x, tau) / scale

    return alive + scale * integrate.quad(gone_at, t_x, t, epsabs=0, epsrel=1e-12, limit=200)[0]


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_the_likelihood_is_that_of_the_story(name: str, parameters: dict[str, float]) -> None:
    for x, t_x, t in zip(X, T_X, T, strict=True):
        one = Summaries([x], [t_x], [t], [1])
        expected = np.log(literal(name, parameters, x, t_x, t))
        assert MODELS[name].log_likelihood(parameters, one) == pytest.approx(expected, abs=1e-9, rel=1e-10), (x, t_x, t)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_the_gradient_is_the_slope(name: str, parameters: dict[str, float]) -> None:
    model = MODELS[name]
    evaluate, values = model.likelihood(KNOWN), np.array(list(parameters.values()))
    _, gradient = evaluate(values)
    for place, value in enumerate(values):
        step = np.zeros(len(values))
        step[place] = value * 1e-5
        slope = (evaluate(values + step)[0] - evaluate(values - step)[0]) / (2 * step[place])
        assert gradient[place] == pytest.approx(slope, rel=2e-6, abs=2e-6 / value)


def test_the_gamma_gamma_likelihood_is_that_of_the_story() -> None:
    """The mean of x values Gamma(p, ν) is Gamma(px, xν); ν ~ Gamma(q, γ) by adaptive quadrature."""
    p, q, scale = SPEND.values()
    for x, mean in ((1, 5.0), (1, 400.0), (3, 36.0), (40, 12.0)):

        def joint(nu: float, x: int = x, mean: float = mean) -> float:
            return stats.gamma.pdf(mean, p * x, scale=1 / (nu * x)) * stats.gamma.pdf(nu, q, scale=1 / scale)

        peak = (p * x + q - 1) / (scale + mean * x)
        story = integrate.quad(joint, 0, 30 * peak, points=[peak], epsabs=0, epsrel=1e-11, limit=300)[0]
        found = GAMMA_GAMMA.log_likelihood(SPEND, Spend([x], [x * mean], [1]))
        assert found == pytest.approx(np.log(story), abs=1e-8)


@pytest.mark.parametrize(
    "parameters", [(0.553, 10.58, 0.606, 11.67), (0.553, 11.67, 0.606, 10.58), (1.3, 9.0, 2.2, 9.0)]
)
def test_the_pareto_integral_equals_its_hypergeometric_form(parameters: tuple[float, float, float, float]) -> None:
    """Fader & Hardie's A0: two Gauss functions in |α-β| / (max(α, β) + y)."""
    r, alpha, s, beta = parameters
    big, second = max(alpha, beta), (s + 1 if alpha >= beta else r)

    def gauss(x: float, y: float) -> float:
        k = r + s + x
        b = second if alpha >= beta else r + x
        z = abs(alpha - beta) / (big + y)
        return s * beta**s / k * hyp2f1(k, b, k + 1, z) / (big + y) ** k

    for x, t_x, t in ((0.0, 0.0, 38.0), (1.0, 2.0, 38.0), (7.0, 30.0, 31.0), (20.0, 3.0, 39.0)):
        values = np.exp(log_integral(np.array(parameters), np.array([x, x]), np.array([t_x, t]), 60.0).value)
        assert values[0] - values[1] == pytest.approx(gauss(x, t_x) - gauss(x, t), rel=1e-9)


@pytest.mark.parametrize("seed", range(60))
def test_the_pareto_integral_is_right_for_any_parameters(seed: int) -> None:
    """Against 48,000 nodes; shapes and rates from 0.001 to 3,000 decay within a minute or never."""
    generator = np.random.default_rng(seed)
    r, alpha, s, beta = np.exp(generator.uniform(np.log(1e-3), np.log(3e3), 4))
    x, t = float(int(np.exp(generator.uniform(0, 6.5)) - 1)), generator.uniform(1, 300)
    y = 0.0 if x == 0 else t * generator.uniform(0.01, 0.99)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    small = min(alpha, beta)
    borders = np.linspace(0, np.log((small + t) / (small + y)), 3001)
    half = np.diff(borders)[:, None] / 2
    tau = y + (small + y) * np.expm1((borders[:-1, None] + half * (nodes + 1)).ravel())
    log_mass = -(r + x) * np.log(alpha + tau) - (s + 1) * np.log(beta + tau) + np.log(small + tau)
    total = np.exp(log_mass - log_mass.max()) @ (half * weights).ravel()
    dense = np.log(total) + log_mass.max() + np.log(s) + s * np.log(beta)
    found = log_integral(np.array([r, alpha, s, beta]), np.array([x]), np.array([y]), t).value[0]
    assert found == pytest.approx(dense, abs=1e-9, rel=1e-12)


def test_rising_factorials_keep_their_digits_where_gamma_functions_cancel() -> None:
    values, slopes = log_rising(1e4, 3)
    assert values[3] == pytest.approx(np.log(1e4) + np.log(10001) + np.log(10002), rel=1e-15)
    assert slopes[3] == pytest.approx(1 / 1e4 + 1 / 10001 + 1 / 10002, rel=1e-14)
    survival, _, _ = log_survival(0.5, 1e15, 2)
    assert survival[2] == pytest.approx(-1e-15, rel=1e-9)
