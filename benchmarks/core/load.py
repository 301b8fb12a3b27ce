"""The two shapes of load: so many in flight, or so many a second whatever the answers take."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def closed_loop(once: Callable[[int], Awaitable[object]], *, total: int, at_once: int) -> list[float]:
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


async def open_loop(
    once: Callable[[], Awaitable[object]], *, per_second: float, seconds: float
) -> list[float]:
    """Begin operations at fixed times; returns their latencies in milliseconds from the intended start."""
    latencies: list[float] = []
    began = time.perf_counter()

    async def timed(intended: float) -> None:
        await once()
        latencies.append((time.perf_counter() - intended) * 1000)

    async with asyncio.TaskGroup() as group:
        for number in range(int(per_second * seconds)):
            intended = began + number / per_second
            await asyncio.sleep(max(0.0, intended - time.perf_counter()))
            group.create_task(timed(intended))
    return latencies
