"""Waits for a condition of the running platform, always with a limit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(
    condition: Callable[[], Awaitable[T]], *, within_s: float, every_s: float = 0.05, what: str = ""
) -> T:
    """Return the first true answer of a condition; fails with what was waited for and the last answer."""
    last: T | None = None
    try:
        async with asyncio.timeout(within_s):
            while not (last := await condition()):
                await asyncio.sleep(every_s)
            return last
    except TimeoutError:
        wanted = what or getattr(condition, "__qualname__", "the condition")
        raise AssertionError(f"{wanted} was not reached within {within_s} s; last answer: {last!r}") from None
