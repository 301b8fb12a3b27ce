"""Ingestion: a document is read, cut, embedded in batches and made searchable; what fails comes again."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from flowloom_contracts.memory import AddDocument, IngestRequested, OfDocument
from flowloom_contracts.topics import Topic, dead_letter
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.publish import EventBus
from flowloom_servicekit.errors import InvalidRequestError, UpstreamError
from memory.domain.chunks import cut
from memory.domain.documents import ClaimedDocument, LeaseLostError
from memory.domain.outline import DocumentRefusedError
from memory.ports import DocumentReader, Embedder, GenerationStore, IngestQueue, Library
from memory.usecases.documents import add_document, complete_document

log = structlog.get_logger(__name__)

# A batch is in memory at once and is progress when it is stored; an embedder lets searches in between.
# To store 16 cost as much in round trips as in the index.
BATCH: Final = 64
POLL_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Ingestion:
    """What ingestion needs from outside."""

    library: Library
    queue: IngestQueue
    reader: DocumentReader
    generations: GenerationStore
    embedders: Mapping[str, Embedder]
    bus: EventBus
    clock: Clock


async def hear_ingest_request(event: IngestRequested, *, library: Library, clock: Clock) -> None:
    """Enqueue a completed upload, or a text with its description; it may arrive more than once."""
    document_id = event.document_id
    if document_id is None:
        document_id = await _announced(event, library=library, clock=clock)
    request = OfDocument(workspace_id=event.workspace_id, role=event.role, document_id=document_id)
    await complete_document(request, library=library, clock=clock)


async def _announced(event: IngestRequested, *, library: Library, clock: Clock) -> str:
    if event.collection is None or event.name is None or event.effect_key is None or event.text is None:
        raise InvalidRequestError("an event without document_id needs collection, name, effect_key and text")
    request = AddDocument(
        workspace_id=event.workspace_id,
        role=event.role,
        collection=event.collection,
        name=event.name,
        media_type=event.media_type,
        metadata=event.metadata,
        source=event.source,
        effect_key=event.effect_key,
    )
    document = await add_document(request, library=library, clock=clock)
    if document.status == "receiving":
        await library.put_part(event.workspace_id, document.id, 1, event.text.encode())
    return document.id


async def ingest_next(parts: Ingestion) -> bool:
    """Work on one document; False if none is due. A failure is told in the document, not raised."""
    document = await parts.queue.claim(parts.clock.now())
    if document is None:
        return False
    # Gathered, so that whatever goes wrong ends this attempt only and is told.
    (error,) = await asyncio.gather(_ingested(document, parts), return_exceptions=True)
    if error is None or isinstance(error, LeaseLostError):
        return True
    if isinstance(error, DocumentRefusedError):
        await parts.queue.refuse(document, error.reason, error.detail, parts.clock.now())
        return True
    expected = isinstance(error, UpstreamError)
    log.warning(
        "a document will be tried again", document=document.id, error=repr(error), exc_info=not expected
    )
    message = str(error) if isinstance(error, UpstreamError) else "an unexpected failure of the platform"
    if not await parts.queue.try_later(document, message, parts.clock.now()):
        await _bury(document, parts)
    return True


async def _ingested(document: ClaimedDocument, parts: Ingestion) -> None:
    if document.status != "embedding":
        await _outlined(document, parts)
    while True:
        generation = next(one for one in await parts.generations.all() if one.status == "active")
        embedder = parts.embedders.get(generation.model)
        if embedder is None:
            raise UpstreamError(f"no embedding model {generation.model!r} is loaded")
        while batch := await parts.queue.unembedded(document, generation.id, BATCH):
            embeddings = await embedder.embed([passage.text for passage in batch])
            keys = [(passage.document_id, passage.position) for passage in batch]
            vectors = list(zip(keys, embeddings, strict=True))
            if not await parts.queue.keep_vectors(document, generation.id, vectors, parts.clock.now()):
                break
        if await parts.queue.finish(document, parts.clock.now()):
            return


async def _outlined(document: ClaimedDocument, parts: Ingestion) -> None:
    content = await parts.library.content(document.workspace_id, document.id)
    read = await parts.reader.read(document.name, document.media_type, content)
    count = next(iter(parts.embedders.values())).count_tokens
    chunks = await asyncio.to_thread(partial(cut, read.outline, count=count))
    await parts.queue.keep_outline(document, read, chunks, parts.clock.now())


async def _bury(document: ClaimedDocument, parts: Ingestion) -> None:
    """Tell the dead-letter topic; the document itself says it as well, so a lost message loses nothing."""
    event = IngestRequested(workspace_id=document.workspace_id, document_id=document.id)
    try:
        await parts.bus.publish(
            dead_letter(Topic.MEMORY_INGEST), event, event_id=document.id, type="memory.document-died.v1"
        )
    except UpstreamError as error:
        log.warning("a dead letter could not be sent", document=document.id, error=repr(error))


class IngestWorker:
    """Works on documents one after the other, woken by requests and by the clock."""

    def __init__(self, parts: Ingestion) -> None:
        self._parts = parts
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._work(), name="ingest")

    async def stop(self) -> None:
        """End at once; the document in work is due again when its lease ends."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            self._woken.clear()
            (worked,) = await asyncio.gather(ingest_next(self._parts), return_exceptions=True)
            if isinstance(worked, BaseException):
                log.warning("ingestion has to wait", error=repr(worked))
            if worked is not True:
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._woken.wait()
        except TimeoutError:
            return
