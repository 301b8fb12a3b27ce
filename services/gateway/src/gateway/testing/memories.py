"""What runs have kept, played in memory: every role may read it, and none change what is in `sealed`."""

from flowloom_contracts.memories import (
    AgentMemories,
    AgentMemory,
    CorrectMemory,
    ForgetMemoriesOf,
    ForgottenMemories,
    ListMemories,
    OfMemory,
)
from flowloom_contracts.memory import RunOrigin
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.ids import new_id
from gateway.knowledge_ports import CollectionIsReadOnlyError
from gateway.testing.runs import refused

SEALED = "sealed"


class InMemoryMemories:
    """The memories of `Knowledge`; a memory with a word of the query is found."""

    def __init__(self, clock: Clock) -> None:
        self._now = clock.now
        self._memories: dict[tuple[str, str], AgentMemory] = {}

    def keep(
        self, workspace_id: str, text: str, origin: RunOrigin, *, collection: str = "notes"
    ) -> AgentMemory:
        """Keep a text as a step of a run does."""
        now = self._now()
        made = AgentMemory(
            id=new_id(), collection=collection, text=text, origin=origin, created_at=now, updated_at=now
        )
        self._memories[workspace_id, made.id] = made
        return made

    async def memories(self, query: ListMemories) -> AgentMemories:
        """See `Knowledge.memories`."""
        such = [
            memory
            for (workspace_id, _), memory in self._memories.items()
            if workspace_id == query.workspace_id and _is_such(memory, query)
        ]
        newest = sorted(such, key=lambda memory: memory.id, reverse=True)
        if query.query is not None:
            words = set(query.query.lower().split())
            found = [one for one in newest if words & set(one.text.lower().split())]
            return AgentMemories(items=[one.model_copy(update={"score": 1.0}) for one in found])
        after = [memory for memory in newest if query.before is None or memory.id < query.before]
        return AgentMemories(items=after[: query.limit])

    async def memory(self, request: OfMemory) -> AgentMemory:
        """See `Knowledge.memory`."""
        found = self._memories.get((request.workspace_id, request.memory_id))
        if found is None:
            raise refused("memory-not-found", 404, "no such memory")
        return found

    async def correct_memory(self, request: CorrectMemory) -> AgentMemory:
        """See `Knowledge.correct_memory`."""
        known = await self.memory(request)
        if known.collection == SEALED:
            raise CollectionIsReadOnlyError("read-only")
        if request.known_at not in (None, known.updated_at):
            raise refused("stale-memory", 412)
        now = self._now()
        changes = {"text": request.text, "corrected_by": request.by, "corrected_at": now, "updated_at": now}
        changed = known.model_copy(update=changes)
        self._memories[request.workspace_id, known.id] = changed
        return changed

    async def forget_memories(self, request: ForgetMemoriesOf) -> ForgottenMemories:
        """See `Knowledge.forget_memories`."""
        which = request.which
        gone = [
            key
            for key, memory in self._memories.items()
            if key[0] == request.workspace_id
            and memory.collection != SEALED
            and (not which.ids or memory.id in which.ids)
            and _is_such(memory, ListMemories(workspace_id=key[0], **which.model_dump(exclude={"ids"})))
        ]
        for key in gone:
            del self._memories[key]
        return ForgottenMemories(memories=len(gone))


def _is_such(memory: AgentMemory, query: ListMemories) -> bool:
    origin = memory.origin
    return (
        query.collection in (None, memory.collection)
        and query.agent in (None, origin.agent)
        and query.workflow_id in (None, origin.workflow_id)
        and query.run_id in (None, origin.run_id)
    )
