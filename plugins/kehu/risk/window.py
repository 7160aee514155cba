"""What is known of the customers of one day, and who of them left within the horizon. No customer is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

FREQUENCY_BANDS = ("1", "2-3", "4-11", "12+")
OVERDUE_BANDS = ("<=0.5", "<=1", "<=1.5", "<=2", "<=3", "<=4", ">4")
SILENCE = "days_since"
"""The input that the baseline ``recency`` knows: ln(1 + days since the last purchase)."""


@dataclass(frozen=True)
class Window:
    """The sample of one day.

    Attributes:
        names: the inputs of the logistic model.
        inputs: one row a customer, one column an input.
        frequency_band: 1 to 4 by purchase days.
        overdue_band: 1 to 7 by days since the last purchase over own cadence.
        left: 1 for who left, else 0.
    """

    names: tuple[str, ...]
    inputs: Array
    frequency_band: Array
    overdue_band: Array
    left: Array

    @property
    def customers(self) -> int:
        """How many customers are in the sample."""
        return len(self.left)

    @property
    def base_rate(self) -> float:
        """The share of them that left."""
        return float(self.left.mean()) if len(self.left) else 0.0

    @property
    def is_one_sided(self) -> bool:
        """Whether nobody left, or everybody did: then there is nothing to tell apart."""
        return self.base_rate in (0.0, 1.0)

    @property
    def silence(self) -> Array:
        """ln(1 + days since the last purchase)."""
        found: Array = self.inputs[:, self.names.index(SILENCE)]
        return found
