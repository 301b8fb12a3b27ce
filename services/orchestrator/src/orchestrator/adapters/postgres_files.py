"""Versions of files of runs in Postgres."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import text

from flowloom_contracts.files import RunFile
from flowloom_servicekit.database import Database, Statement
from orchestrator.adapters import sql_of_runs as sql
from orchestrator.adapters.rows import committed, events_text, outbox_text
from orchestrator.domain.files import FileLimits, NewFile, RoomUsed, next_version
from orchestrator.domain.milestones import file_written
from orchestrator.domain.records import OutboxItem, OutboxKind
from orchestrator.ports.files import FileAdded

_COLUMNS: Final = "path, version, size, sha256, media_type, step, at"

# The run comes first, as in every commit; two writers of one run wait for each other here.
LOCK_RUN: Final = text("select 1 from orchestrator.runs where id = cast(:run_id as uuid) for no key update")
USED: Final = text("""
select coalesce(sum(size), 0) as bytes, count(*) as versions,
    coalesce(max(version) filter (where path = :path), 0) as newest
from orchestrator.run_files where run_id = cast(:run_id as uuid)
""")
ADD: Final = text("""
insert into orchestrator.run_files (
    run_id, path, version, workspace_id, key, sha256, size, media_type, step, at
)
values (
    cast(:run_id as uuid), :path, :version, :workspace_id, :key, :sha256, :size, :media_type, :step,
    cast(:at as timestamptz)
)
""")
_OF_KEY: Final = f"""
select {_COLUMNS} from orchestrator.run_files where run_id = cast(:run_id as uuid) and key = :key
"""  # noqa: S608 - our own fragment; every value is a parameter
KNOWN: Final = text(_OF_KEY)
OF_KEY: Final = Statement(_OF_KEY)
GET: Final = Statement(f"""
select {_COLUMNS} from orchestrator.run_files
where run_id = cast(:run_id as uuid) and path = :path
    and (cast(:version as integer) is null or version = cast(:version as integer))
order by version desc limit 1
""")  # noqa: S608 - our own fragment; every value is a parameter
PAGE: Final = Statement(f"""
select distinct on (path collate "C") {_COLUMNS} from orchestrator.run_files
where run_id = cast(:run_id as uuid) and path collate "C" > :after
order by path collate "C", version desc limit :limit
""")  # noqa: S608 - our own fragment; every value is a parameter
HASHES: Final = Statement("""
select distinct f.sha256 from orchestrator.run_files f
where f.run_id = cast(:run_id as uuid) and exists (
    select 1 from unnest(cast(:steps as text[])) as s(root)
    where f.step = s.root or starts_with(f.step, s.root || '[') or starts_with(f.step, s.root || '.')
)
""")
_FILE: Final = TypeAdapter(RunFile)


class PostgresFiles:
    """See `FileStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, new: NewFile, limits: FileLimits) -> FileAdded | None:
        """See `FileStore.add`."""
        place = {"run_id": new.run_id, "path": new.path, "key": new.key}
        async with self._database.transaction() as session:
            await session.execute(LOCK_RUN, {"run_id": new.run_id})
            known = (await session.execute(KNOWN, {"run_id": new.run_id, "key": new.key})).one_or_none()
            if known is not None:
                return FileAdded(_file(dict(known._mapping)))
            row = (await session.execute(USED, {"run_id": new.run_id, "path": new.path})).one()
            used = RoomUsed(bytes=int(row.bytes), versions=int(row.versions), newest=int(row.newest))
            version = next_version(new, used, limits)
            event = file_written(new, version)
            outbox = (OutboxItem(OutboxKind.STREAM),)
            told = {
                "id": new.run_id,
                "step": new.step,
                "exec": new.exec,
                "event_count": 1,
                "events": events_text((event,)),
                "outbox": outbox_text(outbox),
                "journal": "[]",
            }
            # Adds nothing, and answers nothing, when another execution has the step.
            head = (await session.execute(sql.ADD_EVENT, told)).one_or_none()
            if head is None:
                return None
            await session.execute(ADD, place | _row(new, version))
        return FileAdded(new.versioned(version), committed(new.run_id, head, (event,), outbox))

    async def written(self, run_id: str, key: str) -> RunFile | None:
        """See `FileStore.written`."""
        rows = await self._database.rows(OF_KEY, {"run_id": run_id, "key": key})
        return _file(rows[0]) if rows else None

    async def get(self, run_id: str, path: str, version: int | None) -> RunFile | None:
        """See `FileStore.get`."""
        rows = await self._database.rows(GET, {"run_id": run_id, "path": path, "version": version})
        return _file(rows[0]) if rows else None

    async def page(self, run_id: str, *, after: str, limit: int) -> Sequence[RunFile]:
        """See `FileStore.page`."""
        rows = await self._database.rows(PAGE, {"run_id": run_id, "after": after, "limit": limit})
        return [_file(row) for row in rows]

    async def hashes(self, run_id: str, steps: Collection[str]) -> Sequence[str]:
        """See `FileStore.hashes`."""
        rows = await self._database.rows(HASHES, {"run_id": run_id, "steps": list(steps)})
        return [str(row["sha256"]) for row in rows]


def _row(new: NewFile, version: int) -> dict[str, object]:
    return {
        "version": version,
        "workspace_id": new.workspace_id,
        "sha256": new.sha256,
        "size": new.size,
        "media_type": new.media_type,
        "step": new.step,
        "at": new.at,
    }


def _file(row: Mapping[str, object]) -> RunFile:
    return _FILE.validate_python(dict(row))
