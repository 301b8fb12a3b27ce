"""Streams of ended runs and the beginnings of long ones, compressed in Postgres."""

import zlib
from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter

from flowloom_contracts.events import run_stream
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.frame import Frame
from flowloom_servicekit.streams.reader import StreamPage, check_cursor

KEEP = Statement("""
with kept as (
    insert into orchestrator.stream_archive (run_id, epoch, first_seq, last_seq, workspace_id, body)
    select id, cast(:epoch as integer), cast(:first_seq as bigint), cast(:last_seq as bigint), workspace_id,
        cast(:body as bytea)
    from orchestrator.runs where id = cast(:run_id as uuid)
    on conflict (run_id, epoch, first_seq) do update set last_seq = excluded.last_seq, body = excluded.body
),
outdated as (
    delete from orchestrator.stream_archive
    where run_id = cast(:run_id as uuid) and epoch < cast(:epoch as integer) and cast(:is_last as boolean)
)
update orchestrator.runs set archived_at = now(), epoch = cast(:epoch as integer)
where id = cast(:run_id as uuid) and archived_at is null and cast(:is_last as boolean)
""")
HEAD = Statement("""
select a.epoch, max(a.last_seq) as last_seq from orchestrator.stream_archive a
join orchestrator.runs r on r.id = a.run_id and r.epoch = a.epoch
where a.run_id = cast(:run_id as uuid) and r.archived_at is not null group by a.epoch
""")
READ = Statement("""
select first_seq, body from orchestrator.stream_archive
where run_id = cast(:run_id as uuid) and epoch = :epoch and last_seq > :after
order by first_seq limit 1
""")

_END: Final = TypeAdapter(tuple[int, int])
_PIECE: Final = TypeAdapter(tuple[int, bytes])


class PostgresArchive:
    """See `ArchiveStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, run_id: str, first: Cursor, bodies: Sequence[str], *, is_last: bool) -> None:
        """See `ArchiveStore.keep`."""
        parameters = {
            "run_id": run_id,
            "epoch": first.epoch,
            "first_seq": first.seq,
            "last_seq": first.seq + len(bodies) - 1,
            "body": zlib.compress("\n".join(bodies).encode(), level=6),
            "is_last": is_last,
        }
        await self._database.rows(KEEP, parameters)

    async def head(self, run_id: str) -> Cursor | None:
        """See `ArchiveStore.head`."""
        rows = await self._database.rows(HEAD, {"run_id": run_id})
        if not rows:
            return None
        return Cursor(*_END.validate_python((rows[0]["epoch"], rows[0]["last_seq"])))

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
        frames = list[Frame]()
        while len(frames) < limit:
            last = frames[-1].cursor if frames else after
            found = await self._segment(run_id, last)
            if not found:
                break
            frames += found
        return frames[:limit]

    async def _segment(self, run_id: str, after: Cursor) -> list[Frame]:
        """Return the entries behind a cursor in the piece that has the next one."""
        parameters = {"run_id": run_id, "epoch": after.epoch, "after": after.seq}
        rows = await self._database.rows(READ, parameters)
        if not rows:
            return []
        first_seq, packed = _PIECE.validate_python((rows[0]["first_seq"], rows[0]["body"]))
        return [
            Frame(run_stream(run_id), Cursor(after.epoch, first_seq + place), body)
            for place, body in enumerate(zlib.decompress(packed).decode().split("\n"))
            if first_seq + place > after.seq
        ]
