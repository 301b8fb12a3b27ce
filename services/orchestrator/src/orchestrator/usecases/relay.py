"""Carries out what is committed - stream, engine, topics, archive - at least once and in order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final, TypeAlias

import structlog

from flowloom_contracts.events import RunFinished, run_stream
from flowloom_contracts.topics import Topic
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.publish import EventBus
from flowloom_servicekit.dapr.workflows import Engine
from flowloom_servicekit.errors import FlowloomError, UpstreamError
from flowloom_servicekit.streams.errors import StreamLostError
from flowloom_servicekit.streams.writer import Milestone
from orchestrator.domain.records import Committed, NewEvent, OutboxItem, OutboxKind
from orchestrator.ports.archive import ArchiveStore
from orchestrator.ports.outbox import OutboxStore, Waiting
from orchestrator.ports.streams import Streams
from orchestrator.usecases.archive_run import archive_run
from orchestrator.usecases.start_drivers import Advancing, DriverStarts

log = structlog.get_logger(__name__)

Work: TypeAlias = Callable[[str, OutboxItem], Awaitable[None]]
"""Does one thing for a run, at least once; raises a `FlowloomError` to be asked again."""

POLL_SECONDS: Final = 1.0
MAX_WAITING: Final = 50
SETTLE_SECONDS: Final = 0.5
FORGET_AFTER_SECONDS: Final = 0.25
MAX_AT_ONCE: Final = 16


class OutboxRelay:
    """One per process. A commit is pushed and carried out at once; what fails is found again by the poll."""

    def __init__(
        self,
        *,
        outbox: OutboxStore,
        streams: Streams,
        archive: ArchiveStore,
        engine: Engine,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._streams = streams
        self._archive = archive
        self._engine = engine
        self._bus = bus
        self._clock = clock
        self._queues: dict[str, deque[Committed]] = {}
        self._drains: dict[str, asyncio.Task[None]] = {}
        self._stalled: set[str] = set()
        self._done: list[int] = []
        self._starts = DriverStarts(engine=engine, advance=None)
        self._works: dict[OutboxKind, Work] = {}
        self._slots = asyncio.Semaphore(MAX_AT_ONCE)
        self._watches: list[Callable[[Committed], None]] = []
        self._server_id = ""
        self._looked_at = 0.0

    def carry_out(self, advance: Advancing) -> None:
        """Carry runs out in this process where nothing has to wait for anybody."""
        self._starts = DriverStarts(engine=self._engine, advance=advance)

    def also(self, kind: OutboxKind, work: Work) -> None:
        """Have another kind of outbox item done; one that nobody does stays until a process knows it."""
        self._works[kind] = work

    def watched_by(self, watch: Callable[[Committed], None]) -> None:
        """Tell somebody of each commit of this process."""
        self._watches.append(watch)

    def push(self, committed: Committed) -> None:
        """Take a commit; its rows stay in the outbox until all of it is done."""
        for watch in self._watches:
            watch(committed)
        if committed.run_id in self._stalled:
            return
        self._queues.setdefault(committed.run_id, deque()).append(committed)
        if committed.run_id not in self._drains:
            self._drains[committed.run_id] = asyncio.create_task(self._drain(committed.run_id))

    async def settled(self, run_id: str) -> None:
        """Wait a moment until what was pushed of a run is in its stream, so that its text comes after it."""
        drain = self._drains.get(run_id)
        if drain is not None:
            await asyncio.wait({drain}, timeout=SETTLE_SECONDS)

    async def run(self) -> None:
        """Forget what is done and find what was left, for ever."""
        while True:
            await self._clock.sleep(FORGET_AFTER_SECONDS if self._done else POLL_SECONDS)
            try:
                await self.tidy()
            except UpstreamError as error:
                log.warning("the outbox cannot be read", error=repr(error))

    async def tidy(self) -> None:
        """One turn of `run`: forgets what is done and looks, also when there is always something done."""
        self._done += self._starts.taken_done()
        if self._done:
            await self._forget()
            if self._clock.monotonic() - self._looked_at < POLL_SECONDS:
                return
        self._looked_at = self._clock.monotonic()
        older_than = self._clock.now() - timedelta(seconds=POLL_SECONDS)
        waiting = await self._outbox.waiting(
            older_than=older_than, limit=MAX_WAITING, but=self._starts.carried
        )
        await asyncio.gather(*(self._find(left) for left in waiting if left.run_id not in self._drains))
        # Last, because a driver has to be started also while Redis is away.
        await self._notice_restart()

    async def _forget(self) -> None:
        done, self._done = self._done, []
        try:
            await self._outbox.forget(done)
        except UpstreamError:
            self._done += done
            raise

    async def restore(self, run_id: str) -> None:
        """Rebuild a stream that Redis has lost, under a new epoch."""
        await self._rebuild(run_id, await self._outbox.epoch(run_id))

    async def stop(self) -> None:
        """Let what is being carried out end, and leave the rest to the next start."""
        await self._starts.stop()
        for drain in list(self._drains.values()):
            drain.cancel()
        await asyncio.gather(*self._drains.values(), return_exceptions=True)
        self._done += self._starts.taken_done()
        if self._done:
            await self._outbox.forget(self._done)

    async def _drain(self, run_id: str) -> None:
        queue = self._queues[run_id]
        try:
            async with self._slots:
                while queue:
                    committed = queue[0]
                    milestones = _milestones(committed.first_n, committed.events)
                    await self._carry_out(run_id, committed.outbox, milestones, epoch=committed.epoch)
                    queue.popleft()
        except FlowloomError as error:
            # The rows are still there; nothing of this run may overtake them.
            self._stalled.add(run_id)
            log.warning("an outbox item was left for later", run_id=run_id, error=repr(error))
        finally:
            del self._drains[run_id]
            del self._queues[run_id]

    async def _find(self, left: Waiting) -> None:
        """Carry out what the outbox has of a run, with all of its events: the stream knows which it has."""
        self._stalled.add(left.run_id)
        try:
            async with self._slots:
                epoch = await self._outbox.epoch(left.run_id)
                await self._carry_out(left.run_id, left.items, None, epoch=epoch)
            self._stalled.discard(left.run_id)
        except FlowloomError as error:
            log.warning("an outbox item was left for later", run_id=left.run_id, error=repr(error))

    async def _carry_out(
        self,
        run_id: str,
        items: Sequence[OutboxItem],
        milestones: Sequence[Milestone] | None,
        *,
        epoch: int,
    ) -> None:
        """Do each item in turn; without `milestones` the events come from Postgres.

        A driver is started meanwhile: it need not wait until viewers were told of its run.
        """
        starts = [item for item in items if item.kind is OutboxKind.SCHEDULE]
        starting = [asyncio.create_task(self._starts.start(run_id, item)) for item in starts]
        try:
            await self._tell(run_id, items, milestones, epoch=epoch)
        finally:
            started = await asyncio.gather(*starting, return_exceptions=True)
        for item, outcome in zip(starts, started, strict=True):
            if isinstance(outcome, BaseException):
                raise outcome
            if outcome:
                self._done.append(item.id)

    async def _tell(
        self,
        run_id: str,
        items: Sequence[OutboxItem],
        milestones: Sequence[Milestone] | None,
        *,
        epoch: int,
    ) -> None:
        """Do everything but starting drivers, in order."""
        for item in items:
            if item.kind is OutboxKind.SCHEDULE:
                continue
            if item.kind is OutboxKind.STREAM and milestones is not None:
                await self._append(run_id, milestones, epoch)
            elif item.kind in self._works:
                await self._works[item.kind](run_id, item)
            elif not await self._do(run_id, item, epoch):
                log.error("nobody does this kind of outbox item", run_id=run_id, kind=item.kind.value)
                continue
            self._done.append(item.id)

    async def _do(self, run_id: str, item: OutboxItem, epoch: int) -> bool:
        """Do what the relay itself can do; False for what others have to."""
        match item.kind:
            case OutboxKind.STREAM:
                await self._fill(run_id, epoch)
            case OutboxKind.REOPEN:
                await self._rebuild(run_id, epoch)
            case OutboxKind.SIGNAL:
                await self._engine.raise_signal(str(item.payload["instance"]))
            case OutboxKind.TERMINATE:
                await self._engine.terminate(str(item.payload["instance"]))
            case OutboxKind.FINISHED:
                await self._publish_end(RunFinished.model_validate(item.payload))
            case OutboxKind.ARCHIVE:
                # What is archived is archived for good: it must not be what a restart has left of it.
                await self._notice_restart()
                await archive_run(run_id, streams=self._streams, archive=self._archive, outbox=self._outbox)
            case _:
                return False
        return True

    async def _append(self, run_id: str, milestones: Sequence[Milestone], epoch: int) -> None:
        try:
            await self._streams.append_milestones(run_stream(run_id), milestones, epoch_hint=epoch)
        except StreamLostError:
            await self._fill(run_id, epoch)

    async def _fill(self, run_id: str, epoch: int) -> None:
        """Append what a process that died has left out; a stream that is not there at all is rebuilt."""
        milestones = await self._outbox.milestones(run_id)
        if len(milestones) > 1:
            milestones = milestones[1:]
        try:
            await self._streams.append_milestones(run_stream(run_id), milestones, epoch_hint=epoch)
        except StreamLostError:
            await self._rebuild(run_id, epoch)

    async def _rebuild(self, run_id: str, epoch: int) -> None:
        """Give a stream a new epoch with everything that Postgres has; workers append their text again."""
        renewed = await self._outbox.renew_epoch(run_id, epoch)
        milestones = await self._outbox.milestones(run_id)
        log.warning("a live stream was rebuilt", run_id=run_id, epoch=renewed)
        if not await self._streams.rebuild(run_stream(run_id), renewed, milestones):
            await self._streams.append_milestones(run_stream(run_id), milestones, epoch_hint=renewed)

    async def _notice_restart(self) -> None:
        """A Redis that came back may have lost its last second: every live stream gets a new epoch.

        Text that came while it was away has no place in a stream of the old epoch. A process that starts asks
        Redis whether anybody has looked after its streams since it began; one that has lost them all does not
        know, and each of them is rebuilt when it is missed.
        """
        now_id = await self._streams.server_id()
        if now_id == self._server_id:
            return
        whole_since = await self._streams.whole_since()
        if whole_since != now_id and (self._server_id or whole_since):
            for stream in await self._outbox.alive():
                await self._rebuild(stream.run_id, stream.epoch)
        await self._streams.are_whole(now_id)
        self._server_id = now_id

    async def _publish_end(self, event: RunFinished) -> None:
        event_id = f"{event.run_id}:finished"
        await self._bus.publish(Topic.RUN_EVENTS, event, event_id=event_id, type="run.finished.v1")


def _milestones(first_n: int, events: Sequence[NewEvent]) -> list[Milestone]:
    return [
        Milestone(
            first_n + place,
            event.body,
            None if event.step is None or event.fence is None else (event.step, event.fence),
        )
        for place, event in enumerate(events)
    ]
