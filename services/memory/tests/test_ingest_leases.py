"""Vectors are kept only by who holds the document's lease, and only in a generation that is there."""

import pytest

from flowloom_contracts.memory import AddDocument, OfDocument, OfPart
from flowloom_servicekit.database import Database
from flowloom_servicekit.testing.clock import FakeClock
from memory.adapters.postgres_ingest_queue import PostgresIngestQueue
from memory.adapters.postgres_library import PostgresLibrary
from memory.domain.chunks import Chunk
from memory.domain.documents import LEASE, ClaimedDocument, LeaseLostError
from memory.domain.outline import Outline
from memory.domain.reading import ReadDocument
from memory.domain.search import Key
from memory.domain.texts import Embedding
from memory.testing.word_embedder import WordEmbedder
from memory.usecases import documents

BODY = "The turbine needs bearings."


async def outlined(database: Database, clock: FakeClock) -> ClaimedDocument:
    library, queue = PostgresLibrary(database), PostgresIngestQueue(database)
    request = AddDocument(workspace_id="w1", collection="c", name="a.txt", effect_key="k")
    sent = await documents.add_document(request, library=library, clock=clock)
    one = OfDocument(workspace_id="w1", document_id=sent.id)
    await documents.put_part(OfPart(**one.model_dump(), number=1), BODY.encode(), library=library)
    await documents.complete_document(one, library=library, clock=clock)
    claimed = await queue.claim(clock.now())
    if claimed is None:
        raise RuntimeError("nothing is due")
    chunk = Chunk("text", 0, len(BODY))
    await queue.keep_outline(claimed, ReadDocument(Outline(BODY, ()), "text/plain"), [chunk], clock.now())
    return claimed


async def vectors_of(document: ClaimedDocument) -> list[tuple[Key, Embedding]]:
    (embedding,) = await WordEmbedder().embed([BODY])
    return [((document.id, 1), embedding)]


async def test_who_lost_the_lease_keeps_nothing(database: Database) -> None:
    clock, queue = FakeClock(), PostgresIngestQueue(database)
    first = await outlined(database, clock)
    vectors = await vectors_of(first)
    clock.advance(LEASE.total_seconds() + 1)
    second = await queue.claim(clock.now())
    assert second is not None
    with pytest.raises(LeaseLostError):
        await queue.keep_vectors(first, 1, vectors, clock.now())
    assert [one.position for one in await queue.unembedded(second, 1, 9)] == [1]
    assert await queue.keep_vectors(second, 1, vectors, clock.now())
    assert await queue.unembedded(second, 1, 9) == []
    assert await queue.finish(second, clock.now())


async def test_a_generation_that_is_gone_takes_no_vectors_and_is_no_progress(database: Database) -> None:
    clock, queue = FakeClock(), PostgresIngestQueue(database)
    claimed = await outlined(database, clock)
    assert not await queue.keep_vectors(claimed, 99, await vectors_of(claimed), clock.now())
    library = PostgresLibrary(database)
    assert (await library.document("w1", "editor", claimed.id)).embedded == 0
    assert [one.text for one in await queue.unembedded(claimed, 1, 9)] == [BODY]
