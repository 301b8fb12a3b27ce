"""Interleaved blocks: A B A B …, the order turned around each time, the first block dropped."""

import time
from collections.abc import Awaitable, Callable, Mapping

from pydantic import BaseModel, ConfigDict

MIN_BLOCKS = 5


class Block(BaseModel):
    """What one system did in one block."""

    model_config = ConfigDict(frozen=True)

    system: str
    number: int
    began_s: float
    seconds: float
    latencies_ms: list[float]

    @property
    def per_second(self) -> float:
        return len(self.latencies_ms) / self.seconds


Work = Callable[[], Awaitable[list[float]]]
"""Does one block and returns the latency of each operation in milliseconds."""


async def interleaved(systems: Mapping[str, Work], *, blocks: int = MIN_BLOCKS + 1) -> list[Block]:
    """Run every system in every block; block 0, which warms up, is not returned."""
    done: list[Block] = []
    names = list(systems)
    for number in range(blocks):
        order = names if number % 2 == 0 else names[::-1]
        for name in order:
            began = time.monotonic()
            latencies = await systems[name]()
            seconds = time.monotonic() - began
            done.append(
                Block(system=name, number=number, began_s=began, seconds=seconds, latencies_ms=latencies)
            )
            print(f"  block {number} {name}: {len(latencies) / seconds:.1f}/s", flush=True)
    return sorted((block for block in done if block.number > 0), key=lambda block: block.number)


def of(blocks: list[Block], system: str) -> list[Block]:
    """Return the blocks of one system in order."""
    return [block for block in blocks if block.system == system]


def latencies(blocks: list[Block], system: str) -> list[float]:
    """Return all latencies of one system."""
    return [value for block in of(blocks, system) for value in block.latencies_ms]


Figure = Callable[[], Awaitable[float]]
"""Does one block and returns one figure of it."""


async def interleaved_figures(
    systems: Mapping[str, Figure], *, blocks: int = MIN_BLOCKS + 1
) -> dict[str, list[float]]:
    """Take one figure of every system in every block, as `interleaved` does; without block 0."""
    found: dict[str, list[float]] = {name: [] for name in systems}
    names = list(systems)
    for number in range(blocks):
        order = names if number % 2 == 0 else names[::-1]
        for name in order:
            figure = await systems[name]()
            print(f"  block {number} {name}: {figure:.2f}", flush=True)
            if number > 0:
                found[name].append(figure)
    return found
