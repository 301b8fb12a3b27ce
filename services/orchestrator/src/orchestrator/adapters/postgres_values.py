"""Large values in Postgres, compressed, in rows of a megabyte."""

import asyncio
import zlib
from collections.abc import Collection
from typing import Final

from flowloom_servicekit.database import Database, Statement

CHUNK_BYTES: Final = 1024 * 1024
LEVEL: Final = 1
SWEPT_AT_ONCE: Final = 200

KEEP_CHUNK: Final = Statement("""
insert into orchestrator.value_chunks (run_id, ref, n, body)
values (cast(:run_id as uuid), :ref, :n, cast(:body as bytea)) on conflict do nothing
""")
# The head comes last: a value is there once all of it is.
KEEP_HEAD: Final = Statement("""
insert into orchestrator.run_values (run_id, ref, size)
values (cast(:run_id as uuid), :ref, :size) on conflict do nothing
""")
SIZE: Final = Statement("""
select size from orchestrator.run_values where run_id = cast(:run_id as uuid) and ref = :ref
""")
CHUNKS: Final = Statement("""
select n, body from orchestrator.value_chunks
where run_id = cast(:run_id as uuid) and ref = :ref and n between :first and :last order by n
""")
ADOPT_CHUNKS: Final = Statement("""
insert into orchestrator.value_chunks (run_id, ref, n, body)
select cast(:run_id as uuid), ref, n, body from orchestrator.value_chunks
where run_id = cast(:origin as uuid) and ref = :ref on conflict do nothing
""")
ADOPT_HEAD: Final = Statement("""
insert into orchestrator.run_values (run_id, ref, size)
select cast(:run_id as uuid), ref, size from orchestrator.run_values
where run_id = cast(:origin as uuid) and ref = :ref on conflict do nothing
""")
SWEEP: Final = Statement("""
with lost as (
    select v.run_id, v.ref from orchestrator.run_values v
    where v.created_at < now() - interval '1 hour'
        and not exists (select 1 from orchestrator.runs r where r.id = v.run_id)
    limit :limit
),
chunks as (
    delete from orchestrator.value_chunks c using lost where c.run_id = lost.run_id and c.ref = lost.ref
)
delete from orchestrator.run_values v using lost where v.run_id = lost.run_id and v.ref = lost.ref
returning v.ref
""")


class PostgresValueStore:
    """See `ValueStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, run_id: str, ref: str, body: bytes) -> None:
        """See `ValueStore.keep`; chunk by chunk, so that no statement and no copy is large."""
        place = {"run_id": run_id, "ref": ref}
        if await self.size(run_id, ref) is not None:
            return
        view = memoryview(body)
        for n, start in enumerate(range(0, len(body), CHUNK_BYTES)):
            packed = await asyncio.to_thread(zlib.compress, view[start : start + CHUNK_BYTES], LEVEL)
            await self._database.rows(KEEP_CHUNK, place | {"n": n, "body": packed})
        await self._database.rows(KEEP_HEAD, place | {"size": len(body)})

    async def size(self, run_id: str, ref: str) -> int | None:
        """See `ValueStore.size`."""
        rows = await self._database.rows(SIZE, {"run_id": run_id, "ref": ref})
        return int(str(rows[0]["size"])) if rows else None

    async def load(self, run_id: str, ref: str) -> bytes | None:
        """See `ValueStore.load`."""
        size = await self.size(run_id, ref)
        return None if size is None else await self.part(run_id, ref, offset=0, limit=size)

    async def part(self, run_id: str, ref: str, *, offset: int, limit: int) -> bytes | None:
        """See `ValueStore.part`."""
        size = await self.size(run_id, ref)
        if size is None:
            return None
        end = min(offset + limit, size)
        found = bytearray()
        for n in range(offset // CHUNK_BYTES, -(-end // CHUNK_BYTES)):
            found += await self._chunk(run_id, ref, n)
        skipped = offset % CHUNK_BYTES
        return (
            bytes(found) if not skipped and len(found) == limit else bytes(found[skipped : skipped + limit])
        )

    async def _chunk(self, run_id: str, ref: str, n: int) -> bytes:
        rows = await self._database.rows(CHUNKS, {"run_id": run_id, "ref": ref, "first": n, "last": n})
        body = rows[0]["body"] if rows else b""
        return await asyncio.to_thread(zlib.decompress, body) if isinstance(body, bytes) else b""

    async def adopt(self, run_id: str, origin: str, refs: Collection[str]) -> None:
        """See `ValueStore.adopt`."""
        for ref in refs:
            place = {"run_id": run_id, "origin": origin, "ref": ref}
            await self._database.rows(ADOPT_CHUNKS, place)
            await self._database.rows(ADOPT_HEAD, place)

    async def sweep(self) -> int:
        """See `ValueStore.sweep`."""
        return len(await self._database.rows(SWEEP, {"limit": SWEPT_AT_ONCE}))
