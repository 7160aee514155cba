"""The thresholds of churn risk in force for one release; the names are those of the dbt vars."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """When a risk is stated, how it is modelled, and what its grade asks for.

    Args:
        risk_horizon_days: a customer has left who does not buy within so many days after the day of the score.
        risk_sample: a model is fitted and judged on at most so many customers.
        risk_min_customers: with fewer customers on a day nothing is said of it.
        risk_penalty: weight of the squared coefficients of the logistic model (L2).
        risk_medium: from this probability on the risk is medium ...
        risk_high: ... and from this one on high.
        risk_grade_a_auc: grade A needs an AUC so much above that of the best baseline ...
        risk_grade_a_calibration: ... and a mean probability within so much of the share that left.

    Raises:
        ValueError: a threshold is outside of its range.
    """

    risk_horizon_days: int = 90
    risk_sample: int = 200_000
    risk_min_customers: int = 200
    risk_penalty: float = 20.0
    risk_medium: float = 0.3
    risk_high: float = 0.6
    risk_grade_a_auc: float = 0.02
    risk_grade_a_calibration: float = 0.05

    def __post_init__(self) -> None:
        ranges = {
            "risk_horizon_days": self.risk_horizon_days >= 1,
            "risk_sample": self.risk_sample >= 100,
            "risk_min_customers": self.risk_min_customers >= 10,
            "risk_penalty": self.risk_penalty > 0,
            "risk_medium": 0 < self.risk_medium <= self.risk_high,
            "risk_high": self.risk_high < 1,
        }
        wrong = [name for name, is_right in ranges.items() if not is_right]
        if wrong:
            raise ValueError(f"out of range: {', '.join(f'{name}={getattr(self, name)}' for name in wrong)}")
