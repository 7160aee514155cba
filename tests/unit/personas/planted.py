"""Customers drawn around planted centres, on the scale of a sample."""

from __future__ import annotations

import numpy as np

from kehu.personas.naming import MeasureWords
from kehu.personas.sample import Floats, Sample

MEASURES = ("recency", "frequency", "value", "discounts")
WORDS = {name: MeasureWords(f"high {name}", f"{name}高", f"low {name}", f"{name}低") for name in MEASURES}
CENTRES = np.array([[-1.6, 1.3, 1.0, 0.0], [1.5, -1.0, 0.0, -1.2], [0.0, -0.8, -1.5, 1.8]])
SIZES = (300, 220, 140)


def planted(seed: int = 1, shift: float = 0.0, sizes: tuple[int, ...] = SIZES, centres: Floats = CENTRES) -> Sample:
    """Customers around the centres; ``shift`` moves every centre by so much in a direction of its own."""
    random = np.random.default_rng(seed)
    moved = centres + shift * np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])[: len(centres)]
    values = np.vstack([random.normal(centre, 0.25, (size, 4)) for centre, size in zip(moved, sizes, strict=True)])
    return sample_of(np.round(values, 2))


def sample_of(values: Floats) -> Sample:
    """One customer at each point, every second one a judge."""
    points = len(values)
    return Sample(MEASURES, values, np.ones(points, dtype=np.int64), np.arange(points) % 2)
