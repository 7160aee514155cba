"""k-means on a sample of customers, and how well apart its clusters stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kehu.personas.sample import Floats, Sample

STARTS = 5
NEARLY_AS_GOOD = 1.01
"""Clusters that grow out of the last release's centres are taken if their inertia is within this factor of the best."""


@dataclass(frozen=True)
class Clusters:
    """A partition of a sample.

    Attributes:
        centres: mean of each cluster, rounded so that it can be written down and read again; shape (k, measures).
        members: cluster of each point.
        inertia: weighted sum of the squared distances to the own centre.
    """

    centres: Floats
    members: npt.NDArray[np.int64]
    inertia: float


def cluster(sample: Sample, count: int, seed: int, last: Floats | None = None) -> Clusters:
    """Partition a sample into ``count`` clusters; ``last`` are centres to begin with that are preferred to new ones.

    One thread: a sum of floats that is shared out to threads would depend on the machine.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        best = _fit(sample, count, seed, "k-means++", STARTS)
        if last is None or len(last) != count:
            return best
        grown = _fit(sample, count, seed, last, 1)
    return grown if grown.inertia <= best.inertia * NEARLY_AS_GOOD else best


def silhouette(sample: Sample, clusters: Clusters) -> float:
    """Mean silhouette (Rousseeuw 1987) of the judging customers, -1 to 1; -1 where they cannot judge."""
    from sklearn.metrics import silhouette_score
    from threadpoolctl import threadpool_limits

    members = np.repeat(clusters.members, sample.judges)
    if not 2 <= len(np.unique(members)) < len(members):
        return -1.0
    with threadpool_limits(limits=1):
        score = silhouette_score(np.repeat(sample.values, sample.judges, axis=0), members)
    return round(float(score), 6)


def smallest_share(sample: Sample, clusters: Clusters) -> float:
    """Share of the customers in the smallest cluster."""
    sizes = np.bincount(clusters.members, weights=sample.weights, minlength=len(clusters.centres))
    return float(sizes.min() / sizes.sum())


def _fit(sample: Sample, count: int, seed: int, start: str | Floats, starts: int) -> Clusters:
    from sklearn.cluster import KMeans

    # tol=0: until nobody changes sides, so that centres written down and read again stay where they are
    model = KMeans(count, init=start, n_init=starts, max_iter=1000, tol=0.0, random_state=seed, algorithm="lloyd")
    members = model.fit(sample.values, sample_weight=sample.weights).labels_.astype(np.int64)
    centres = np.column_stack(
        [
            np.bincount(members, weights=sample.weights * column, minlength=count)
            / np.bincount(members, weights=sample.weights, minlength=count)
            for column in sample.values.T
        ]
    )
    inertia = float((sample.weights * ((sample.values - centres[members]) ** 2).sum(axis=1)).sum())
    return Clusters(np.round(centres, 6), members, inertia)
