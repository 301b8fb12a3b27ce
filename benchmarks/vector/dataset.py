"""Vectors like those of real texts, in the tables of the memory service on a Postgres of our own."""

import asyncio
import io
import os
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import numpy as np
from numpy.typing import NDArray

from flowloom_contracts.memory import EMBEDDING_DIMENSIONS
from flowloom_servicekit.testing.postgres import running_postgres, service_database
from memory.migrate import migrate

Vectors = NDArray[np.float32]

# Embeddings of texts lie near a surface of few dimensions; uniform noise would be harder than anything real.
INNER_DIMENSIONS = 32
NOISE = 0.05
PASSAGES_PER_DOCUMENT = 10
COLLECTION = "bench"
BORN = "2026-01-01T00:00:00Z"


class Space:
    """A surface to draw unit vectors from."""

    def __init__(self, seed: int = 7) -> None:
        self._random = np.random.default_rng(seed)
        self._surface = self._random.standard_normal((INNER_DIMENSIONS, EMBEDDING_DIMENSIONS))

    def draw(self, count: int) -> Vectors:
        """Return so many unit vectors."""
        inner = self._random.standard_normal((count, INNER_DIMENSIONS))
        noise = self._random.standard_normal((count, EMBEDDING_DIMENSIONS))
        points = inner @ self._surface / np.sqrt(INNER_DIMENSIONS) + NOISE * noise
        unit: Vectors = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
        return unit


@asynccontextmanager
async def running_database(*, is_durable: bool = False) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    """Give the URL of an empty memory database and a connection of its owner."""
    with running_postgres(is_durable=is_durable) as port:
        addresses = await service_database(port, "memory", extension="vector")
        await asyncio.to_thread(migrate, addresses.owner_url)
        owner = await asyncpg.connect(addresses.owner_url.replace("+asyncpg", ""))
        yield addresses.url, owner
        await owner.close()


async def fill(owner: "asyncpg.Connection", tenants: dict[str, Vectors]) -> None:
    """Copy the vectors of each workspace, ten to a document, then build the index."""
    await owner.execute("DROP INDEX memory.vectors_1_by_embedding")
    for workspace, vectors in tenants.items():
        await owner.execute(
            "INSERT INTO memory.collections (workspace_id, name, created_at) VALUES ($1, $2, now())",
            workspace,
            COLLECTION,
        )
        await _fill_tenant(owner, workspace, vectors)
    await owner.execute(
        f"SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = {os.cpu_count()}"
    )
    await owner.execute(
        "CREATE INDEX vectors_1_by_embedding ON memory.vectors_1 USING hnsw"
        " (embedding public.vector_cosine_ops) WITH (m = 16, ef_construction = 64)"
    )
    await owner.execute("ANALYZE")


def document_id(workspace: str, number: int) -> str:
    """Return the id of the document that holds a vector."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{workspace}/{number // PASSAGES_PER_DOCUMENT}"))


async def _fill_tenant(owner: "asyncpg.Connection", workspace: str, vectors: Vectors) -> None:
    tenant = f"{workspace}\t{COLLECTION}"
    numbers = range(len(vectors))
    await _copy(
        owner,
        "documents (id, workspace_id, collection, metadata, effect_key, passage_count, created_at,"
        " updated_at)",
        [
            f"{document_id(workspace, number)}\t{tenant}\t{{}}\t{number}\t10\t{BORN}\t{BORN}"
            for number in numbers[::PASSAGES_PER_DOCUMENT]
        ],
    )
    keys = [
        f"{document_id(workspace, number)}\t{number % PASSAGES_PER_DOCUMENT + 1}\t{tenant}"
        for number in numbers
    ]
    await _copy(
        owner,
        "passages (document_id, position, workspace_id, collection, start_at, end_at, content)",
        [f"{key}\t0\t20\tpassage number {number}" for number, key in enumerate(keys)],
    )
    await _copy(
        owner,
        "vectors_1 (document_id, position, workspace_id, collection, embedding)",
        [f"{key}\t[{','.join(f'{x:.6f}' for x in vectors[number])}]" for number, key in enumerate(keys)],
    )


async def _copy(owner: "asyncpg.Connection", table: str, lines: Sequence[str]) -> None:
    name, _, columns = table.partition(" (")
    for start in range(0, len(lines), 10_000):
        source = io.BytesIO(("\n".join(lines[start : start + 10_000]) + "\n").encode())
        await owner.copy_to_table(
            name, schema_name="memory", columns=columns.rstrip(")").split(", "), source=source, format="text"
        )
