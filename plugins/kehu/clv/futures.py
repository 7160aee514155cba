"""Simulated futures of living customers, as all models draw them."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.clv.arrays import Booleans, Floats


@dataclass(frozen=True)
class Future:
    """Draws of what a living customer does within a horizon; shape (draws,) each.

    Args:
        window: weeks in which the customer stays a customer, at most the horizon.
        inside: purchases at times that are uniform on [0, window], given their number.
        at_end: whether one more purchase falls on the end of the window (the one after which the customer leaves).
    """

    window: Floats
    inside: Floats
    at_end: Booleans

    @property
    def purchases(self) -> Floats:
        """Purchases within the horizon."""
        return self.inside + self.at_end
