"""Waiting with a limit, instead of sleeping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable


async def wait_until(
    condition: Callable[[], bool | Awaitable[bool]], timeout_s: float = 5, *, every_s: float = 0.01
) -> None:
    """Return when the condition holds; raise `TimeoutError`, naming it, when it does not in time."""
    until = time.monotonic() + timeout_s
    while True:
        holds = condition()
        if inspect.isawaitable(holds):
            holds = await holds
        if holds:
            return
        if time.monotonic() >= until:
            source = getattr(condition, "__qualname__", repr(condition))
            raise TimeoutError(f"{source} did not hold within {timeout_s:g} s")
        await asyncio.sleep(every_s)
