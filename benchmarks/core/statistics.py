"""Percentiles, and the interval of a median by bootstrap."""

import random
import statistics
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

RESAMPLES = 5000


class Summary(BaseModel):
    """One sample in its own unit."""

    model_config = ConfigDict(frozen=True)

    count: int
    p50: float
    p95: float
    p99: float
    max: float


class Comparison(BaseModel):
    """The median of what each block gave, a ratio or a difference, with its 95 % interval."""

    model_config = ConfigDict(frozen=True)

    median: float
    low: float
    high: float
    blocks: list[float]


def summary(values: Sequence[float]) -> Summary:
    """Return the percentiles of a sample that is not empty."""
    ordered = sorted(values)
    return Summary(
        count=len(ordered),
        p50=_percentile(ordered, 0.50),
        p95=_percentile(ordered, 0.95),
        p99=_percentile(ordered, 0.99),
        max=ordered[-1],
    )


def _percentile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, round(part * (len(ordered) - 1)))]


def ratio(ours: Sequence[float], theirs: Sequence[float], *, seed: int = 7) -> Comparison:
    """Return ours ÷ theirs, block by block; both have one figure per block, in order."""
    return _compared([a / b for a, b in zip(ours, theirs, strict=True)], seed)


def difference(ours: Sequence[float], theirs: Sequence[float], *, seed: int = 7) -> Comparison:
    """Return ours - theirs, block by block; both have one figure per block, in order."""
    return _compared([a - b for a, b in zip(ours, theirs, strict=True)], seed)


def _compared(blocks: list[float], seed: int) -> Comparison:
    chance = random.Random(seed)
    medians = sorted(statistics.median(chance.choices(blocks, k=len(blocks))) for _ in range(RESAMPLES))
    return Comparison(
        median=statistics.median(blocks),
        low=medians[int(0.025 * RESAMPLES)],
        high=medians[int(0.975 * RESAMPLES)],
        blocks=blocks,
    )
