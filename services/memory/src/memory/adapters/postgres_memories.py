"""What runs have kept, in Postgres."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from flowloom_contracts.memories import AgentMemory, ForgetMemories, ListMemories
from flowloom_contracts.memory import RunOrigin
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.ids import is_id
from memory.adapters import memories_statements as sql
from memory.adapters.postgres_memory_store import add_passages_in, named_after
from memory.domain.access import ALWAYS
from memory.domain.texts import NewText


class PostgresMemories:
    """The memories of production."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def one(self, workspace_id: str, role: str, memory_id: str) -> AgentMemory | None:
        """See `Memories.one`."""
        if not is_id(memory_id):
            return None
        found = await self._rows(sql.MEMORY, workspace_id, role, {"memory_id": memory_id})
        return next((_memory(row) for row in found), None)

    async def page(self, query: ListMemories) -> list[AgentMemory]:
        """See `Memories.page`."""
        wanted = query.model_dump(exclude={"workspace_id", "role", "query"})
        return [
            _memory(row) for row in await self._rows(sql.MEMORIES, query.workspace_id, query.role, wanted)
        ]

    async def candidates(self, query: ListMemories, most: int) -> list[tuple[str, str]]:
        """See `Memories.candidates`."""
        wanted = query.model_dump(include={"collection", "agent", "workflow_id", "run_id"}) | {"limit": most}
        rows = await self._rows(sql.CANDIDATES, query.workspace_id, query.role, wanted)
        return [(str(row["id"]), str(row["collection"])) for row in rows]

    async def these(self, workspace_id: str, role: str, ids: Sequence[str]) -> list[AgentMemory]:
        """See `Memories.these`."""
        rows = await self._rows(sql.MEMORIES_BY_ID, workspace_id, role, {"ids": list(ids)})
        return [_memory(row) for row in rows]

    async def correct(self, text: NewText, *, by: str, known_at: datetime | None) -> bool:
        """See `Memories.correct`."""
        parameters = {
            "id": text.id,
            "workspace_id": text.workspace_id,
            "body": text.text,
            "name": named_after(text.text),
            "size_bytes": len(text.text.encode()),
            "passage_count": len(text.passages),
            "now": text.created_at,
            "known_at": known_at,
            "by": by,
        }
        async with self._database.transaction(text.workspace_id) as session:
            if (await session.execute(sql.REPLACE_TEXT, parameters)).one_or_none() is None:
                return False
            await session.execute(sql.DROP_PASSAGES, parameters)
            await add_passages_in(session, text)
            await session.execute(sql.CORRECTED, parameters)
        return True

    async def forget(self, workspace_id: str, role: str, which: ForgetMemories) -> int:
        """See `Memories.forget`."""
        ids = [one for one in which.ids if is_id(one)] if which.ids else None
        wanted = which.model_dump(exclude={"ids"}) | {"ids": ids}
        (row,) = await self._rows(sql.FORGET, workspace_id, role, wanted)
        return row["count"] if isinstance(row["count"], int) else 0

    async def used(self, workspace_id: str, ids: Sequence[str], origin: RunOrigin, now: datetime) -> None:
        """See `MemoryUses.used`."""
        step = {"run_id": origin.run_id, "step": origin.step}
        use = {**origin.model_dump(), "at": now}
        parameters = {
            "workspace_id": workspace_id,
            "ids": list(ids),
            "same": orjson.dumps([step]).decode(),
            "use": orjson.dumps([use]).decode(),
        }
        await self._database.rows(sql.USED, parameters, workspace=workspace_id)

    async def _rows(
        self, statement: Statement, workspace_id: str, role: str, parameters: Mapping[str, object]
    ) -> Sequence[Mapping[str, object]]:
        asked = {"workspace_id": workspace_id, "role": role, "always": role in ALWAYS}
        return await self._database.rows(statement, asked | dict(parameters), workspace=workspace_id)


def _memory(row: Mapping[str, object]) -> AgentMemory:
    return AgentMemory.model_validate(dict(row))
