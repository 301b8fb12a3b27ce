"""How long runs took, kept as counts in classes: any window's percentiles follow from a few numbers."""

import math
from collections.abc import Mapping
from typing import Final

GROWTH: Final = 1.1
"""Each class is a tenth wider than the one before, so that its middle is at most 5 % off."""
_STEP: Final = math.log(GROWTH)


def class_of(milliseconds: float) -> int:
    """Return the class of a duration."""
    return max(math.ceil(math.log(max(milliseconds, 1)) / _STEP), 0)


def middle_of(number: int) -> float:
    """Return the duration that stands for a class, in milliseconds."""
    return math.exp((number - 0.5) * _STEP) if number else 1.0


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the duration that `share` of all do not exceed; None without any."""
    total = sum(counts.values())
    wanted, seen = share * total, 0
    for number in sorted(counts):
        seen += counts[number]
        if seen and seen >= wanted:
            return middle_of(number)
    return None
