"""Brings what users tell their workspace to the runs that wait for it: once each, however often it comes."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog

from flowloom_contracts.automation import UserEvent
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import FlowloomError, UpstreamError
from orchestrator.domain.errors import AlreadyReceivedError
from orchestrator.domain.receiving import receive
from orchestrator.domain.records import OutboxItem
from orchestrator.ports.events import EventStore
from orchestrator.usecases.gate import RunGate

log = structlog.get_logger(__name__)

POLL_SECONDS: Final = 5.0
"""How long an event waits when the process that took it has died."""

KEPT_FOR: Final = timedelta(hours=24)
TIDY_SECONDS: Final = 600
BATCH: Final = 100
AT_ONCE: Final = 8


class EventDelivery:
    """One per process. An event that came is offered to all runs that wait for its name.

    A wait that begins also looks back, because its event may have come a moment before.
    """

    def __init__(self, *, events: EventStore, gate: RunGate, clock: Clock, window_s: float) -> None:
        self._events = events
        self._gate = gate
        self._clock = clock
        self._window = timedelta(seconds=window_s)
        self._news = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._tidied_at = clock.monotonic()

    async def hear(self, event: UserEvent) -> None:
        """Keep an event and have it delivered; one that is known changes nothing."""
        if await self._events.keep(event, now=self._clock.now()):
            self._news.set()

    async def run(self) -> None:
        """Deliver for ever; an outage of Postgres is waited out."""
        while True:
            is_news = await self._wait()
            try:
                await self.deliver(older_than=self._clock.now() + timedelta(seconds=1) if is_news else None)
                await self._tidy()
            except UpstreamError as error:
                log.warning("events cannot be delivered", error=repr(error))

    async def _wait(self) -> bool:
        waiting = asyncio.ensure_future(self._news.wait())
        sleeping = asyncio.ensure_future(self._clock.sleep(POLL_SECONDS))
        try:
            await asyncio.wait({waiting, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            sleeping.cancel()
        is_news = self._news.is_set()
        self._news.clear()
        return is_news

    async def deliver(self, *, older_than: datetime | None = None) -> None:
        """Offer what nobody has looked after; without `older_than`, what another process has left."""
        left = older_than or self._clock.now() - timedelta(seconds=POLL_SECONDS)
        while events := await self._events.undelivered(older_than=left, limit=BATCH):
            failed = False
            for event in events:
                failed = not await self._offer_to_all(event) or failed
            if failed or len(events) < BATCH:
                return

    async def _offer_to_all(self, event: UserEvent) -> bool:
        run_ids = await self._events.waiting(event.workspace_id, event.name)
        offered = await asyncio.gather(*(self._offer_or_log(run_id, event) for run_id in run_ids))
        if all(offered):
            await self._events.delivered(event, now=self._clock.now())
        return all(offered)

    async def _offer_or_log(self, run_id: str, event: UserEvent) -> bool:
        try:
            async with self._slots:
                await self._offer(run_id, event)
        except FlowloomError as error:
            log.warning("an event comes later", run_id=run_id, event_id=event.event_id, error=repr(error))
            return False
        return True

    async def _offer(self, run_id: str, event: UserEvent) -> bool:
        """Bring an event to a run; returns whether a wait of it has ended with it."""
        if await self._events.has_received(run_id, event.event_id):
            return False
        try:
            return await self._gate.change(
                run_id, lambda record: receive(record, event, now=self._clock.now())
            )
        except AlreadyReceivedError:
            return False

    async def look_back(self, run_id: str, item: OutboxItem) -> None:
        """Bring a run whose wait has begun the oldest fitting event that came shortly before."""
        since = datetime.fromisoformat(str(item.payload["at"])) - self._window
        for event in await self._events.recent(run_id, str(item.payload["name"]), since=since):
            if await self._offer(run_id, event):
                return

    async def _tidy(self) -> None:
        if self._clock.monotonic() - self._tidied_at > TIDY_SECONDS:
            self._tidied_at = self._clock.monotonic()
            await self._events.tidy(self._clock.now() - KEPT_FOR)
