"""Moves the live stream of an ended run into the archive, with the same cursors."""

from flowloom_contracts.events import run_stream
from flowloom_servicekit.streams.cursor import START
from flowloom_servicekit.streams.frame import Frame
from orchestrator.ports import ArchiveStore, OutboxStore, Streams

SEGMENT = 2_000
"""Entries in one piece of the archive."""


async def archive_run(run_id: str, *, streams: Streams, archive: ArchiveStore, outbox: OutboxStore) -> None:
    """Archive the whole stream, then let it expire; a stream that Redis has lost is rebuilt first."""
    stream = run_stream(run_id)
    page = await streams.read(stream, START, SEGMENT)
    if page is None:
        epoch = await outbox.renew_epoch(run_id, await outbox.epoch(run_id))
        await streams.rebuild(stream, epoch, await outbox.milestones(run_id))
        page = await streams.read(stream, START, SEGMENT)
    while page is not None and page.frames:
        first = page.frames[0].cursor
        bodies = [_body(stream, frame) for frame in page.frames]
        await archive.keep(run_id, first, bodies, is_last=page.is_last)
        if page.is_last:
            break
        page = await streams.read(stream, page.frames[-1].cursor, SEGMENT)
    await streams.seal(stream)


def _body(stream: str, frame: Frame) -> str:
    """Return the entry as it was appended: the frame without its place."""
    return "{" + frame.text[len(Frame(stream, frame.cursor, "{").text) :]
