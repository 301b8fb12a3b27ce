"""The memory service, through the sidecar."""

from typing import Final, Protocol, TypeVar

from flowloom_contracts.base import Request, Response
from flowloom_contracts.memories import (
    AgentMemories,
    AgentMemory,
    CorrectMemory,
    ForgetMemoriesOf,
    ForgottenMemories,
    ListMemories,
    OfMemory,
)
from flowloom_contracts.memory import (
    AddDocument,
    Asked,
    Collection,
    Collections,
    DocumentPassages,
    DocumentText,
    ForgetDocuments,
    Forgotten,
    ListDocuments,
    MemoryDocument,
    MemoryDocuments,
    OfCollection,
    OfDocument,
    OfPart,
    PassageHits,
    PassagesQuery,
    PutCollection,
    QuarantineDocument,
    SearchPassages,
    TextQuery,
)
from flowloom_contracts.run_memory import FailuresQuery, KnownFailures
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import ContentCarrier, Invoker
from flowloom_servicekit.errors import RemoteProblemError, problem_type
from gateway.knowledge_ports import CollectionIsReadOnlyError

TIMEOUT_SECONDS: Final = 10.0
LONG_SECONDS: Final = 30.0
"""For a part of a file, and for what deletes much."""

R = TypeVar("R", bound=Response)


class Carrier(Invoker, ContentCarrier, Protocol):
    """Asks another service, and brings it bytes."""


class MemoryService:
    """Knowledge over service invocation."""

    def __init__(self, invoker: Carrier) -> None:
        self._invoker = invoker

    async def put_collection(self, request: PutCollection) -> Collection:
        """See `Knowledge.put_collection`."""
        return await self._ask("collections/put", request, Collection)

    async def collection(self, request: OfCollection) -> Collection:
        """See `Knowledge.collection`."""
        return await self._ask("collections/get", request, Collection)

    async def collections(self, request: Asked) -> Collections:
        """See `Knowledge.collections`."""
        return await self._ask("collections/list", request, Collections)

    async def delete_collection(self, request: OfCollection) -> Forgotten:
        """See `Knowledge.delete_collection`."""
        return await self._ask("collections/delete", request, Forgotten, timeout_s=LONG_SECONDS)

    async def announce(self, request: AddDocument) -> MemoryDocument:
        """See `Knowledge.announce`."""
        return await self._ask("documents/add", request, MemoryDocument)

    async def send_part(self, part: OfPart, content: bytes) -> None:
        """See `Knowledge.send_part`."""
        try:
            await self._invoker.put(
                AppId.MEMORY, "memory/documents/part", part, content, timeout_s=LONG_SECONDS
            )
        except RemoteProblemError as refused:
            raise _refusal(refused) from refused

    async def part(self, part: OfPart) -> bytes | None:
        """See `Knowledge.part`."""
        return await self._invoker.fetch(AppId.MEMORY, "memory/documents/part", part, timeout_s=LONG_SECONDS)

    async def complete(self, request: OfDocument) -> MemoryDocument:
        """See `Knowledge.complete`."""
        return await self._ask("documents/complete", request, MemoryDocument)

    async def document(self, request: OfDocument) -> MemoryDocument:
        """See `Knowledge.document`."""
        return await self._ask("documents/get", request, MemoryDocument)

    async def documents(self, query: ListDocuments) -> MemoryDocuments:
        """See `Knowledge.documents`."""
        return await self._ask("documents/list", query, MemoryDocuments)

    async def text(self, query: TextQuery) -> DocumentText:
        """See `Knowledge.text`."""
        return await self._ask("documents/text", query, DocumentText)

    async def passages(self, query: PassagesQuery) -> DocumentPassages:
        """See `Knowledge.passages`."""
        return await self._ask("documents/passages", query, DocumentPassages)

    async def retry(self, request: OfDocument) -> MemoryDocument:
        """See `Knowledge.retry`."""
        return await self._ask("documents/retry", request, MemoryDocument)

    async def quarantine(self, request: QuarantineDocument) -> MemoryDocument:
        """See `Knowledge.quarantine`."""
        return await self._ask("documents/quarantine", request, MemoryDocument)

    async def forget(self, request: ForgetDocuments) -> Forgotten:
        """See `Knowledge.forget`."""
        return await self._ask("forget", request, Forgotten, timeout_s=LONG_SECONDS)

    async def search(self, request: SearchPassages) -> PassageHits:
        """See `Knowledge.search`."""
        return await self._ask("passages/search", request, PassageHits)

    async def memories(self, query: ListMemories) -> AgentMemories:
        """See `Knowledge.memories`."""
        return await self._ask("memories/list", query, AgentMemories)

    async def memory(self, request: OfMemory) -> AgentMemory:
        """See `Knowledge.memory`."""
        return await self._ask("memories/get", request, AgentMemory)

    async def correct_memory(self, request: CorrectMemory) -> AgentMemory:
        """See `Knowledge.correct_memory`."""
        return await self._ask("memories/correct", request, AgentMemory, timeout_s=LONG_SECONDS)

    async def forget_memories(self, request: ForgetMemoriesOf) -> ForgottenMemories:
        """See `Knowledge.forget_memories`."""
        return await self._ask("memories/forget", request, ForgottenMemories, timeout_s=LONG_SECONDS)

    async def failures(self, query: FailuresQuery) -> KnownFailures:
        """See `Knowledge.failures`."""
        return await self._ask("runs/failures", query, KnownFailures)

    async def _ask(
        self, method: str, request: Request, answer: type[R], *, timeout_s: float = TIMEOUT_SECONDS
    ) -> R:
        try:
            return await self._invoker.call(
                AppId.MEMORY, f"memory/{method}", request, answer, timeout_s=timeout_s
            )
        except RemoteProblemError as refused:
            raise _refusal(refused) from refused


def _refusal(refused: RemoteProblemError) -> Exception:
    if refused.remote.type == problem_type(CollectionIsReadOnlyError):
        return CollectionIsReadOnlyError(refused.remote.detail)
    return refused
