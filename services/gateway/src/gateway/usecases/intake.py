"""Takes deliveries that arrive at the same time into the store with one commit."""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import StorageUnavailableError
from gateway.version_ports import DeliveryStore, NewDelivery

MAX_BATCH: Final = 256
MAX_BATCH_CHARS: Final = 4_000_000
FADE_SECONDS: Final = 2.0
MAX_WAITING: Final = 2_000
MAX_WAITING_CHARS: Final = 64_000_000
"""More than this would only make everybody wait longer; the sender is asked to come back."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored: this delivery, or an equal one that came before."""

    id: str
    is_duplicate: bool


@dataclass(frozen=True, slots=True)
class _Waiting:
    delivery: NewDelivery
    kept: asyncio.Future[str]


class Intake:
    """While one commit is on its way, what arrives is gathered for the next one."""

    def __init__(self, store: DeliveryStore, *, clock: Clock, on_commit: Callable[[], None]) -> None:
        self._store = store
        self._on_commit = on_commit
        self._waiting: deque[_Waiting] = deque()
        self._chars = 0
        self._writer: asyncio.Task[None] | None = None
        self._clock = clock
        self._rate = 0.0
        self._counted_at = 0.0

    def per_second(self) -> float:
        """Return how many deliveries have arrived lately; what is longer ago than a few seconds fades."""
        now = self._clock.monotonic()
        self._rate *= math.exp((self._counted_at - now) / FADE_SECONDS)
        self._counted_at = now
        return self._rate

    async def accept(self, delivery: NewDelivery) -> Kept:
        """Return when the delivery is committed; raise StorageUnavailableError if it may not be."""
        size = len(delivery.data)
        if len(self._waiting) >= MAX_WAITING or self._chars + size > MAX_WAITING_CHARS:
            raise StorageUnavailableError("Too many deliveries wait to be stored.")
        waiting = _Waiting(delivery, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._rate = self.per_second() + 1 / FADE_SECONDS
        self._chars += size
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        kept = await waiting.kept
        return Kept(kept, is_duplicate=kept != delivery.id)

    async def settled(self) -> None:
        """Wait until everything that has arrived is stored or refused."""
        while self._writer is not None:
            await asyncio.wait({self._writer})

    async def _write(self) -> None:
        try:
            while self._waiting:
                await self._commit(self._batch())
        finally:
            self._writer = None

    def _batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        chars = 0
        while self._waiting and len(batch) < MAX_BATCH and chars < MAX_BATCH_CHARS:
            batch.append(self._waiting.popleft())
            chars += len(batch[-1].delivery.data)
        self._chars -= chars
        return batch

    async def _commit(self, batch: list[_Waiting]) -> None:
        firsts = _firsts(batch)
        given = list(firsts.values())
        # Gathered, so that every failure reaches those who wait, whatever it is.
        (stored,) = await asyncio.gather(self._store.add(given), return_exceptions=True)
        if isinstance(stored, BaseException):
            for waiting in batch:
                if not waiting.kept.done():
                    waiting.kept.set_exception(stored)
            return
        kept = dict(zip((one.id for one in given), stored, strict=True))
        for waiting in batch:
            if not waiting.kept.done():
                waiting.kept.set_result(kept[firsts[_sameness(waiting.delivery)].id])
        self._on_commit()


def _sameness(delivery: NewDelivery) -> tuple[str, bytes | str]:
    return delivery.trigger_id, delivery.dedupe if delivery.dedupe is not None else delivery.id


def _firsts(batch: list[_Waiting]) -> dict[tuple[str, bytes | str], NewDelivery]:
    """Return the first of each group of equal deliveries: one statement cannot meet its own rows."""
    firsts: dict[tuple[str, bytes | str], NewDelivery] = {}
    for waiting in batch:
        firsts.setdefault(_sameness(waiting.delivery), waiting.delivery)
    return firsts
