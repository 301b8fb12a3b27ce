"""The archive of streams in memory, with the rules of the Postgres one."""

from collections import defaultdict
from collections.abc import Sequence

from flowloom_contracts.events import run_stream
from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.frame import Frame
from flowloom_servicekit.streams.reader import StreamPage, check_cursor


class InMemoryArchive:
    """See `ArchiveStore`."""

    def __init__(self) -> None:
        self.archived: dict[str, list[tuple[Cursor, str]]] = defaultdict(list)
        self.finished_archives: set[str] = set()

    async def keep(self, run_id: str, first: Cursor, bodies: Sequence[str], *, is_last: bool) -> None:
        """See `ArchiveStore.keep`."""
        kept = dict(self.archived[run_id])
        kept |= {Cursor(first.epoch, first.seq + place): body for place, body in enumerate(bodies)}
        self.archived[run_id] = sorted(kept.items())
        if is_last:
            self.finished_archives.add(run_id)

    async def head(self, run_id: str) -> Cursor | None:
        """See `ArchiveStore.head`."""
        return self.archived[run_id][-1][0] if run_id in self.finished_archives else None

    async def read(self, run_id: str, after: Cursor, limit: int) -> StreamPage | None:
        """See `ArchiveStore.read`."""
        head = await self.head(run_id)
        if head is None:
            return None
        check_cursor(run_stream(run_id), after, head)
        frames = await self.beginning(run_id, Cursor(head.epoch, after.seq), limit)
        return StreamPage(frames, head, sealed=True)

    async def beginning(self, run_id: str, after: Cursor, limit: int) -> list[Frame]:
        """See `ArchiveStore.beginning`."""
        frames = [
            Frame(run_stream(run_id), cursor, body)
            for cursor, body in self.archived[run_id]
            if cursor.seq > after.seq and cursor.epoch == after.epoch
        ]
        return frames[:limit]
