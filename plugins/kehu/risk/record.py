"""What predictions were worth: how well they tell apart who left, and whether their probabilities came true."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kehu.risk.policy import Policy
from kehu.risk.window import Array

TENTHS = 10
_CERTAIN = 1e-9


@dataclass(frozen=True)
class Tenth:
    """A tenth of the customers by falling probability; 1 holds the highest. Equal probabilities are divided in proportion."""

    tenth: int
    customers: float
    expected: float
    left: float


@dataclass(frozen=True)
class Record:
    """How a candidate did on customers whose outcome it had not seen.

    ``auc`` is None where nobody left, or everybody did; precision and recall where there is nobody to count.
    """

    customers: int
    base_rate: float
    mean_probability: float
    auc: float | None
    log_loss: float
    brier: float
    calibration_error: float
    precision_high: float | None
    recall_high: float | None
    precision_medium: float | None
    recall_medium: float | None
    tenths: tuple[Tenth, ...]

    @property
    def bias(self) -> float:
        """How far the mean probability is from the share that left."""
        return abs(self.mean_probability - self.base_rate)

    @property
    def lift_top_tenth(self) -> float | None:
        """How many times as many of the first tenth left as of all."""
        top = self.tenths[0]
        return top.left / top.customers / self.base_rate if self.base_rate > 0 else None


def judge(probability: Array, left: Array, policy: Policy) -> Record:
    """Hold probabilities against what came."""
    safe = np.clip(probability, _CERTAIN, 1 - _CERTAIN)
    log_loss = -float(np.mean(left * np.log(safe) + (1 - left) * np.log(1 - safe)))
    rate = float(left.mean())
    found = tenths(probability, left)
    high = probability >= policy.risk_high
    medium = (probability >= policy.risk_medium) & ~high
    return Record(
        customers=len(left),
        base_rate=rate,
        mean_probability=float(probability.mean()),
        auc=auc(probability, left) if 0 < rate < 1 else None,
        log_loss=log_loss,
        brier=float(np.mean((probability - left) ** 2)),
        calibration_error=sum(abs(one.expected - one.left) for one in found) / len(left),
        precision_high=_share(left[high].sum(), high.sum()),
        recall_high=_share(left[high].sum(), left.sum()),
        precision_medium=_share(left[medium].sum(), medium.sum()),
        recall_medium=_share(left[medium].sum(), left.sum()),
        tenths=found,
    )


def auc(probability: Array, left: Array) -> float:
    """The chance that who left has the higher probability than who stayed; of equal ones half counts."""
    _, inverse, counts = np.unique(probability, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    gone = float(left.sum())
    stayed = len(left) - gone
    return float((ranks[left == 1].sum() - gone * (gone + 1) / 2) / (gone * stayed))


def tenths(probability: Array, left: Array) -> tuple[Tenth, ...]:
    """Ten equal groups by falling probability; who shares a probability shares what became of them."""
    values, inverse, counts = np.unique(-probability, return_inverse=True, return_counts=True)
    outcomes = np.bincount(inverse, weights=left)
    ends = np.concatenate([[0.0], np.cumsum(counts)])
    edges = np.linspace(0, len(left), TENTHS + 1)
    found = []
    for place in range(TENTHS):
        overlap = np.clip(np.minimum(ends[1:], edges[place + 1]) - np.maximum(ends[:-1], edges[place]), 0, None)
        expected, actual = float((overlap * -values).sum()), float((overlap * outcomes / counts).sum())
        found.append(Tenth(place + 1, float(overlap.sum()), expected, actual))
    return tuple(found)


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None
