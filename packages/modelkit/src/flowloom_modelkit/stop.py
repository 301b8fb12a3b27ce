"""One signal that ends everything a step is doing."""

import asyncio
from typing import Literal

from flowloom_modelkit.errors import CallStoppedError

StopReason = Literal["cancelled", "superseded", "deadline", "shutdown"]


class StopSignal:
    """Set once, seen by all who hold it; the first reason stays. Belongs to one event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._reason: StopReason | None = None

    @property
    def reason(self) -> StopReason | None:
        """Why, or None while the work may go on."""
        return self._reason

    def stop(self, reason: StopReason) -> None:
        """Tell everybody to stop; call it on the event loop."""
        if self._reason is None:
            self._reason = reason
            self._event.set()

    async def wait(self) -> None:
        """Return when the signal is set."""
        await self._event.wait()

    def raise_if_stopped(self) -> None:
        """Raise `CallStoppedError` once the signal is set."""
        if self._reason is not None:
            raise CallStoppedError(self._reason)
