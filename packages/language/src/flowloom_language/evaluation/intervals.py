"""Means with confidence intervals by the bootstrap, and differences paired by case."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from statistics import fmean
from typing import Final

from flowloom_contracts.evaluation import Interval

RESAMPLES: Final = 5_000
DRAWN: Final = 1_000_000
"""Values that are drawn at most for one interval: a thousand cases are resampled a thousand times."""

SEED: Final = 1
"""The same figures give the same interval."""


def interval(values: Sequence[float]) -> Interval:
    """Return the mean with the percentile bootstrap (Efron and Tibshirani 1993, chapter 13)."""
    count = len(values)
    if min(values) == max(values):
        return Interval(mean=values[0], low=values[0], high=values[0], count=count)
    resamples = min(RESAMPLES, max(DRAWN // count, 1_000))
    chance = _chosen(values)
    means = sorted(fmean(islice(chance, count)) for _ in range(resamples))
    low, high = means[round(resamples * 0.025)], means[round(resamples * 0.975) - 1]
    return Interval(mean=fmean(values), low=low, high=high, count=count)


def _chosen(values: Sequence[float]) -> Iterator[float]:
    """Give values at random for ever: Knuth's generator of MMIX, of which the high bits are good."""
    state, count = SEED, len(values)
    while True:
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        yield values[(state >> 32) * count >> 32]


def difference(new: Mapping[str, float], old: Mapping[str, float]) -> Interval | None:
    """Return how much more `new` has, case by case; None without a case in both."""
    both = [new[case] - old[case] for case in new if case in old]
    return interval(both) if both else None
