"""Work beside requests that has to go on as long as its process lives: it may break, but not end unseen."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Final, TypeAlias

import structlog

from flowloom_servicekit.metrics import BACKGROUND_BROKEN

log = structlog.get_logger(__name__)

PAUSE_SECONDS: Final = 1.0

Work: TypeAlias = Callable[[], Coroutine[None, None, None]]
"""Begins the work, each time anew."""


def run_beside(stack: AsyncExitStack, name: str, work: Work, *, pause_s: float = PAUSE_SECONDS) -> None:
    """Carry work out until it returns or the stack ends; what breaks it is told, and it begins again."""
    task = asyncio.create_task(_keep_going(name, work, pause_s), name=name)

    async def stop() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(stop)


async def _keep_going(name: str, work: Work, pause_s: float) -> None:
    while True:
        # Gathered, so that any fault of ours comes back as a value; the end of the process does not.
        (outcome,) = await asyncio.gather(work(), return_exceptions=True)
        if outcome is None:
            return
        BACKGROUND_BROKEN.labels(name).inc()
        log.error("background work broke and begins again", work=name, exc_info=outcome)
        await asyncio.sleep(pause_s)
