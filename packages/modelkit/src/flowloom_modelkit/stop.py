"""One signal that ends everything a step is doing."""

import asyncio
from types import TracebackType
from typing import Literal

from flowloom_modelkit.errors import CallStoppedError

StopReason = Literal["cancelled", "superseded", "deadline", "shutdown", "waiting"]


class StopSignal:
    """Set once, seen by all who hold it; the first reason stays. Belongs to one event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._reason: StopReason | None = None
        self._interruptions: set[Interruption] = set()

    @property
    def reason(self) -> StopReason | None:
        """Why, or None while the work may go on."""
        return self._reason

    def stop(self, reason: StopReason) -> None:
        """Tell everybody to stop; call it on the event loop."""
        if self._reason is None:
            self._reason = reason
            self._event.set()
            for interruption in self._interruptions:
                interruption.begin()

    async def wait(self) -> None:
        """Return when the signal is set."""
        await self._event.wait()

    def raise_if_stopped(self) -> None:
        """Raise `CallStoppedError` once the signal is set."""
        if self._reason is not None:
            raise CallStoppedError(self._reason)

    def interrupting(self) -> "Interruption":
        """Return a context whose body ends with `CallStoppedError` as soon as the signal is set.

        It needs no task of its own, unlike waiting for the signal and for the work side by side.
        """
        return Interruption(self, self._interruptions)


class Interruption:
    """Cancels the task inside its context and tells that apart from a cancellation by somebody else."""

    def __init__(self, signal: StopSignal, others: "set[Interruption]") -> None:
        self._signal = signal
        self._others = others
        self._planned: asyncio.Handle | None = None
        self._has_cancelled = False

    def begin(self) -> None:
        """Cancel in the loop's next round, because the task itself may be the one that calls."""
        self._planned = self._loop.call_soon(self._cancel)

    def _cancel(self) -> None:
        self._has_cancelled = True
        self._task.cancel()

    def __enter__(self) -> None:
        self._signal.raise_if_stopped()
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can be interrupted")
        self._task, self._loop = task, task.get_loop()
        self._cancelling = task.cancelling()
        self._others.add(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._others.discard(self)
        if self._planned is not None:
            self._planned.cancel()
        if not self._has_cancelled:
            return
        is_ours = self._task.uncancel() <= self._cancelling
        if is_ours and isinstance(error, asyncio.CancelledError):
            raise CallStoppedError(self._signal.reason or "cancelled") from error
