"""The thresholds of personas in force for one release; the names are those of the dbt vars without ``persona_``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """When personas are looked for, how many there may be, and what counts as the same one.

    Args:
        min_customers: among fewer customers nobody is looked for.
        max_count: the largest number of personas that is tried; 2 is the smallest.
        min_share: the share of customers that each persona must hold.
        keep_margin: the last release's number stays unless another one's silhouette is higher by more than this.
        max_move: a centre further from its last position (in standard deviations) is that of another persona.
        trait_deviation: a measure describes a persona that lies this many standard deviations off the mean.
        seed: of the first centres.

    Raises:
        ValueError: a threshold is outside of its range.
    """

    min_customers: int = 100
    max_count: int = 8
    min_share: float = 0.02
    keep_margin: float = 0.02
    max_move: float = 1.5
    trait_deviation: float = 0.5
    seed: int = 20260101

    def __post_init__(self) -> None:
        ranges: dict[str, tuple[float, float]] = {
            "min_customers": (2, float("inf")),
            "max_count": (2, 8),
            "min_share": (0, 0.5),
            "keep_margin": (0, 2),
            "max_move": (0, float("inf")),
            "trait_deviation": (0, 3),
            "seed": (0, 2**32 - 1),
        }
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"persona_{name} must be between {low} and {high}, not {getattr(self, name)}")
