"""P(alive) and expected purchases against other computations, and in the corners where the closed forms fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaln, hyp2f1, roots_genlaguerre, roots_jacobi

from kehu.clv.models import MODELS
from kehu.clv.pareto_nbd import PARETO_NBD
from kehu.clv.summaries import Summaries
from tests.unit.clv.processes import BG, MBG, NBD, PARETO, TRUE, live, spread_out

X = np.array([0, 0, 1, 3, 3, 12], dtype=float)
T_X = np.array([0, 0, 4, 9, 30, 38], dtype=float)
T = np.array([0, 38, 39, 30, 30, 39], dtype=float)


def closed_form(parameters: dict[str, float], chances: int, x: float, t: float, horizon: float) -> float:
    """Fader, Hardie & Lee's eq. 10 given alive, with their Gauss function."""
    r, alpha, a, b = parameters.values()
    b += x + chances
    c = a + b - 1
    z = horizon / (alpha + t + horizon)
    gauss = hyp2f1(r + x, b, c, z)
    return c / (a - 1) * (1 - ((alpha + t) / (alpha + t + horizon)) ** (r + x) * gauss)


def by_quadrature(parameters: dict[str, float], chances: int, x: float, t: float, horizon: float) -> float:
    """E[(1 - e^(-λph))/p] over λ, p given alive by Gauss-Laguerre and Gauss-Jacobi."""
    r, alpha, a, b = parameters.values()
    rates, rate_weights = roots_genlaguerre(80, r + x - 1)
    leaving, leaving_weights = roots_jacobi(80, b + x + chances - 1, a - 1)
    p = (leaving + 1) / 2
    inside = -np.expm1(-np.outer(rates / (alpha + t), p) * horizon) / p
    return rate_weights @ inside @ leaving_weights / rate_weights.sum() / leaving_weights.sum()


@pytest.mark.parametrize(("name", "parameters", "chances"), [("bg_nbd", BG, 0), ("mbg_nbd", MBG, 1)])
@pytest.mark.parametrize("horizon", [0.1, 1.0, 13.0, 52.0])
def test_beta_geometric_expectations_equal_the_closed_form(name, parameters, chances, horizon) -> None:
    found = MODELS[name].expected_if_alive(parameters, X, T, horizon)
    for place in range(len(X)):
        wanted = closed_form(parameters, chances, X[place], T[place], horizon)
        assert found[place] == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize(
    "parameters", [{"r": 0.4, "alpha": 9.0, "a": 1.0, "b": 2.0}, {"r": 2.0, "alpha": 30.0, "a": 0.3, "b": 0.5}]
)
@pytest.mark.parametrize("x", [0.0, 1.0, 30.0])
def test_expectations_hold_where_the_closed_form_has_no_value(parameters: dict[str, float], x: float) -> None:
    """At a = 1 it divides by 0; at a + b + x - 1 <= 0 its Gauss function has a pole or its sign is lost."""
    found = MODELS["bg_nbd"].expected_if_alive(parameters, np.array([x]), np.array([20.0]), 13.0)[0]
    assert found == pytest.approx(by_quadrature(parameters, 0, x, 20.0, 13.0), rel=1e-9)


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd"])
def test_expectations_are_continuous_at_a_equal_to_one(name: str) -> None:
    near = [MODELS[name].expected_if_alive(BG | {"a": a}, X, T, 52.0) for a in (1 - 1e-7, 1.0, 1 + 1e-7)]
    np.testing.assert_allclose(near[0], near[1], rtol=1e-6)
    np.testing.assert_allclose(near[2], near[1], rtol=1e-6)
    assert (near[0] > near[1]).all()
    assert (near[1] > near[2]).all()


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd"])
def test_expectations_are_continuous_where_a_plus_b_is_one(name: str) -> None:
    near = [MODELS[name].expected_if_alive(BG | {"a": 0.4, "b": b}, X, T, 52.0) for b in (0.6 - 1e-7, 0.6, 0.6 + 1e-7)]
    np.testing.assert_allclose(near[0], near[1], rtol=1e-6)
    np.testing.assert_allclose(near[2], near[1], rtol=1e-6)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("x", [1000.0, 20_000.0])
def test_large_counts_are_ordinary(name: str, x: float) -> None:
    """Somebody who buys all the time until today will go on; one who stopped long ago will not."""
    model, parameters, many = MODELS[name], TRUE[name], np.array([x, x])
    alive = model.probability_alive(parameters, many, np.array([300.0, 3.0]), np.array([300.0, 300.0]))
    expected = model.expected_if_alive(parameters, many, np.array([300.0, 300.0]), 52.0)
    assert alive[0] > 0.99
    assert alive[1] == (1.0 if name == "nbd" else 0.0)
    assert 0 < expected[0] < 52 * (1 + x) / 300
    assert np.isfinite(model.log_likelihood(parameters, Summaries([x], [3.0], [300.0], [1])))


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "pareto_nbd"])
def test_there_is_a_limit_where_the_last_purchase_is_today(name: str) -> None:
    model = MODELS[name]
    t_x = 30 - np.array([0.0, 1e-12, 1e-6, 1e-3])
    alive = model.probability_alive(TRUE[name], np.full(4, 5.0), t_x, np.full(4, 30.0))
    assert np.diff(alive)[0] <= 1e-9
    np.testing.assert_allclose(alive, alive[0], atol=1e-3)


def test_pareto_alive_and_leaving_story_agree_with_two_quadratures() -> None:
    """E[λ/μ (1 - e^(-μh)) λ^x e^(-(λ+μ)T)] / L, with λ and μ by Gauss-Laguerre."""
    r, alpha, s, beta = PARETO.values()
    for x, t_x, t in zip(X, T_X, T, strict=True):
        rates, rate_weights = roots_genlaguerre(60, r + x - 1)
        hazards, hazard_weights = roots_genlaguerre(60, s - 1)
        mu = hazards / (beta + t)
        ahead = np.outer(rates / (alpha + t), -np.expm1(-mu * 26) / mu)
        wanted = rate_weights @ ahead @ hazard_weights / rate_weights.sum() / hazard_weights.sum()
        found = PARETO_NBD.expected_if_alive(PARETO, np.array([x]), np.array([t]), 26.0)[0]
        assert found == pytest.approx(wanted, rel=1e-9)
        one = np.array([x]), np.array([t_x]), np.array([t])
        alone = PARETO_NBD.log_likelihood(PARETO, Summaries(*one, [1.0]))
        still = (
            np.log(rate_weights.sum())
            - (r + x) * np.log(alpha + t)
            + r * np.log(alpha)
            - np.log(roots_genlaguerre(60, r - 1)[1].sum())
        )
        still += s * np.log(beta / (beta + t))
        assert PARETO_NBD.probability_alive(PARETO, *one)[0] == pytest.approx(np.exp(still - alone), rel=1e-9)


def test_pareto_at_s_equal_to_one_is_the_limit() -> None:
    near = [PARETO_NBD.expected_if_alive(PARETO | {"s": s}, X, T, 52.0) for s in (1 - 1e-8, 1.0, 1 + 1e-8)]
    np.testing.assert_allclose(near[0], near[1], rtol=1e-7)
    np.testing.assert_allclose(near[2], near[1], rtol=1e-7)


def dense(parameters: dict[str, float], x: float, t: float, horizon: float) -> float:
    """E[(1 - (1 + pτ)^-(r+x)) / p] over p ~ Beta(a, b+x) by 64,000 nodes in ln(p/(1-p))."""
    r, alpha, a, b = parameters.values()
    shape, b, tau = r + x, b + x, horizon / (alpha + t)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    borders = np.linspace(-60 / a - np.log1p(shape * tau) - 40, 60 / b + 5, 4001)
    half = np.diff(borders)[:, None] / 2
    w = (borders[:-1, None] + half * (nodes + 1)).ravel()
    log_density = -a * np.logaddexp(0, -w) - b * np.logaddexp(0, w) - betaln(a, b)
    p = 1 / (1 + np.exp(-w))
    return float((np.exp(log_density) * (half * weights).ravel()) @ (-np.expm1(-shape * np.log1p(p * tau)) / p))


@pytest.mark.parametrize("seed", range(60))
def test_expectations_are_right_for_any_parameters(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values = np.exp(generator.uniform(np.log(0.1), np.log(100), 4))
    parameters = dict(zip(("r", "alpha", "a", "b"), values.tolist(), strict=True))
    x, t = float(int(np.exp(generator.uniform(0, 6.5)) - 1)), generator.uniform(0, 200)
    horizon = float(generator.choice([0.2, 5.0, 52.0, 200.0]))
    found = MODELS["bg_nbd"].expected_if_alive(parameters, np.array([x]), np.array([t]), horizon)[0]
    assert found == pytest.approx(dense(parameters, x, t, horizon), rel=1e-10)


@pytest.mark.parametrize("s", [0.2, 1.0, 3.0, 500.0])
def test_dert_adds_up_the_weeks(s: float) -> None:
    """The integral over all the future equals fine discounted steps until nothing is left."""
    rate, steps = 0.05, np.arange(0, 800.0, 0.01)
    one = np.array([3.0]), np.array([20.0]), np.array([30.0])
    ahead = PARETO_NBD.purchases_if_alive(PARETO | {"s": s}, one[0], one[2], steps)[0]
    alive = PARETO_NBD.probability_alive(PARETO | {"s": s}, *one)[0]
    worth = alive * np.diff(ahead) @ np.exp(-rate * (steps[:-1] + 0.005))
    found = PARETO_NBD.discounted_residual_transactions(PARETO | {"s": s}, *one, rate)[0]
    assert found == pytest.approx(worth, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "parameters"), [("bg_nbd", BG), ("mbg_nbd", MBG), ("pareto_nbd", PARETO), ("nbd", NBD)]
)
def test_expectations_equal_what_simulated_customers_do(name: str, parameters: dict[str, float]) -> None:
    """200,000 lives: purchases from the start, and after T by what was seen until T; within 4 standard errors."""
    t = spread_out(200_000, 10, 40, seed=5)
    lives = live(name, parameters, 200_000, until=66.0, seed=5)
    known = lives.summaries(t)
    model, who = MODELS[name], lives.after(t, 26.0)[0]
    bought = np.bincount(who, minlength=lives.customers)
    expected = model.expected_purchases(parameters, known.x, known.t_x, known.t, 26.0)
    for group in (known.x == 0, known.x == 1, (known.x > 1) & (known.x < 5), known.x >= 5, t > 35):
        error = (bought - expected)[group]
        assert abs(error.mean()) < 4 * error.std() / np.sqrt(group.sum()), group.sum()
    from_start = model.expected_from_start(parameters, np.array([10.0, 30.0]))
    for weeks, wanted in zip((10.0, 30.0), from_start, strict=True):
        counts = np.bincount(lives.customer[lives.time <= weeks], minlength=lives.customers)
        assert abs(counts.mean() - wanted) < 4 * counts.std() / np.sqrt(len(counts))
