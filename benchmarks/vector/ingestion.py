"""B-VEC-3: rows that the ingestion makes of documents in a second, beside COPY of the same rows.

`python -m benchmarks.vector.ingestion --rows 500` measures with fewer rows and writes nothing.
"""

import argparse
import asyncio
import io
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg

from benchmarks.core.blocks import MIN_BLOCKS, interleaved_figures
from benchmarks.core.results import Result, Target
from benchmarks.core.statistics import ratio, summary
from benchmarks.vector.dataset import Space, fill, running_database
from benchmarks.vector.retrieval import FOLDER
from flowloom_contracts.memory import AddDocument, OfDocument, OfPart
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.database import Database
from flowloom_servicekit.testing.bus import InMemoryEventBus
from memory.adapters.parser_process import ProcessReader
from memory.adapters.parsers.plain import read_text
from memory.adapters.postgres_generations import PostgresGenerations
from memory.adapters.postgres_ingest_queue import PostgresIngestQueue
from memory.adapters.postgres_library import PostgresLibrary
from memory.domain.reading import ReadDocument
from memory.domain.texts import DEFAULT_MODEL, Embedding
from memory.ports import DocumentReader
from memory.usecases import documents
from memory.usecases.ingest import Ingestion, ingest_next

ID: Final = "B-VEC-3"
BLOCKS: Final = MIN_BLOCKS + 1
BEFORE: Final = 10_000
"""Rows that both tables have before."""

ROWS: Final = 1_000
"""About so many rows a block."""

DOCUMENTS: Final = 5
LIMIT: Final = 0.5
WORKSPACE: Final = "bench"
NOTES: Final = [
    "ingestion: the memory service's own, from the claim of a document to its being searchable: cut,",
    "embedded, stored with words, vectors, leases and progress. The embedder is there at once and counts",
    "words; texts are read in this process. with_reading: each in a process of its own, as in production.",
    "Five documents a block, words of our documentation in random order.",
    "copy: the same passages (their words made before) and vectors by COPY as the owner, one for each table.",
    "Each in a Postgres of its own that flushes each commit, with 10,000 rows before and all keys and",
    "indexes (HNSW, words); row-level security for the ingestion alone. Wall time.",
]
SENTENCES: Final = 11
WORDS: Final = 18
"""A passage has at most 200 words: eleven sentences of eighteen."""

PASSAGES: Final = (
    "document_id, position, workspace_id, collection, start_at, end_at, content, context, kind, headings,"
    " page_from, page_to, words"
)
VECTORS: Final = "document_id, position, workspace_id, collection, embedding"
TABLES: Final = {"passages": PASSAGES, "vectors_1": VECTORS}


class InstantEmbedder:
    """Gives every text a vector that was drawn before; a token is a word."""

    model, dimensions = DEFAULT_MODEL, 384

    def __init__(self, count: int) -> None:
        self._drawn: list[Embedding] = [tuple(row.tolist()) for row in Space(seed=11).draw(count)]
        self._next = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        begun, self._next = self._next, self._next + len(texts)
        return [self._drawn[number % len(self._drawn)] for number in range(begun, self._next)]


class ReadHere:
    """Reads plain text in this process."""

    async def read(self, name: str, media_type: str, content: bytes) -> ReadDocument:
        return ReadDocument(read_text(content), media_type)


@dataclass(frozen=True)
class Side:
    """One database: the ingestion of the service on it, and its owner."""

    parts: Ingestion
    owner: "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True)
class Rows:
    """The rows that come of one block's documents, by table, as COPY takes them."""

    count: int
    data: dict[str, bytes]


async def measure(rows: int = ROWS) -> Result:
    """Ingest in one database what is copied into another, in turns."""
    texts = [[_text(rows // DOCUMENTS, seed=f"{block}/{one}") for one in range(DOCUMENTS)]
             for block in range(BLOCKS)]  # fmt: skip
    async with (
        _side(rows, ReadHere()) as ingesting,
        _side(rows, ReadHere()) as copying,
        _side(rows, ProcessReader()) as reading,
    ):
        blocks = [await _made(copying, number, some) for number, some in enumerate(texts)]
        await copying.owner.execute("TRUNCATE memory.passages CASCADE")
        for side in (ingesting, copying, reading):
            await fill(side.owner, {"before": Space().draw(BEFORE)})
        to_ingest, to_copy, to_read = iter(enumerate(texts)), iter(blocks), iter(enumerate(texts))
        speed = await interleaved_figures(
            {
                "ingestion": lambda: _ingested(ingesting, *next(to_ingest)),
                "copy": lambda: _copied(copying.owner, next(to_copy)),
                "with_reading": lambda: _ingested(reading, *next(to_read)),
            },
            blocks=BLOCKS,
        )
        if await _counted(ingesting.owner) != await _counted(copying.owner):
            raise RuntimeError("the ingestion and COPY have stored different rows")
    return _result(speed, rows=blocks[0].count)


def _result(speed: dict[str, list[float]], *, rows: int) -> Result:
    found = ratio(speed["ingestion"], speed["copy"])
    return Result(
        id=ID,
        figures={
            "rows_before": BEFORE,
            "rows_a_block": rows,
            "rows_per_s": {name: round(summary(values).p50, 1) for name, values in speed.items()},
            "ratio": found.model_dump(),
            "ratio with reading": ratio(speed["with_reading"], speed["copy"]).model_dump(),
        },
        targets=[
            Target(name="ingestion ÷ copy, rows/s", value=found.median, limit=LIMIT, higher_is_better=True)
        ],
        notes=NOTES,
        rows=[
            {"system": name, "block": number, "rows_per_s": value}
            for name, values in speed.items()
            for number, value in enumerate(values, start=1)
        ],
    )


@asynccontextmanager
async def _side(rows: int, reader: DocumentReader) -> AsyncIterator[Side]:
    async with running_database(is_durable=True) as (url, owner):
        database = Database(url, pool_size=4)
        embedder = InstantEmbedder(rows * BLOCKS * 2)
        try:
            yield Side(Ingestion(
                PostgresLibrary(database), PostgresIngestQueue(database), reader,
                PostgresGenerations(database), {embedder.model: embedder}, InMemoryEventBus(), SystemClock(),
            ), owner)  # fmt: skip
        finally:
            await database.close()


def _text(passages: int, *, seed: str) -> str:
    """Return a text of so many passages, of words of our documentation."""
    pages = [json.loads(line)["text"] for line in (FOLDER / "corpus.jsonl").read_text().splitlines()]
    words = [word for page in pages for word in page.split() if word.isalpha()]
    chance = random.Random(seed)
    sentences = (" ".join(chance.choices(words, k=WORDS)).capitalize() for _ in range(passages * SENTENCES))
    return ". ".join(sentences) + "."


async def _announced(parts: Ingestion, block: int, texts: Sequence[str]) -> list[str]:
    """Upload the documents of a block; return their ids."""
    ids: list[str] = []
    for number, text in enumerate(texts):
        key = f"{block}-{number}"
        one = AddDocument(workspace_id=WORKSPACE, collection="docs", name=f"{key}.txt", effect_key=key)
        document = await documents.add_document(one, library=parts.library, clock=parts.clock)
        own = OfDocument(workspace_id=WORKSPACE, document_id=document.id)
        part = OfPart(**own.model_dump(), number=1)
        await documents.put_part(part, text.encode(), library=parts.library)
        await documents.complete_document(own, library=parts.library, clock=parts.clock)
        ids.append(document.id)
    return ids


async def _made(side: Side, block: int, texts: Sequence[str]) -> Rows:
    """Let the ingestion make the rows of a block and take them out; their documents stay."""
    ids = await _announced(side.parts, block, texts)
    while await ingest_next(side.parts):
        pass
    data: dict[str, bytes] = {}
    for table, columns in TABLES.items():
        output = io.BytesIO()
        query = f"SELECT {columns} FROM memory.{table} WHERE document_id = ANY($1::uuid[])"
        await side.owner.copy_from_query(query, ids, output=output)
        data[table] = output.getvalue()
    return Rows(data["vectors_1"].count(b"\n"), data)


async def _ingested(side: Side, block: int, texts: Sequence[str]) -> float:
    """Return how many rows a second became of the documents of a block, which are uploaded before."""
    ids = await _announced(side.parts, block, texts)
    began = time.perf_counter()
    while await ingest_next(side.parts):
        pass
    taken = time.perf_counter() - began
    count = "SELECT sum(embedded_count) FROM memory.documents WHERE id = ANY($1::uuid[]) AND status = 'ready'"
    return int(await side.owner.fetchval(count, ids)) / taken


async def _copied(owner: "asyncpg.Connection[asyncpg.Record]", rows: Rows) -> float:
    began = time.perf_counter()
    for table, columns in TABLES.items():
        await owner.copy_to_table(
            table, schema_name="memory", columns=columns.split(", "), source=io.BytesIO(rows.data[table])
        )
    return rows.count / (time.perf_counter() - began)


async def _counted(owner: "asyncpg.Connection[asyncpg.Record]") -> list[object]:
    """Return what tells whether two databases hold the same passages and vectors."""
    passages = "SELECT count(*), sum(hashtext(content)), sum(length(words)) FROM memory.passages"
    vectors = "SELECT count(*), sum(hashtext(embedding::text)) FROM memory.vectors_1"
    return [tuple(await owner.fetchrow(query) or ()) for query in (passages, vectors)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    print(asyncio.run(measure(parser.parse_args().rows)).model_dump_json(indent=2))
