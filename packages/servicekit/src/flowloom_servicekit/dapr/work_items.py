"""Hands work items of the engine's SDK to its loop as they come, instead of looking for them all the time.

The SDK reads its stream in a thread and takes each item from a queue through another one, ten times a second
if there is none. In a process that has nothing to do this is a third of a percent of a core, and in one that
works a change of threads before every item. There is no door to it, so the loop that the SDK makes for itself
gets a `run_in_executor` that knows this one call. Whatever else is asked of it, also by another SDK, goes the
usual way.
"""

import asyncio
import queue
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, Final, Protocol

CHECK_SECONDS: Final = 1.0
"""How often the SDK looks whether it was told to stop, should its stream not end by itself."""

_NAME: Final = "work_item_queue"


class Worker(Protocol):
    """What is needed of the SDK's worker, which is private."""

    _async_run_loop: Callable[[], Coroutine[Any, Any, None]]


def hand_over_at_once(worker: Worker) -> None:
    """Have a worker that is not started yet wait for its work without looking for it."""
    run = worker._async_run_loop

    async def run_without_looking() -> None:
        loop = asyncio.get_running_loop()
        # The loop is the SDK's own: nobody else's calls pass here.
        setattr(loop, "run_in_executor", _Executor(loop).run)  # noqa: B010 - the method of a class
        await run()

    setattr(worker, "_async_run_loop", run_without_looking)  # noqa: B010 - the method of a class


class _Executor:
    """`run_in_executor` of one loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._usual = loop.run_in_executor
        self._arrivals: _Arrivals | None = None

    def run(self, executor: Executor | None, func: Callable[..., object], *args: object) -> Awaitable[object]:
        """See `asyncio.AbstractEventLoop.run_in_executor`."""
        items = _queue_of(func)
        if items is None:
            return self._usual(executor, func, *args)
        if self._arrivals is None or self._arrivals.items is not items:
            self._arrivals = _Arrivals(items, self._loop)
        return self._arrivals.next()


class _Arrivals:
    """A queue that threads fill, whose items wake a loop."""

    def __init__(self, items: "queue.Queue[object]", loop: asyncio.AbstractEventLoop) -> None:
        self.items = items
        self._come = asyncio.Event()
        put = items.put

        def put_and_wake(item: object) -> None:
            put(item)
            with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                loop.call_soon_threadsafe(self._come.set)

        setattr(items, "put", put_and_wake)  # noqa: B010 - the method of a class

    async def next(self) -> object:
        """Return the next item; raises `queue.Empty` after a while, which the SDK expects."""
        # Cleared before the look: what comes after the look sets it again.
        self._come.clear()
        with suppress(queue.Empty):
            return self.items.get_nowait()
        with suppress(TimeoutError):
            async with asyncio.timeout(CHECK_SECONDS):
                await self._come.wait()
        return self.items.get_nowait()


def _queue_of(func: Callable[..., object]) -> "queue.Queue[object] | None":
    """Return the queue that a function of the SDK takes its next item from, if it is that one."""
    code, cells = getattr(func, "__code__", None), getattr(func, "__closure__", None)
    if code is None or not cells or code.co_freevars != (_NAME,):
        return None
    items = cells[0].cell_contents
    return items if isinstance(items, queue.Queue) else None
