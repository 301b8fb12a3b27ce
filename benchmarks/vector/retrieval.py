"""Retrieval quality: nDCG@10 and recall@10 of hybrid, vector and text search on the committed questions."""

import asyncio
import json
import math
from pathlib import Path

from benchmarks.core.results import Result, Target
from benchmarks.vector.dataset import running_database
from flowloom_contracts.memory import AddDocument, OfDocument, OfPart, PassageHit, SearchMode, SearchPassages
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.database import Database
from flowloom_servicekit.testing.bus import InMemoryEventBus
from memory.adapters.model_files import find_model_files
from memory.adapters.onnx_embedder import OnnxEmbedder
from memory.adapters.parser_process import ProcessReader
from memory.adapters.postgres_generations import PostgresGenerations
from memory.adapters.postgres_ingest_queue import PostgresIngestQueue
from memory.adapters.postgres_library import PostgresLibrary
from memory.adapters.postgres_passage_index import PostgresPassageIndex
from memory.usecases import documents
from memory.usecases.ingest import Ingestion, ingest_next
from memory.usecases.search import Searching, search_passages

ID = "retrieval"
FOLDER = Path(__file__).parent
TOP = 10
MODES: tuple[SearchMode, ...] = ("hybrid", "vector", "text")
NOTES = [
    "Corpus: the platform's documentation, frozen in corpus.jsonl, through the whole ingestion.",
    "Judgement: a passage is relevant if it contains the phrase that answers; all written before any tuning.",
]


async def measure() -> Result:
    """Ingest the corpus and ask every question in each mode."""
    async with running_database() as (url, _):
        database = Database(url, pool_size=4)
        embedder = OnnxEmbedder(find_model_files(None))
        try:
            embedders = {embedder.model: embedder}
            await _ingest(Ingestion(
                PostgresLibrary(database), PostgresIngestQueue(database), ProcessReader(),
                PostgresGenerations(database), embedders, InMemoryEventBus(), SystemClock(),
            ))  # fmt: skip
            searching = Searching(PostgresPassageIndex(database), embedders, SystemClock())
            scores = {mode: await _scores(searching, mode) for mode in MODES}
        finally:
            await embedder.close()
            await database.close()
    ndcg = {mode: gain for mode, (gain, _) in scores.items()}
    return Result(
        id=ID,
        figures={
            "queries": len(questions()),
            "ndcg_at_10": {mode: round(value, 4) for mode, value in ndcg.items()},
            "recall_at_10": {mode: round(value, 4) for mode, (_, value) in scores.items()},
        },
        targets=[
            Target(name=f"hybrid - {mode}, nDCG@10", value=ndcg["hybrid"] - ndcg[mode], limit=0.0,
                   higher_is_better=True)
            for mode in MODES[1:]
        ],
        notes=NOTES,
    )  # fmt: skip


def questions() -> list[tuple[str, str]]:
    """Return each question with the phrase that answers it."""
    lines = (FOLDER / "queries.tsv").read_text().splitlines()
    return [(query, phrase) for query, _, phrase in (line.partition("\t") for line in lines)]


def corpus() -> dict[str, str]:
    """Return the pages by name."""
    pages = [json.loads(line) for line in (FOLDER / "corpus.jsonl").read_text().splitlines()]
    return {page["name"]: page["text"] for page in pages}


def one_line(text: str) -> str:
    """Return the text with every run of white space as one blank."""
    return " ".join(text.split())


async def _ingest(parts: Ingestion) -> None:
    for name, text in corpus().items():
        announced = AddDocument(workspace_id="bench", collection="docs", name=name, effect_key=name)
        document = await documents.add_document(announced, library=parts.library, clock=parts.clock)
        one = OfDocument(workspace_id="bench", document_id=document.id)
        part = OfPart(**one.model_dump(), number=1)
        await documents.put_part(part, text.encode(), library=parts.library)
        await documents.complete_document(one, library=parts.library, clock=parts.clock)
    while await ingest_next(parts):
        pass


async def _scores(searching: Searching, mode: SearchMode) -> tuple[float, float]:
    """Return the means of nDCG@10 and recall@10; each question has one relevant passage."""
    gains: list[float] = []
    for query, phrase in questions():
        request = SearchPassages(
            workspace_id="bench", collections=["docs"], query=query, top=TOP, mode=mode, per_document=TOP
        )
        hits = (await search_passages(request, searching=searching)).items
        gains.append(_gain(hits, one_line(phrase)))
    return sum(gains) / len(gains), sum(gain > 0 for gain in gains) / len(gains)


def _gain(hits: list[PassageHit], phrase: str) -> float:
    """Return nDCG for the one relevant passage: 1 in the first place, 0 when it is not there."""
    for rank, hit in enumerate(hits, start=1):
        if phrase in one_line(hit.text):
            return 1 / math.log2(rank + 1)
    return 0.0


if __name__ == "__main__":
    print(asyncio.run(measure()).model_dump_json(indent=2))
