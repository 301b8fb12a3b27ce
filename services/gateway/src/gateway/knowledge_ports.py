"""What collections, documents and searches need from outside."""

from typing import Protocol

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
from flowloom_servicekit.errors import ForbiddenError


class CollectionIsReadOnlyError(ForbiddenError):
    """The role may read the collection but not change it."""

    title = "The collection is read-only for this role"


class Knowledge(Protocol):
    """The memory service; a request says whose workspace and role it is for.

    Everything raises the service's own refusals, `CollectionIsReadOnlyError` and `StorageUnavailableError`.
    """

    async def put_collection(self, request: PutCollection) -> Collection:
        """Make or change a collection."""

    async def collection(self, request: OfCollection) -> Collection:
        """Return a collection that the role may read."""

    async def collections(self, request: Asked) -> Collections:
        """Return the collections that the role may read."""

    async def delete_collection(self, request: OfCollection) -> Forgotten:
        """Delete a collection with all that is in it."""

    async def announce(self, request: AddDocument) -> MemoryDocument:
        """Announce a document; the same effect key announces it once."""

    async def send_part(self, part: OfPart, content: bytes) -> None:
        """Send a part of its content."""

    async def part(self, part: OfPart) -> bytes | None:
        """Return a part of its content as it was sent, None behind the last."""

    async def complete(self, request: OfDocument) -> MemoryDocument:
        """Hand it over to ingestion."""

    async def document(self, request: OfDocument) -> MemoryDocument:
        """Return a document and how far it is."""

    async def documents(self, query: ListDocuments) -> MemoryDocuments:
        """Return a page, the newest first."""

    async def text(self, query: TextQuery) -> DocumentText:
        """Return a piece of what was read."""

    async def passages(self, query: PassagesQuery) -> DocumentPassages:
        """Return how it was cut."""

    async def retry(self, request: OfDocument) -> MemoryDocument:
        """Ingest again what failed or died."""

    async def quarantine(self, request: QuarantineDocument) -> MemoryDocument:
        """Hide it from every search, or release it."""

    async def forget(self, request: ForgetDocuments) -> Forgotten:
        """Delete documents for good, with passages and vectors."""

    async def search(self, request: SearchPassages) -> PassageHits:
        """Return the passages that answer best, with their citations."""

    async def memories(self, query: ListMemories) -> AgentMemories:
        """Return what runs have kept, the newest first or what answers a query best."""

    async def memory(self, request: OfMemory) -> AgentMemory:
        """Return a memory with all of its text."""

    async def correct_memory(self, request: CorrectMemory) -> AgentMemory:
        """Put another text in its place."""

    async def forget_memories(self, request: ForgetMemoriesOf) -> ForgottenMemories:
        """Delete memories for good, with their vectors."""

    async def failures(self, query: FailuresQuery) -> KnownFailures:
        """Return how runs of a workflow fail, or what is known of the failure of one run."""
