"""What a maximum-likelihood fit says about itself."""

from __future__ import annotations

from dataclasses import dataclass, field

LOWER, UPPER = 1e-4, 1e4
NEAR = 1.05


def is_bound(value: float) -> bool:
    """Whether a parameter lies at a bound of the box (within 5 %)."""
    return not LOWER * NEAR < value < UPPER / NEAR


@dataclass(frozen=True)
class Fit:
    """Parameters with everything that is needed to decide whether to believe them.

    Args:
        model: name of the model.
        parameters: by name, in the model's order, natural scale (weeks; money for Gamma-Gamma's gamma).
        log_likelihood: at the parameters, over all customers.
        customers: customers fitted.
        converged: the gradient vanishes (or points out of the box at a bound).
        at_bound: parameters at a bound of the box [1e-4, 1e4], or that the data cannot tell from one.
        standard_errors: from the observed information, natural scale; None where it is not positive definite.
        starts: number of starting points tried.
        message: what the optimiser has to say, in one sentence; empty if all is well.
        is_frozen: the parameters were given, not fitted.
    """

    model: str
    parameters: dict[str, float]
    log_likelihood: float
    customers: float
    converged: bool
    at_bound: tuple[str, ...] = ()
    standard_errors: dict[str, float] | None = None
    starts: int = 0
    message: str = ""
    is_frozen: bool = field(default=False, kw_only=True)
