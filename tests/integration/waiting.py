"""Waits for an answer of the running platform, always with a limit."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from flowloom_servicekit.testing.waiting import wait_until

T = TypeVar("T")


async def until(
    condition: Callable[[], Awaitable[T]], *, within_s: float, what: str = "", every_s: float = 0.05
) -> T:
    """Return the first true answer of a condition; fails with what was waited for and the last answer."""
    last: list[T] = []

    async def holds() -> bool:
        last[:] = [await condition()]
        return bool(last[0])

    try:
        await wait_until(holds, within_s, every_s=every_s)
    except TimeoutError:
        wanted = what or getattr(condition, "__qualname__", "the condition")
        raise AssertionError(f"{wanted}: not within {within_s} s; last answer: {last}") from None
    return last[0]


async def passed(seconds: float) -> None:
    """Let a fault last; nothing can be waited for while nothing is to happen."""
    over_at = time.monotonic() + seconds
    await wait_until(lambda: time.monotonic() >= over_at, seconds + 5, every_s=0.05)
