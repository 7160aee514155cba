"""How many personas there are: the number whose clusters stand apart best, or the last release's if it nearly does."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.personas.clustering import Clusters, cluster, silhouette, smallest_share
from kehu.personas.policy import Policy
from kehu.personas.sample import Floats, Sample


@dataclass(frozen=True)
class Trial:
    """One number of personas and what came of it.

    Attributes:
        silhouette: how well apart the clusters stand, -1 to 1.
        smallest_share: share of the customers in the smallest cluster.
        is_chosen: whether these are the personas.
    """

    count: int
    silhouette: float
    smallest_share: float
    is_chosen: bool


def choose(sample: Sample, last: Floats | None, policy: Policy) -> tuple[Clusters | None, tuple[Trial, ...]]:
    """The clusters with the highest silhouette among those that are all large enough, and every number that was tried.

    None where no number gives clusters that are large enough. Of two equally good numbers the smaller one is taken.
    """
    counts = range(2, min(policy.max_count, sample.distinct) + 1)
    tried = {count: cluster(sample, count, policy.seed, last) for count in counts}
    shares = {count: smallest_share(sample, clusters) for count, clusters in tried.items()}
    scores = {count: silhouette(sample, clusters) for count, clusters in tried.items()}
    fit = [count for count in counts if shares[count] >= policy.min_share]
    chosen = max(fit, key=lambda count: (scores[count], -count), default=None)
    kept = None if last is None else len(last)
    if chosen is not None and kept in fit and scores[kept] >= scores[chosen] - policy.keep_margin:
        chosen = kept
    trials = tuple(Trial(count, scores[count], shares[count], count == chosen) for count in counts)
    return (None if chosen is None else tried[chosen]), trials
