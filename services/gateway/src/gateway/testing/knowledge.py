"""The memory service, played in memory: what was sent is ready at once and found by its words."""

from dataclasses import dataclass, field
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.memory import (
    MAX_DOCUMENT_BYTES,
    AddDocument,
    Asked,
    Citation,
    Collection,
    Collections,
    DocumentPassage,
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
    PassageHit,
    PassageHits,
    PassagesQuery,
    PutCollection,
    QuarantineDocument,
    SearchPassages,
    TextQuery,
)
from flowloom_contracts.run_memory import FailuresQuery, KnownFailure, KnownFailures
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import InvalidRequestError
from flowloom_servicekit.ids import new_id
from gateway.knowledge_ports import CollectionIsReadOnlyError
from gateway.testing.memories import InMemoryMemories
from gateway.testing.runs import refused

_ALWAYS: Final = ("owner", "admin")


@dataclass(slots=True)
class _Kept:
    document: MemoryDocument
    parts: dict[int, bytes] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return b"".join(self.parts[number] for number in sorted(self.parts)).decode(errors="replace")


class InMemoryKnowledge(InMemoryMemories):
    """See `Knowledge`; what the name of a file says decides whether it fails or dies."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._clock = clock
        self._collections: dict[tuple[str, str], Collection] = {}
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self.searches: list[SearchPassages] = []
        self.known: dict[tuple[str, str], list[KnownFailure]] = {}
        """By workspace and workflow; a test says what is known."""

    async def put_collection(self, request: PutCollection) -> Collection:
        """See `Knowledge.put_collection`."""
        key = (request.workspace_id, request.name)
        known = self._collections.get(key)
        if known is not None:
            self._may_write(request, request.name)
        made = Collection(
            **request.model_dump(exclude={"workspace_id", "role", "rerank"}),
            rerank=request.rerank if request.rerank is not None else known is not None and known.rerank,
            documents=0,
            passages=0,
            created_at=self._clock.now(),
        )
        self._collections[key] = made
        return made

    async def collection(self, request: OfCollection) -> Collection:
        """See `Knowledge.collection`."""
        return self._readable(request, request.name)

    async def collections(self, request: Asked) -> Collections:
        """See `Knowledge.collections`."""
        mine = [
            found
            for (workspace, _), found in sorted(self._collections.items())
            if workspace == request.workspace_id and _may(request.role, found.readers)
        ]
        return Collections(items=mine)

    async def delete_collection(self, request: OfCollection) -> Forgotten:
        """See `Knowledge.delete_collection`."""
        self._may_write(request, request.name)
        gone = [key for key, kept in self._kept.items() if self._is_in(kept, key, request, request.name)]
        for key in gone:
            del self._kept[key]
        del self._collections[request.workspace_id, request.name]
        return Forgotten(documents=len(gone))

    async def announce(self, request: AddDocument) -> MemoryDocument:
        """See `Knowledge.announce`."""
        if (request.workspace_id, request.collection) not in self._collections:
            fields = request.model_dump(include={"workspace_id", "role"})
            await self.put_collection(PutCollection(**fields, name=request.collection))
        self._may_write(request, request.collection)
        known = self._keys.get((request.workspace_id, request.effect_key))
        if known is not None:
            return self._kept[request.workspace_id, known].document
        now = self._clock.now()
        document = MemoryDocument(
            id=new_id(),
            **request.model_dump(exclude={"workspace_id", "role", "effect_key"}),
            size_bytes=0,
            status="receiving",
            problem=None,
            passages=0,
            embedded=0,
            attempts=0,
            pages=None,
            created_at=now,
            updated_at=now,
        )
        self._kept[request.workspace_id, document.id] = _Kept(document)
        self._keys[request.workspace_id, request.effect_key] = document.id
        return document

    async def send_part(self, part: OfPart, content: bytes) -> None:
        """See `Knowledge.send_part`."""
        kept = self._of(part)
        kept.parts[part.number] = content
        if sum(len(one) for one in kept.parts.values()) > MAX_DOCUMENT_BYTES:
            raise refused("document-too-large", 413)

    async def part(self, part: OfPart) -> bytes | None:
        """See `Knowledge.part`."""
        return self._of(part).parts.get(part.number)

    async def complete(self, request: OfDocument) -> MemoryDocument:
        """See `Knowledge.complete`."""
        kept = self._of(request)
        status = next((word for word in ("failed", "dead") if word in kept.document.name), "ready")
        size = sum(len(one) for one in kept.parts.values())
        return self._change(request, {"status": status, "size_bytes": size, "passages": 1, "embedded": 1})

    async def document(self, request: OfDocument) -> MemoryDocument:
        """See `Knowledge.document`."""
        return self._of(request).document

    async def documents(self, query: ListDocuments) -> MemoryDocuments:
        """See `Knowledge.documents`."""
        if query.collection is not None:
            self._readable(query, query.collection)
        readable = [one.name for one in (await self.collections(query)).items]
        found = [
            kept.document
            for (workspace, _), kept in self._kept.items()
            if workspace == query.workspace_id
            and kept.document.collection in ([query.collection] if query.collection else readable)
            and query.status in (None, kept.document.status)
            and (query.before is None or kept.document.id < query.before)
        ]
        newest = sorted(found, key=lambda one: one.id, reverse=True)
        return MemoryDocuments(items=newest[: query.limit])

    async def text(self, query: TextQuery) -> DocumentText:
        """See `Knowledge.text`."""
        text, end = self._of(query).text, query.offset + query.limit
        return DocumentText(
            text=text[query.offset : end],
            offset=query.offset,
            next_offset=end if end < len(text) else None,
        )

    async def passages(self, query: PassagesQuery) -> DocumentPassages:
        """See `Knowledge.passages`; a document is one passage."""
        text = self._of(query).text
        whole = DocumentPassage(
            position=1, kind="text", text=text, headings=[], page_from=1, page_to=1, start=0, end=len(text)
        )
        return DocumentPassages(items=[whole] if query.after < 1 else [])

    async def retry(self, request: OfDocument) -> MemoryDocument:
        """See `Knowledge.retry`."""
        if self._of(request).document.status not in ("failed", "dead"):
            raise refused("document-is-fine", 409)
        return self._change(request, {"status": "queued", "attempts": 0})

    async def quarantine(self, request: QuarantineDocument) -> MemoryDocument:
        """See `Knowledge.quarantine`."""
        return self._change(request, {"quarantined": request.quarantined})

    async def forget(self, request: ForgetDocuments) -> Forgotten:
        """See `Knowledge.forget`."""
        if not request.document_ids and not request.metadata:
            raise InvalidRequestError("say which documents to forget")
        self._may_write(request, request.collection)
        gone = [
            key
            for key, kept in self._kept.items()
            if self._is_in(kept, key, request, request.collection)
            and (key[1] in request.document_ids or _has(kept.document, request.metadata))
        ]
        for key in gone:
            del self._kept[key]
        return Forgotten(documents=len(gone))

    async def search(self, request: SearchPassages) -> PassageHits:
        """See `Knowledge.search`; a passage with a word of the question is found."""
        self.searches.append(request)
        words = {word for word in request.query.lower().split() if len(word) > 3}
        readable = {one.name for one in (await self.collections(request)).items}
        found = [
            _hit(kept)
            for (workspace, _), kept in self._kept.items()
            if workspace == request.workspace_id
            and kept.document.collection in readable & set(request.collections)
            and (not request.filter.document_ids or kept.document.id in request.filter.document_ids)
            and words & set(kept.text.lower().split())
        ]
        return PassageHits(items=found[: request.top])

    async def failures(self, query: FailuresQuery) -> KnownFailures:
        """See `Knowledge.failures`."""
        known = self.known.get((query.workspace_id, query.workflow_id), [])
        wanted = query.run_id
        return KnownFailures(items=[one for one in known if wanted in (None, one.last_run_id)])

    def _of(self, request: OfDocument) -> _Kept:
        kept = self._kept.get((request.workspace_id, request.document_id))
        if kept is None:
            raise refused("document-not-found", 404, "no such document")
        try:
            self._readable(request, kept.document.collection)
        except type(refused("", 404)) as unknown:
            raise refused("document-not-found", 404, "no such document") from unknown
        return kept

    def _change(self, request: OfDocument, values: JsonObject) -> MemoryDocument:
        kept = self._of(request)
        self._may_write(request, kept.document.collection)
        kept.document = kept.document.model_copy(update=values)
        return kept.document

    def _readable(self, request: Asked, name: str) -> Collection:
        found = self._collections.get((request.workspace_id, name))
        if found is None or not _may(request.role, found.readers):
            raise refused("collection-not-found", 404, f"no collection {name!r}")
        return found

    def _may_write(self, request: Asked, name: str) -> None:
        if not _may(request.role, self._readable(request, name).writers):
            raise CollectionIsReadOnlyError(f"role {request.role!r} may not change this collection")

    @staticmethod
    def _is_in(kept: _Kept, key: tuple[str, str], request: Asked, name: str) -> bool:
        return key[0] == request.workspace_id and kept.document.collection == name


def _may(role: str, listed: list[str]) -> bool:
    return not listed or role in _ALWAYS or role in listed


def _has(document: MemoryDocument, metadata: JsonObject) -> bool:
    return bool(metadata) and metadata.items() <= document.metadata.items()


def _hit(kept: _Kept) -> PassageHit:
    document = kept.document
    return PassageHit(
        text=kept.text,
        kind="text",
        collection=document.collection,
        score=1.0,
        similarity=0.5,
        vector_rank=1,
        text_rank=1,
        citation=Citation(
            document_id=document.id,
            name=document.name,
            headings=[],
            page_from=1,
            page_to=1,
            start=0,
            end=len(kept.text),
        ),
        metadata=document.metadata,
        created_at=document.created_at,
    )
