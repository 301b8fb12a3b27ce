"""B-VEC-1 and -2: a search of the memory service against its own SQL, and what small tenants get of ten.

`python -m benchmarks.vector.index_search --rows 20000` measures with fewer rows and writes nothing.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence

import asyncpg
import numpy as np

from benchmarks.core.blocks import interleaved, latencies
from benchmarks.core.results import Result, Target
from benchmarks.core.statistics import summary
from benchmarks.vector.dataset import COLLECTION, Space, Vectors, document_id, fill, running_database
from flowloom_contracts.memory import SearchPassages
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.database import Database, Statement
from memory.adapters.passage_rows import vector_literal
from memory.adapters.postgres_passage_index import PostgresPassageIndex
from memory.domain.texts import DEFAULT_MODEL, Embedding
from memory.usecases.search import Searching, search_passages

ID = "B-VEC-1"
ROWS = 100_000
TOP = 10
QUERIES = 60
PLAIN = """
    SELECT document_id, position FROM memory.vectors_1
    WHERE workspace_id = :workspace AND collection = :collection
    ORDER BY embedding OPERATOR(public.<=>) (SELECT CAST(CAST(:embedding AS text) AS public.vector)) LIMIT 10
"""
NOTES = [
    "Search: the use case (scope, candidates, details) without HTTP; the vector of the query is given.",
    "Plain SQL: the ten nearest of the tenant by the index on a warm connection, same ef_search.",
    "Vectors: 32 inner dimensions in 384, with noise; recall against brute force in numpy.",
    "B-VEC-2: tenants with 1 % and 10 % of the rows beside the large one.",
]


class GivenEmbedder:
    """Knows the vectors of the queries, which are their numbers."""

    model, dimensions = DEFAULT_MODEL, 384

    def __init__(self, queries: Vectors) -> None:
        self._queries = queries

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [1 for _ in texts]

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        return [tuple(self._queries[int(text)].tolist()) for text in texts]


async def measure(rows: int = ROWS) -> Result:
    """Fill, compare, and count what is found."""
    space = Space()
    tenants = {
        "large": space.draw(rows),
        "tenth": space.draw(rows // 10),
        "hundredth": space.draw(rows // 100),
    }
    queries = space.draw(QUERIES)
    async with running_database() as (url, owner):
        began = time.monotonic()
        await fill(owner, tenants)
        filled_s = time.monotonic() - began
        database = Database(url, pool_size=4)
        embedder = GivenEmbedder(queries)
        searching = Searching(PostgresPassageIndex(database), {embedder.model: embedder}, SystemClock())
        try:
            found = {name: await _found(searching, name, tenants[name], queries) for name in tenants}
            blocks = await interleaved(
                {"search": lambda: _searches(searching), "sql": lambda: _statements(owner, queries)}
            )
        finally:
            await database.close()
    ours, plain = summary(latencies(blocks, "search")), summary(latencies(blocks, "sql"))
    return Result(
        id=ID,
        figures={
            "rows": rows, "fill_s": round(filled_s, 1),
            "search_ms": ours.model_dump(), "sql_ms": plain.model_dump(),
            **{f"{name}_recall": recall for name, (recall, _) in found.items()},
            **{f"{name}_full_answers": full for name, (_, full) in found.items()},
        },
        targets=[
            Target(name="search / sql, p50", value=ours.p50 / plain.p50, limit=2.0, higher_is_better=False),
            Target(name="search / sql, p99", value=ours.p99 / plain.p99, limit=2.0, higher_is_better=False),
            Target(name="recall@10", value=found["large"][0], limit=0.95, higher_is_better=True),
            *(
                Target(
                    name=f"B-VEC-2 {what}, {name}",
                    value=found[name][place],
                    limit=limit,
                    higher_is_better=True,
                )
                for name in ("tenth", "hundredth")
                for what, place, limit in (("recall@10", 0, 0.95), ("answers with 10", 1, 1.0))
            ),
        ],
        notes=NOTES,
    )  # fmt: skip


def _request(workspace: str, query: int) -> SearchPassages:
    return SearchPassages(
        workspace_id=workspace,
        collections=[COLLECTION],
        query=str(query),
        top=TOP,
        mode="vector",
        per_document=TOP,
    )


async def _found(searching: Searching, name: str, vectors: Vectors, queries: Vectors) -> tuple[float, float]:
    """Return the recall and the share of queries that got ten."""
    right, full = 0, 0
    for number in range(len(queries)):
        hits = (await search_passages(_request(name, number), searching=searching)).items
        nearest = np.argsort(-(vectors @ queries[number]))[:TOP]
        truth = {f"{document_id(name, int(n))} passage number {n}" for n in nearest}
        right += len(truth & {f"{hit.citation.document_id} {hit.text}" for hit in hits})
        full += len(hits) == TOP
    return right / (TOP * len(queries)), full / len(queries)


async def _searches(searching: Searching) -> list[float]:
    taken: list[float] = []
    for number in range(QUERIES):
        began = time.perf_counter()
        await search_passages(_request("large", number), searching=searching)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


async def _statements(owner: "asyncpg.Connection", queries: Vectors) -> list[float]:
    await owner.execute("SET hnsw.iterative_scan = relaxed_order; SET hnsw.ef_search = 100")
    statement = Statement(PLAIN)
    taken: list[float] = []
    for query in queries:
        given = {
            "workspace": "large",
            "collection": COLLECTION,
            "embedding": vector_literal(tuple(query.tolist())),
        }
        began = time.perf_counter()
        await owner.fetch(statement.sql, *statement.arguments(given))
        taken.append((time.perf_counter() - began) * 1000)
    return taken


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    print(asyncio.run(measure(parser.parse_args().rows)).model_dump_json(indent=2))
