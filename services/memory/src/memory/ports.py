"""What the memory service needs from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flowloom_contracts.base import JsonObject
from flowloom_contracts.memories import AgentMemory, ForgetMemories, ListMemories
from flowloom_contracts.memory import (
    Collection,
    DocumentPassage,
    DocumentText,
    Generation,
    ListDocuments,
    MemoryDocument,
    PassagesQuery,
    PutCollection,
    RunOrigin,
    StoredText,
    TextQuery,
)
from flowloom_contracts.run_memory import KnownFailure
from memory.domain.chunks import Chunk
from memory.domain.documents import ClaimedDocument, NewDocument, Unembedded
from memory.domain.reading import ReadDocument
from memory.domain.run_memory import FailureKey, Outcome
from memory.domain.search import FoundPassage, Key, Question, Scope
from memory.domain.texts import Embedding, NewText


class MemoryStore(Protocol):
    """Keeps texts with the embeddings of their passages."""

    async def find(self, workspace_id: str, effect_key: str) -> StoredText | None:
        """Return what was stored under this key (`created` is false), or None."""

    async def add(self, text: NewText) -> StoredText:
        """Store a text with its passages, all or nothing; a known effect key gives what was first.

        Raises `CollectionIsReadOnlyError`.
        """


class PassageIndex(Protocol):
    """Finds passages; nothing outside the scope is looked at."""

    async def scope(self, workspace_id: str, collections: Sequence[str], role: str) -> Scope:
        """Return which of the collections the role may read; unknown ones are left out."""

    async def by_meaning(self, question: Question, embedding: Embedding) -> list[Key]:
        """Return the nearest passages; as long as the scope holds `depth` of them, that many come back."""

    async def by_words(self, question: Question, query: str) -> list[Key]:
        """Return the passages that have words of the query, those with the rarest words first."""

    async def details(
        self, scope: Scope, keys: Sequence[Key], embedding: Embedding | None
    ) -> list[FoundPassage]:
        """Return what an answer says of these passages, without order."""


class Embedder(Protocol):
    """Turns text into points: similar meaning, small angle."""

    @property
    def model(self) -> str:
        """The name of the model; vectors of two models cannot be compared."""

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the length of each text in the model's tokens; blocks, so call it in a thread."""

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Return one unit vector for each text; what exceeds 256 tokens is not read."""


class Reranker(Protocol):
    """Judges again, more carefully, what a search found."""

    async def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, higher is better; raises `RerankFailedError`."""


class DocumentReader(Protocol):
    """Gets text and structure out of a file."""

    async def read(self, name: str, media_type: str, content: bytes) -> ReadDocument:
        """Return what is in it; raises `DocumentRefusedError` with the reason."""


class Library(Protocol):
    """Collections and documents, and who may see them."""

    async def put_collection(self, request: PutCollection, now: datetime) -> Collection:
        """Make or change a collection; raises `CollectionIsReadOnlyError`."""

    async def collections(self, workspace_id: str, role: str) -> list[Collection]:
        """Return the collections that the role may read."""

    async def collection(self, workspace_id: str, role: str, name: str) -> Collection:
        """Return a collection; raises `CollectionNotFoundError`."""

    async def delete_collection(self, workspace_id: str, role: str, name: str) -> int:
        """Delete a collection with all documents; returns how many there were."""

    async def add(self, document: NewDocument, role: str) -> MemoryDocument:
        """Announce a document; a known effect key gives what was first."""

    async def document(self, workspace_id: str, role: str, document_id: str) -> MemoryDocument:
        """Return a document; raises `DocumentNotFoundError`."""

    async def documents(self, query: ListDocuments) -> list[MemoryDocument]:
        """Return a page of documents, the newest first; raises `CollectionNotFoundError`."""

    async def put_part(self, workspace_id: str, document_id: str, number: int, content: bytes) -> None:
        """Keep a part of a document's content; the same number again replaces it."""

    async def complete(self, workspace_id: str, document_id: str, now: datetime) -> None:
        """Make a document whose content is whole due for ingestion; harmless if it already is or was."""

    async def content(self, workspace_id: str, document_id: str) -> bytes:
        """Return the content as it was sent."""

    async def part(self, workspace_id: str, document_id: str, number: int) -> bytes | None:
        """Return a part of the content as it was sent, None behind the last."""

    async def text(self, query: TextQuery) -> DocumentText:
        """Return a piece of the text that was read from a document."""

    async def passages(self, query: PassagesQuery) -> list[DocumentPassage]:
        """Return a page of the passages of a document, in its order."""

    async def retry(self, workspace_id: str, document_id: str, now: datetime) -> bool:
        """Make a failed or dead document due again, as if for the first time; False if it is neither."""

    async def quarantine(self, workspace_id: str, document_id: str, *, on: bool, now: datetime) -> None:
        """Hide a document from every search, or release it."""

    async def forget(
        self, workspace_id: str, collection: str, *, document_ids: Sequence[str], metadata: JsonObject
    ) -> int:
        """Delete documents by id or by what their metadata contain, with all that came from them."""

    async def ensure_may_write(self, workspace_id: str, role: str, collection: str) -> None:
        """Raise `CollectionNotFoundError` or `CollectionIsReadOnlyError`."""


class MemoryUses(Protocol):
    """Keeps which steps of runs have found what others had kept."""

    async def used(self, workspace_id: str, ids: Sequence[str], origin: RunOrigin, now: datetime) -> None:
        """Write down that a step has found these, of which memories are meant; once for each step."""


class Memories(MemoryUses, Protocol):
    """What steps of runs have kept, as people see it; a role sees what its collections show it."""

    async def one(self, workspace_id: str, role: str, memory_id: str) -> AgentMemory | None:
        """Return a memory with all of its text, None if there is none that the role may read."""

    async def page(self, query: ListMemories) -> list[AgentMemory]:
        """Return a page of those that the conditions leave, the newest first."""

    async def candidates(self, query: ListMemories, most: int) -> list[tuple[str, str]]:
        """Return ids and collections of the newest that the conditions leave."""

    async def these(self, workspace_id: str, role: str, ids: Sequence[str]) -> list[AgentMemory]:
        """Return these, without order."""

    async def correct(self, text: NewText, *, by: str, known_at: datetime | None) -> bool:
        """Put a text in the place of the one with its id; False unless that is of `known_at`, if given."""

    async def forget(self, workspace_id: str, role: str, which: ForgetMemories) -> int:
        """Delete those for which all holds, of collections that the role may change; returns how many."""


class IngestQueue(Protocol):
    """Documents on their way into the index; what a process does without its lease is refused."""

    async def claim(self, now: datetime) -> ClaimedDocument | None:
        """Take the document that has been due longest, or one whose process went away."""

    async def keep_outline(
        self, document: ClaimedDocument, read: ReadDocument, chunks: Sequence[Chunk], now: datetime
    ) -> None:
        """Store text and passages in place of any from an earlier attempt."""

    async def unembedded(self, document: ClaimedDocument, generation: int, limit: int) -> list[Unembedded]:
        """Return passages of the document without a vector in this generation."""

    async def keep_vectors(
        self,
        document: ClaimedDocument,
        generation: int,
        vectors: Sequence[tuple[Key, Embedding]],
        now: datetime,
    ) -> bool:
        """Store vectors and count them as progress; False if the generation is gone."""

    async def finish(self, document: ClaimedDocument, now: datetime) -> bool:
        """Make it searchable; False if the active generation has changed and vectors are missing again."""

    async def refuse(self, document: ClaimedDocument, code: str, message: str, now: datetime) -> None:
        """End it as failed: the file itself is the reason."""

    async def try_later(self, document: ClaimedDocument, message: str, now: datetime) -> bool:
        """Make it due again after a pause; False if that was the last attempt and it is dead."""


class GenerationStore(Protocol):
    """Sets of vectors, each by one model; one answers."""

    async def all(self) -> list[Generation]:
        """Return the active generation, and the one being built if there is one."""

    async def start(self, model: str, dimensions: int) -> Generation:
        """Begin an empty generation; a second one at the same time is a `ConflictError`."""

    async def unembedded(self, generation: int, limit: int) -> list[Unembedded]:
        """Return passages of ready documents that have no vector in it yet."""

    async def keep_vectors(self, generation: int, vectors: Sequence[tuple[Key, Embedding]]) -> None:
        """Store vectors; passages that were forgotten meanwhile are left out."""

    async def index(self, generation: int) -> None:
        """Build its index, while others read and write."""

    async def activate(self, generation: int) -> bool:
        """Let it answer from now on and drop the one before; False while vectors are missing."""

    async def abandon(self, generation: int) -> None:
        """Drop a generation that is being built."""


@dataclass(frozen=True, slots=True)
class ClaimedFailure:
    """A failure of which something new is to be told; whoever claims it later has another `due_at`."""

    key: FailureKey
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a failure, and what its workflow was called the last time."""

    workflow_name: str
    failure: KnownFailure


class RunMemory(Protocol):
    """How runs have ended, and what follows from it."""

    async def keep(self, outcome: Outcome, now: datetime) -> bool:
        """Remember how an attempt of a run has ended; False if that is known."""

    async def claim(self, now: datetime) -> ClaimedFailure | None:
        """Take the failure of which something has been new for longest."""

    async def known(self, workspace_id: str, workflow_id: str, signature: str | None) -> list[Known]:
        """Return the failures of a workflow, the newest first, or the one with a signature."""

    async def signature_of(self, workspace_id: str, workflow_id: str, run_id: str) -> str | None:
        """Return with what a run has failed the last time, None if it is not known."""

    async def tell(self, claimed: ClaimedFailure, name: str, text: NewText, *, awaits_success: bool) -> None:
        """Put a text in the place of what was told before; what has become due meanwhile stays so."""

    async def drop(self, claimed: ClaimedFailure) -> None:
        """Tell nothing any more: no run that failed so is remembered."""

    async def forget(self, before: datetime, now: datetime) -> None:
        """Forget runs that ended before a time."""
