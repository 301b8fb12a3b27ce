"""Processes of ours over what strangers wrote: a few at a time, whatever they are asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakKeyDictionary

TOGETHER: Final = 2
_turns: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]] = WeakKeyDictionary()


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """Wait until fewer than `TOGETHER` such processes of this event loop run."""
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(TOGETHER))
    async with turns:
        yield
