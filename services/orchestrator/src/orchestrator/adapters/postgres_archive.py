"""Streams of ended runs, compressed in Postgres."""

import zlib
from collections.abc import Sequence

from sqlalchemy import text

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
)
update orchestrator.runs set archived_at = now(), epoch = cast(:epoch as integer)
where id = cast(:run_id as uuid) and archived_at is null and cast(:is_last as boolean)
""")
HEAD = """
select a.epoch, max(a.last_seq) as last_seq from orchestrator.stream_archive a
join orchestrator.runs r on r.id = a.run_id and r.epoch = a.epoch
where a.run_id = cast(:run_id as uuid) and r.archived_at is not null group by a.epoch
"""
READ = """
select first_seq, body from orchestrator.stream_archive
where run_id = cast(:run_id as uuid) and epoch = :epoch and last_seq > :after
order by first_seq limit :segments
"""


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

    async def read(self, run_id: str, after: Cursor, limit: int) -> StreamPage | None:
        """See `ArchiveStore.read`."""
        async with self._database.transaction() as session:
            found = (await session.execute(text(HEAD), {"run_id": run_id})).one_or_none()
            if found is None:
                return None
            head = Cursor(found.epoch, found.last_seq)
            check_cursor(run_stream(run_id), after, head)
            parameters = {
                "run_id": run_id,
                "epoch": head.epoch,
                "after": after.seq,
                "segments": limit + 1,
            }
            rows = (await session.execute(text(READ), parameters)).all()
        frames = [
            Frame(run_stream(run_id), Cursor(head.epoch, row.first_seq + place), body)
            for row in rows
            for place, body in enumerate(zlib.decompress(row.body).decode().split("\n"))
            if row.first_seq + place > after.seq
        ]
        return StreamPage(frames[:limit], head, sealed=True)
