"""What the memory service is asked and answers."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Event, Flag, JsonObject, Moment, Request, Response
from flowloom_contracts.run_memory import WorkflowSight

COLLECTION_PATTERN = r"^[a-z][a-z0-9_-]{0,62}$"
EMBEDDING_DIMENSIONS = 384
ROLE_PATTERN = r"^[a-z][a-z0-9_-]{0,62}$"
AGENT_ROLE = "agent"
"""The role of a search or a text that comes without a person's: what an access list calls the agents."""

MAX_PART_BYTES = 8 * 1024 * 1024
MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
MAX_INLINE_CHARS = 500_000
MAX_COLLECTIONS = 20
MAX_COMPARED = 100

CollectionName: TypeAlias = Annotated[str, Field(pattern=COLLECTION_PATTERN)]
RoleName: TypeAlias = Annotated[str, Field(pattern=ROLE_PATTERN)]
DocumentStatus = Literal["receiving", "queued", "parsing", "embedding", "ready", "failed", "dead"]
PassageKind = Literal["text", "heading", "table", "code"]
Reranking = Literal["done", "unavailable"]
SearchMode = Literal["hybrid", "vector", "text"]


class RunOrigin(Request):
    """The step of a run that keeps or looks for something in memory."""

    run_id: str = Field(min_length=1, max_length=100)
    step: str = Field(min_length=1, max_length=1_000)
    workflow_id: str | None = Field(default=None, max_length=100)
    agent: str | None = Field(default=None, max_length=100, description="None: a step without an agent.")


class StoreText(Request):
    """`memory/store`: keep a text. The same `effect_key` stores it once."""

    workspace_id: str
    collection: str = Field(pattern=COLLECTION_PATTERN)
    text: str = Field(min_length=1, max_length=100_000)
    metadata: JsonObject = {}
    effect_key: str = Field(min_length=1, max_length=200)
    role: RoleName = AGENT_ROLE
    origin: RunOrigin | None = None


class StoredText(Response):
    """What was kept; `created` is false when the effect key was known."""

    id: str
    created: bool
    chunks: int


class SearchMemory(Request):
    """`memory/search`: the stored texts nearest in meaning."""

    workspace_id: str
    collections: list[str] = Field(min_length=1, max_length=20)
    query: str = Field(min_length=1, max_length=20_000)
    top: int = Field(default=5, ge=1, le=50)
    role: RoleName = AGENT_ROLE
    sight: WorkflowSight = WorkflowSight()
    origin: RunOrigin | None = None


class MemoryHit(Response):
    """One stored text; `score` is the cosine similarity, 1 is the same meaning."""

    id: str
    collection: str
    text: str
    score: float
    metadata: JsonObject
    created_at: datetime


class MemoryHits(Response):
    """Hits, best first."""

    items: list[MemoryHit]


class Asked(Request):
    """Who asks: the workspace, and the role of the person or `agent`."""

    workspace_id: str = Field(min_length=1, max_length=100)
    role: RoleName = AGENT_ROLE


class PutCollection(Asked):
    """`memory/collections/put`: make or change a collection; an empty list lets every role in."""

    name: CollectionName
    description: str = Field(default="", max_length=2_000)
    readers: list[RoleName] = Field(default=[], max_length=20)
    writers: list[RoleName] = Field(default=[], max_length=20)
    rerank: Flag | None = None


class OfCollection(Asked):
    """One collection."""

    name: CollectionName


class Collection(Response):
    """A collection, its access lists and how much is in it."""

    name: str
    description: str
    readers: list[str]
    writers: list[str]
    rerank: bool = Field(
        default=False, description="Whether the operator's re-ranking model judges again what is found here."
    )
    documents: int
    passages: int
    created_at: datetime


class Collections(Response):
    """The collections that the role may read, by name."""

    items: list[Collection]


class AddDocument(Asked):
    """`memory/documents/add`: announce a document; its content follows in parts, then `complete`."""

    collection: CollectionName
    name: str = Field(min_length=1, max_length=300)
    media_type: str = Field(default="", max_length=200)
    metadata: JsonObject = {}
    source: JsonObject = Field(default={}, description="Where it came from: a person, a run, an address.")
    effect_key: str = Field(min_length=1, max_length=200)
    quarantined: bool = Field(default=False, description="Kept, but found by no search until released.")


class OfDocument(Asked):
    """One document."""

    document_id: str


class OfPart(OfDocument):
    """Query of `PUT` and `GET memory/documents/part`, whose body is the part: at most `MAX_PART_BYTES`."""

    number: int = Field(ge=1, le=100)


class QuarantineDocument(OfDocument):
    """`memory/documents/quarantine`: hide a document from searches, or release it."""

    quarantined: bool


class ListDocuments(Asked):
    """`memory/documents/list`: the newest first; `before` is the `id` of the last one seen."""

    collection: CollectionName | None = Field(default=None, description="Default: all that the role reads.")
    status: DocumentStatus | None = None
    before: str | None = None
    limit: int = Field(default=50, ge=1, le=200)


class IngestProblem(Response):
    """Why a document could not be taken: `code` for programs, `message` for the person who sent it."""

    code: str
    message: str


class MemoryDocument(Response):
    """A document and how far it is; searchable once `ready`."""

    id: str
    collection: str
    name: str
    media_type: str
    size_bytes: int
    status: DocumentStatus
    problem: IngestProblem | None
    passages: int
    embedded: int
    attempts: int
    pages: int | None
    metadata: JsonObject
    source: JsonObject
    quarantined: bool
    created_at: datetime
    updated_at: datetime


class MemoryDocuments(Response):
    """A page of documents."""

    items: list[MemoryDocument]


class TextQuery(OfDocument):
    """`memory/documents/text`: a piece of the text that was read, from a character on."""

    offset: int = Field(default=0, ge=0, le=2**31 - 1)
    limit: int = Field(default=100_000, ge=1, le=1_000_000)


class DocumentText(Response):
    """A piece of a document's text; `next_offset` is absent at the end."""

    text: str
    offset: int
    next_offset: int | None = None


class PassagesQuery(OfDocument):
    """`memory/documents/passages`: how a document was cut, in its order."""

    after: int = Field(default=0, ge=0, le=2**31 - 1, description="Position of the last one seen.")
    limit: int = Field(default=50, ge=1, le=200)


class DocumentPassage(Response):
    """A passage as it is searched; `start` and `end` count characters of the document's text."""

    position: int
    kind: PassageKind
    text: str
    headings: list[str]
    page_from: int | None
    page_to: int | None
    start: int
    end: int


class DocumentPassages(Response):
    """A page of passages."""

    items: list[DocumentPassage]
    next_cursor: str | None = None


class ForgetDocuments(Asked):
    """`memory/forget`: delete for good, vectors included; by id or by what all their metadata contain."""

    collection: CollectionName
    document_ids: list[str] = Field(default=[], max_length=200)
    metadata: JsonObject = {}


class Forgotten(Response):
    """How many documents are gone, with all their passages and vectors."""

    documents: int


class MemoryFilter(Request):
    """What a document must be to be searched at all; every given condition must hold."""

    metadata: JsonObject = Field(default={}, description="The document's metadata contain this.")
    document_ids: list[str] = Field(default=[], max_length=200)
    media_types: list[str] = Field(default=[], max_length=20)
    created_after: Moment | None = None
    created_before: Moment | None = None


class SearchPassages(Asked):
    """`memory/passages/search`: the passages that answer best, with what is needed to cite them."""

    collections: list[str] = Field(
        default=[], max_length=MAX_COLLECTIONS, description="Empty: the first that the role may read."
    )
    query: str = Field(min_length=1, max_length=20_000)
    top: int = Field(default=8, ge=1, le=50)
    mode: SearchMode = "hybrid"
    filter: MemoryFilter = MemoryFilter()
    per_document: int = Field(default=3, ge=1, le=50)
    fresh_days: float | None = Field(
        default=None, gt=0, description="Age at which a document counts three quarters of a new one."
    )
    sight: WorkflowSight = WorkflowSight()
    origin: RunOrigin | None = None


class Citation(Response):
    """Where a passage stands: `start` and `end` count characters of the document's text."""

    document_id: str
    name: str
    headings: list[str]
    page_from: int | None
    page_to: int | None
    start: int
    end: int


class PassageHit(Response):
    """A passage; ranks count from 1 and are absent where that search did not find it."""

    text: str
    kind: PassageKind
    collection: str
    score: float
    similarity: float | None
    vector_rank: int | None
    text_rank: int | None
    rerank_score: float | None = Field(
        default=None, description="What the re-ranking model says of it; its scale is the model's own."
    )
    citation: Citation
    metadata: JsonObject
    created_at: datetime


class PassageHits(Response):
    """Hits, best first."""

    items: list[PassageHit]
    reranking: Reranking | None = Field(
        default=None,
        description="`done`; `unavailable`: the order is the search's own; None: no collection asks for it.",
    )


ComparedText: TypeAlias = Annotated[str, Field(min_length=1, max_length=4_000)]


class CompareTexts(Asked):
    """`memory/compare`: which of the others is nearest in meaning to each text; nothing is kept."""

    texts: list[ComparedText] = Field(min_length=1, max_length=MAX_COMPARED)
    others: list[ComparedText] = Field(min_length=1, max_length=MAX_COMPARED)


class NearestText(Response):
    """The place in `others` of the nearest one, and the cosine similarity of both."""

    other: int
    similarity: float


class Comparison(Response):
    """One for each text, in their order."""

    items: list[NearestText]


class IngestRequested(Event):
    """Event of topic `memory-ingest`: the id of a completed upload, or a text with its description."""

    workspace_id: str
    role: str = AGENT_ROLE
    document_id: str | None = None
    collection: str | None = None
    name: str | None = None
    media_type: str = ""
    text: str | None = Field(default=None, max_length=MAX_INLINE_CHARS)
    metadata: JsonObject = {}
    source: JsonObject = {}
    effect_key: str | None = None


class ListGenerations(Request):
    """`memory/generations/list`: asks for nothing in particular."""


class ReEmbed(Request):
    """`memory/generations/start`: embed everything again with another model, while the old one answers."""

    model: str = Field(min_length=1, max_length=100)


class Generation(Response):
    """One set of vectors: all passages by one model."""

    id: int
    model: str
    dimensions: int
    status: Literal["building", "active"]
    embedded: int
    passages: int


class Generations(Response):
    """The generation that answers, and the one being built if there is one."""

    items: list[Generation]
