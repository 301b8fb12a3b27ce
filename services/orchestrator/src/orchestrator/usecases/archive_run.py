"""Moves live streams into the archive, with the same cursors: of ended runs, and of long ones in pieces."""

import structlog

from flowloom_contracts.events import run_stream
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.errors import StreamMovedError, StreamTrimmedError
from flowloom_servicekit.streams.frame import Frame
from flowloom_servicekit.streams.reader import StreamPage
from orchestrator.ports.archive import ArchiveStore
from orchestrator.ports.outbox import OutboxStore
from orchestrator.ports.streams import Streams

log = structlog.get_logger(__name__)

SEGMENT = 2_000
"""Entries in one piece of the archive; pieces of one epoch begin at multiples of it, whoever writes them."""
LONG = 50_000
"""Entries of a live stream above which its beginning is archived while the run goes on."""
KEPT = 10_000
"""Entries of a long stream that stay in Redis, for viewers who come back after a moment."""
TURN_SECONDS = 5.0


async def archive_run(run_id: str, *, streams: Streams, archive: ArchiveStore, outbox: OutboxStore) -> None:
    """Archive the whole stream, then let it expire; a stream that Redis has lost is rebuilt first."""
    stream = run_stream(run_id)
    page = await _first(stream, streams)
    if page is None:
        epoch = await outbox.renew_epoch(run_id, await outbox.epoch(run_id))
        await streams.rebuild(stream, epoch, await outbox.milestones(run_id))
        page = await _first(stream, streams)
    while page is not None and page.frames:
        await _keep(run_id, page, archive, is_last=page.is_last)
        if page.is_last:
            break
        page = await streams.read(stream, page.frames[-1].cursor, SEGMENT)
    await streams.seal(stream)


class LongStreams:
    """One per process: archives the beginnings of streams that have grown long, while their runs go on."""

    def __init__(
        self,
        *,
        streams: Streams,
        archive: ArchiveStore,
        outbox: OutboxStore,
        clock: Clock,
        long: int = LONG,
        kept: int = KEPT,
    ) -> None:
        self._streams = streams
        self._archive = archive
        self._outbox = outbox
        self._clock = clock
        self._long = long
        self._kept = kept

    async def run(self) -> None:
        """Look every few seconds, for ever."""
        while True:
            await self._clock.sleep(TURN_SECONDS)
            try:
                await self.turn()
            except UpstreamError as error:
                log.warning("long streams are archived later", error=repr(error))

    async def turn(self) -> None:
        """Archive what is long now."""
        run_ids = await self._outbox.moving()
        lengths = await self._streams.lengths([run_stream(run_id) for run_id in run_ids])
        for run_id, length in zip(run_ids, lengths, strict=True):
            if length > self._long:
                await self._shorten(run_id)

    async def _shorten(self, run_id: str) -> None:
        """Archive a stream piece by piece, and only then remove each; another process does the same."""
        stream = run_stream(run_id)
        try:
            page = await _first(stream, self._streams)
            while page is not None and self._is_old(page):
                await _keep(run_id, page, self._archive, is_last=False)
                last = page.frames[-1].cursor
                await self._streams.trim(stream, last)
                page = await self._streams.read(stream, last, SEGMENT)
        except (StreamMovedError, StreamTrimmedError) as error:
            log.info("somebody else changes a long stream", run_id=run_id, error=repr(error))

    def _is_old(self, page: StreamPage) -> bool:
        """Whether enough entries follow a whole piece."""
        is_whole = len(page.frames) == SEGMENT
        return is_whole and page.head.seq - page.frames[-1].cursor.seq >= self._kept


async def _first(stream: str, streams: Streams) -> StreamPage | None:
    """Return the first piece that is not archived yet."""
    try:
        return await streams.read(stream, START, SEGMENT)
    except StreamTrimmedError as trimmed:
        return await streams.read(stream, trimmed.last, SEGMENT)


async def _keep(run_id: str, page: StreamPage, archive: ArchiveStore, *, is_last: bool) -> None:
    first: Cursor = page.frames[0].cursor
    bodies = [_body(run_stream(run_id), frame) for frame in page.frames]
    await archive.keep(run_id, first, bodies, is_last=is_last)


def _body(stream: str, frame: Frame) -> str:
    """Return the entry as it was appended: the frame without its place."""
    return "{" + frame.text[len(Frame(stream, frame.cursor, "{").text) :]
