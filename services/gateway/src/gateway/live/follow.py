"""One viewer of one run: live, from the archive, or by a fresh snapshot, and never a gap."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, get_args

import structlog
from prometheus_client import Counter

from flowloom_contracts.base import without_absent
from flowloom_contracts.events import (
    ResyncData,
    RunEvent,
    StreamHead,
    StreamResync,
    run_stream,
)
from flowloom_contracts.runs import Actor, Run, RunEventsQuery, RunQuery, RunSnapshot
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import RemoteProblemError, UpstreamError
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.errors import StreamMovedError, StreamTrimmedError
from flowloom_servicekit.streams.frame import Frame, encode_body
from flowloom_servicekit.streams.subscription import Resync, ResyncReason
from gateway.ports import Runs, RunStreams, StreamPages

log = structlog.get_logger(__name__)

FINISHED: Final = "run.finished.v1"
RESYNCS: Final = Counter(
    "flowloom_streams_resynced_total", "Viewers that were given a snapshot instead of events.", ["reason"]
)
for _reason in get_args(ResyncReason):
    RESYNCS.labels(_reason)
ARCHIVE_PAGE: Final = 1_000
MAX_PAUSE_SECONDS: Final = 2.0
FIRST_PAUSE_SECONDS: Final = 0.1
MAX_DOUBLINGS: Final = 5


class Piece(Protocol):
    """An event or a notice, encoded."""

    @property
    def cursor(self) -> Cursor:
        """Where its reader stands after it."""

    @property
    def text(self) -> str:
        """The envelope as JSON."""

    @property
    def type(self) -> str:
        """The event type."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An envelope without a number of its own; `cursor` is where its reader stands after it."""

    cursor: Cursor
    text: str
    type: str


class RunFollower:
    """Follows a run for one viewer; whoever makes it has checked that the viewer may see the run."""

    def __init__(self, run: Run, actor: Actor, *, runs: Runs, streams: RunStreams, clock: Clock) -> None:
        query = RunQuery(actor=actor, run_id=run.id)
        self._query = query
        self._over = run.status.is_terminal
        self._stream = run_stream(query.run_id)
        self._runs = runs
        self._streams = streams
        self._clock = clock
        self._position = START
        self._resync: ResyncReason = "gone"
        self._pauses = 0
        self._ended = False

    async def follow(self, after: Cursor) -> AsyncGenerator[Sequence[Piece], None]:
        """Give batches in order from behind a cursor, and end behind the run's end and nowhere else.

        A part of the platform that is away is waited for. Raises what no waiting can change, a run that is
        there no longer for example.
        """
        self._position = after
        while not self._ended:
            try:
                async with aclosing(self._stretch()) as stretch:
                    async for batch in stretch:
                        yield batch
            except UpstreamError as error:
                if isinstance(error, RemoteProblemError) and error.is_callers_fault:
                    raise
                if not self._pauses:
                    log.warning("a viewer waits for what is away", stream=self._stream, error=repr(error))
                await self._pause()

    async def _stretch(self) -> AsyncGenerator[Sequence[Piece], None]:
        """Give what is known, and where that leads no further a snapshot to go on from."""
        before = self._position
        async with aclosing(self._known()) as known:
            async for batch in known:
                yield batch
                if self._passed(batch):
                    return
        if await self._is_over():
            self._ended = True
            return
        if self._resync == "gone" and self._position != before:
            return
        notice = await self._fresh_start(only_if_moved=self._resync == "gone")
        if notice is not None:
            yield [notice]
            self._ended = self._over

    def _passed(self, batch: Sequence[Piece]) -> bool:
        self._position = batch[-1].cursor
        self._pauses = 0
        self._ended = batch[-1].type == FINISHED
        return self._ended

    async def _known(self) -> AsyncGenerator[Sequence[Piece], None]:
        """Give what Redis has and gets, and what only the orchestrator has."""
        async with aclosing(self._live()) as live:
            async for batch in live:
                yield batch
        if self._resync == "gone":
            async with aclosing(self._archived()) as archived:
                async for page in archived:
                    yield page

    async def _live(self) -> AsyncGenerator[Sequence[Piece], None]:
        """Give what Redis has and gets, until the subscription says why it cannot go on."""
        # Of a run that is over nothing new is expected: a stream that is not there is in the archive.
        subscription = self._streams.subscribe(self._stream, self._position, expected=not self._over)
        async with subscription:
            async for batch in subscription:
                if isinstance(batch, Resync):
                    self._resync = batch.reason
                    return
                yield batch

    async def _archived(self) -> AsyncGenerator[Sequence[Piece], None]:
        """Give what the orchestrator keeps behind the position.

        The run has ended, Redis has lost its stream, or the stream has grown so long that it begins there.
        """
        while True:
            query = RunEventsQuery(
                actor=self._query.actor,
                run_id=self._query.run_id,
                after=str(self._position),
                limit=ARCHIVE_PAGE,
            )
            page = await self._runs.events(query)
            frames = [frame_of(self._stream, event) for event in page.items]
            if not frames:
                return
            if self._position != START and frames[0].cursor.epoch != self._position.epoch:
                # The orchestrator answers a cursor of an epoch that is gone with the present one.
                self._resync = "moved"
                return
            yield frames

    async def _is_over(self) -> bool:
        if self._resync != "gone":
            return False
        self._over = (await self._runs.get(self._query)).status.is_terminal
        # A run has a first event. Where not even that is, its stream is only just being rebuilt.
        return self._over and self._position != START

    async def _fresh_start(self, *, only_if_moved: bool) -> Notice | None:
        """Take a snapshot and stand where it was taken; a second one in a row waits a little."""
        if self._pauses or only_if_moved:
            await self._pause()
        else:
            self._pauses = 1
        snapshot = await self._runs.snapshot(self._query)
        self._over = snapshot.run.status.is_terminal
        cursor = Cursor.parse(snapshot.cursor)
        if only_if_moved and cursor.epoch == self._position.epoch:
            return None
        self._position = cursor
        RESYNCS.labels(self._resync).inc()
        return resync_notice(self._stream, snapshot, at=self._clock.now())

    async def _pause(self) -> None:
        """Wait a little longer each time, until something comes again."""
        doubled = FIRST_PAUSE_SECONDS * 2 ** min(self._pauses, MAX_DOUBLINGS)
        self._pauses += 1
        await self._clock.sleep(min(doubled, MAX_PAUSE_SECONDS))


def frame_of(stream: str, event: RunEvent) -> Frame:
    """Return an event of the history as the frame it once was."""
    if isinstance(event, StreamHead | StreamResync):
        raise TypeError(f"{event.type} has no number, it is in no history")
    return Frame(stream, Cursor(event.epoch, event.seq), encode_body(without_absent(event)))


def resync_notice(stream: str, snapshot: RunSnapshot, *, at: datetime) -> Notice:
    """Return the notice that a viewer starts again from a snapshot."""
    cursor = Cursor.parse(snapshot.cursor)
    event = StreamResync.model_validate(
        {
            "stream": stream,
            "epoch": cursor.epoch,
            "at": at,
            "run_id": snapshot.run.id,
            "type": "stream.resync.v1",
            "data": ResyncData(cursor=snapshot.cursor, snapshot=snapshot),
        }
    )
    return Notice(cursor=cursor, text=event.model_dump_json(), type=event.type)


async def has_more(query: RunQuery, after: Cursor, *, runs: Runs, pages: StreamPages) -> bool:
    """Whether a run that is over has anything behind a cursor; one of another epoch has a snapshot."""
    try:
        page = await pages.read(run_stream(query.run_id), after, 1)
    except (StreamMovedError, StreamTrimmedError):
        return True
    if page is not None:
        return bool(page.frames) or not page.sealed
    archived = await runs.events(
        RunEventsQuery(actor=query.actor, run_id=query.run_id, after=str(after), limit=1)
    )
    return bool(archived.items)
