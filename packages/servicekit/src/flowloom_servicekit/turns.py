"""So many at once, and everybody else in the order in which they came."""

import asyncio

from flowloom_servicekit.errors import StorageUnavailableError


class Turns:
    """Places at a database; who comes later does not overtake who waits.

    A pool that gives what comes back to whoever asks just then lets some wait for ever while many come.
    """

    def __init__(self, places: int, *, timeout_s: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._timeout_s = timeout_s

    async def take(self) -> None:
        """Wait for a place; raises `StorageUnavailableError` when there is none for too long."""
        if not self._places.locked():
            await self._places.acquire()  # at once
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._places.acquire()
        except TimeoutError as error:
            raise StorageUnavailableError("all connections to the database are in use") from error

    def give_back(self) -> None:
        """Let the next one in."""
        self._places.release()
