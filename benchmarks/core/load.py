"""Closed-loop load: so many in flight, each starts the next one when it ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def closed_loop(once: Callable[[int], Awaitable[None]], *, total: int, at_once: int) -> list[float]:
    """Do `total` operations, `at_once` in flight; returns their latencies in milliseconds."""
    latencies: list[float] = []
    numbers = iter(range(total))

    async def worker() -> None:
        for number in numbers:
            began = time.perf_counter()
            await once(number)
            latencies.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return latencies
