"""What all measurements of the browser have in common: blocks, the first of which only warms up."""

import statistics
from collections.abc import Iterable, Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue


class Block(BaseModel):
    """Something that was measured in one block."""

    model_config = ConfigDict(frozen=True)

    block: int


B = TypeVar("B", bound=Block)


def warm(blocks: Sequence[B]) -> list[B]:
    """Return the blocks after the first one."""
    return [one for one in blocks if one.block > 0]


def middle(values: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def spread(values: Iterable[float]) -> dict[str, JsonValue]:
    """Return the median with the least and the largest."""
    known = sorted(values)
    return {"median": round(middle(known), 3), "least": round(known[0], 3), "most": round(known[-1], 3)}
