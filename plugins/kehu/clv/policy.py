"""The thresholds of the lifetime value in force for one release; the names are those of the dbt vars."""

from __future__ import annotations

from dataclasses import dataclass

WEEKS_A_YEAR = 52


@dataclass(frozen=True)
class Policy:
    """What is asked of a model before it is believed, and how its predictions are turned into money.

    Args:
        min_repeat_customers: a fit on fewer customers who bought again is not trustworthy.
        clv_min_history_weeks: nor is one on a shorter history up to D.
        clv_min_group_share: nor is one where fewer than this share of the customers bought once, or bought again.
        clv_min_baseline_customers: with fewer customers at the start of the holdout even a baseline says nothing.
        max_value_frequency_correlation: above it the quality table says that spend depends on frequency.
        max_spend_mean_error: Gamma-Gamma is dropped if its population mean is this far (a share) from the observed one.
        clv_horizon_weeks: how far ahead purchases are predicted.
        annual_discount_rate: money of next year is worth 1 / (1 + this) of today's.
        holdout_weeks: the longest holdout; at most half of the history is held out.
        clv_grade_a_improvement: grade A needs an RMSE this share below the best baseline's.
        clv_grade_a_total_error: and a total within this share of the actual one.
        clv_grade_b_total_error: grade B needs a total within this share.
        clv_interval_share: the share of outcomes that the prediction interval is to hold.
        clv_draws: simulated futures per RFM summary.
        clv_seed: seed of the simulation.

    Raises:
        ValueError: a threshold is outside of its range.
    """

    min_repeat_customers: int = 100
    clv_min_history_weeks: float = 26.0
    clv_min_group_share: float = 0.01
    clv_min_baseline_customers: int = 30
    max_value_frequency_correlation: float = 0.3
    max_spend_mean_error: float = 0.5
    clv_horizon_weeks: int = 52
    annual_discount_rate: float = 0.10
    holdout_weeks: int = 39
    clv_grade_a_improvement: float = 0.10
    clv_grade_a_total_error: float = 0.15
    clv_grade_b_total_error: float = 0.30
    clv_interval_share: float = 0.80
    clv_draws: int = 1000
    clv_seed: int = 20260101

    def __post_init__(self) -> None:
        ranges = {
            "min_repeat_customers": self.min_repeat_customers >= 1,
            "clv_min_group_share": 0 <= self.clv_min_group_share < 0.5,
            "clv_horizon_weeks": self.clv_horizon_weeks >= 1,
            "annual_discount_rate": self.annual_discount_rate > -1,
            "holdout_weeks": self.holdout_weeks >= 1,
            "clv_interval_share": 0 < self.clv_interval_share < 1,
            "clv_draws": self.clv_draws >= 100,
            "clv_seed": 0 <= self.clv_seed < 2**63,
        }
        wrong = [name for name, is_right in ranges.items() if not is_right]
        if wrong:
            raise ValueError(f"out of range: {', '.join(f'{name}={getattr(self, name)}' for name in wrong)}")

    @property
    def weekly_discount_rate(self) -> float:
        """The weekly rate d = (1 + annual rate)^(1/52) - 1."""
        return float((1 + self.annual_discount_rate) ** (1 / WEEKS_A_YEAR) - 1)
