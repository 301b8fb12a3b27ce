"""What runs have kept in memory, as people of the workspace list, correct and forget it."""

from flowloom_contracts.audit import AuditAction, AuditTarget
from flowloom_contracts.base import JsonValue
from flowloom_contracts.memories import (
    AgentMemories,
    AgentMemory,
    CorrectedMemory,
    CorrectMemory,
    ForgetMemories,
    ForgetMemoriesOf,
    ForgottenMemories,
    ListMemories,
    MemoriesQuery,
    OfMemory,
)
from flowloom_servicekit.errors import InvalidRequestError, NotFoundError, PreconditionFailedError
from flowloom_servicekit.ids import is_id
from gateway.domain.etags import matches, tag_of
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal
from gateway.knowledge_ports import CollectionIsReadOnlyError, Knowledge
from gateway.usecases.deeds import Deeds
from gateway.usecases.knowledge import asked, of_collection


class MemoryNotFoundError(NotFoundError):
    """The memory does not exist, or this role may not know of it."""

    title = "No such memory"


class StaleMemoryError(PreconditionFailedError):
    """Somebody changed the memory since it was read."""

    title = "The memory has changed meanwhile"


def etag_of(memory: AgentMemory) -> str:
    """Return the tag of what a memory says; that another step has found it does not change it."""
    return tag_of(memory.id, memory.updated_at.isoformat())


async def list_memories(
    wanted: MemoriesQuery, principal: Principal, *, knowledge: Knowledge
) -> AgentMemories:
    """Return a page, the newest first, or with a query the best."""
    fields = wanted.model_dump(exclude={"cursor", "query"})
    request = ListMemories(
        **asked(principal).model_dump(),
        **fields,
        query=wanted.query or None,
        before=row_after(wanted.cursor),
    )
    found = (await knowledge.memories(request)).items
    goes_on = request.query is None and len(found) == request.limit
    return AgentMemories(items=found, next_cursor=cursor_of(found[-1].id) if goes_on else None)


async def read_memory(memory_id: str, principal: Principal, *, knowledge: Knowledge) -> AgentMemory:
    """Return a memory with all of its text."""
    return await knowledge.memory(_one(memory_id, principal))


async def correct_memory(
    memory_id: str,
    body: CorrectedMemory,
    principal: Principal,
    *,
    if_match: str | None,
    knowledge: Knowledge,
    deeds: Deeds,
) -> AgentMemory:
    """Put another text in the place of what was kept; with `If-Match` only in the state that was read."""
    one = _one(memory_id, principal)
    known = await knowledge.memory(one)
    if if_match is not None and not matches(if_match, etag_of(known)):
        raise StaleMemoryError("Read it again and repeat the change.")
    request = CorrectMemory(
        **one.model_dump(),
        text=body.text,
        by=principal.email or principal.credential_id,
        known_at=None if if_match is None else known.updated_at,
    )
    async with deeds.doing(principal, AuditAction.MEMORY_CORRECTED, _target(known), **_origin(known)):
        return await knowledge.correct_memory(request)


async def forget_memory(memory_id: str, principal: Principal, *, knowledge: Knowledge, deeds: Deeds) -> None:
    """Delete a memory for good."""
    known = await knowledge.memory(_one(memory_id, principal))
    request = ForgetMemoriesOf(**asked(principal).model_dump(), which=ForgetMemories(ids=[memory_id]))
    async with deeds.doing(principal, AuditAction.MEMORIES_FORGOTTEN, _target(known), **_origin(known)):
        if (await knowledge.forget_memories(request)).memories == 0:
            # It was read a moment ago: either somebody was faster, or the role may only read it.
            await knowledge.memory(_one(memory_id, principal))
            raise CollectionIsReadOnlyError(f"your role may not change collection {known.collection!r}")


async def forget_memories(
    body: ForgetMemories, principal: Principal, *, knowledge: Knowledge, deeds: Deeds
) -> ForgottenMemories:
    """Delete memories for good, of collections that the role may change."""
    which = body.model_dump(exclude_defaults=True)
    if not which:
        raise InvalidRequestError("Say which: `ids`, `collection`, `agent`, `workflow_id` or `run_id`.")
    if body.collection is not None:
        await knowledge.collection(of_collection(body.collection, principal))
    target = AuditTarget(
        kind="memory", id=body.run_id or body.workflow_id or body.agent or body.collection or ""
    )
    request = ForgetMemoriesOf(**asked(principal).model_dump(), which=body)
    async with deeds.doing(principal, AuditAction.MEMORIES_FORGOTTEN, target, **which) as doing:
        gone = await knowledge.forget_memories(request)
        doing.tell(memories=gone.memories)
    return gone


def _one(memory_id: str, principal: Principal) -> OfMemory:
    if not is_id(memory_id):
        raise MemoryNotFoundError(f"no memory {memory_id[:80]!r}")
    return OfMemory(**asked(principal).model_dump(), memory_id=memory_id)


def _target(memory: AgentMemory) -> AuditTarget:
    # Without its text: that may be what had to be forgotten.
    return AuditTarget(kind="memory", id=memory.id, name=memory.collection)


def _origin(memory: AgentMemory) -> dict[str, JsonValue]:
    return {"collection": memory.collection, **memory.origin.model_dump(exclude_none=True)}
