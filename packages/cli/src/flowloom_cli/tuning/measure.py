"""Measures indexes on a copy of a collection's vectors, beside the others that share its index."""

import contextlib
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

import asyncpg

from flowloom_cli.errors import UsageError
from flowloom_cli.supervision.supervisor import Report
from flowloom_cli.tuning.grid import SCANS, Index, Measured, Scan

TOP: Final = 10
FEWEST: Final = 500
"""Passages below which any index answers with everything, and nothing can be learned."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: a collection, most vectors to copy, and how many of them ask.

    Without `workspace`, the one that has a collection of this name.
    """

    workspace: str | None
    collection: str
    sample: int
    queries: int


@dataclass(frozen=True, slots=True)
class Copy:
    """The scratch copy: its schema, sizes, and queries with the ten that are truly nearest to each."""

    table: str
    own: int
    others: int
    dimensions: int
    queries: tuple[str, ...]
    nearest: tuple[frozenset[int], ...]


@asynccontextmanager
async def copied(connection: Connection, subject: Subject, report: Report) -> AsyncIterator[Copy]:
    """Copy vectors into a schema of the moment, which goes with the block whatever happens.

    Queries are vectors of the collection that are held out of the copy: questions look like its passages.
    The truth is found by comparing with all, before there is any index. Raises UsageError when the
    collection is unknown or too small.
    """
    table, dimensions = await _active(connection)
    schema = f"flowloom_tune_{secrets.token_hex(4)}"
    workspace = await _workspace(connection, table, subject)
    await connection.execute(f"CREATE SCHEMA {schema}")
    await connection.execute(f"SET search_path = {schema}, public")
    try:
        report("copying vectors")
        await _fill(connection, table, workspace, subject)
        held = await connection.fetch("DELETE FROM vectors WHERE held RETURNING embedding::text AS e")
        queries = tuple(str(row["e"]) for row in held)
        report(f"finding the true nearest of {len(queries)} queries")
        nearest = tuple([await _ids(connection, "vector", dimensions, query) for query in queries])
        counts = await connection.fetchrow(
            "SELECT count(*) FILTER (WHERE own) AS own, count(*) FILTER (WHERE NOT own) AS others"
            " FROM vectors"
        )
        yield Copy(
            table,
            counts["own"],
            counts["others"],
            dimensions,
            queries,
            tuple(map(frozenset, nearest)),
        )
    finally:
        with contextlib.suppress(asyncpg.InterfaceError, OSError):
            await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


async def _active(connection: Connection) -> tuple[str, int]:
    row = await connection.fetchrow("SELECT id, dimensions FROM memory.generations WHERE status = 'active'")
    if row is None:
        raise UsageError("this platform has no vectors yet", hint="store a document first")
    return f"memory.vectors_{int(row['id'])}", int(row["dimensions"])


async def _workspace(connection: Connection, table: str, subject: Subject) -> str:
    """Return the workspace that is meant; raises UsageError for none, several, or too little in it."""
    rows = await connection.fetch(
        f"SELECT workspace_id, count(*) AS count FROM {table}"  # noqa: S608 - a table of ours
        " WHERE collection = $1 AND ($2::text IS NULL OR workspace_id = $2) GROUP BY workspace_id",
        subject.collection,
        subject.workspace,
    )
    if len(rows) > 1:
        names = ", ".join(f"{row['workspace_id']} ({row['count']} passages)" for row in rows[:5])
        raise UsageError(
            f"{len(rows)} workspaces have a collection {subject.collection!r}",
            hint=f"name one with --workspace: {names}",
        )
    count = rows[0]["count"] if rows else 0
    if count >= FEWEST:
        return str(rows[0]["workspace_id"])
    known = await connection.fetch(
        f"SELECT collection, count(*) AS count FROM {table}"  # noqa: S608 - a table of ours
        " GROUP BY collection ORDER BY count DESC LIMIT 5"
    )
    listed = ", ".join(f"{row['collection']} ({row['count']})" for row in known) or "none"
    raise UsageError(
        f"collection {subject.collection!r} has {count} passages with vectors, and measuring needs {FEWEST}",
        hint=f"the largest collections are {listed}; below 5,000 passages a search compares with all of them",
    )


async def _fill(connection: Connection, table: str, workspace: str, subject: Subject) -> None:
    drawn = f"FROM {table} WHERE %s ORDER BY hashtext(document_id::text || position) LIMIT $3"
    mine = drawn % "workspace_id = $1 AND collection = $2"
    theirs = drawn % "(workspace_id, collection) <> ($1, $2)"
    both = f"(SELECT true AS own, embedding {mine}) UNION ALL (SELECT false, embedding {theirs})"
    numbered = f"SELECT row_number() OVER () AS id, taken.*, false AS held FROM ({both}) AS taken"  # noqa: S608 - a table of ours, found by number
    await connection.execute(
        f"CREATE UNLOGGED TABLE vectors AS {numbered}",
        workspace,
        subject.collection,
        subject.sample,
    )
    await connection.execute(
        "UPDATE vectors SET held = true WHERE id IN (SELECT id FROM vectors WHERE own"
        " ORDER BY hashtext('query' || id) LIMIT $1)",
        subject.queries,
    )
    await connection.execute("ANALYZE vectors")


async def measured(connection: Connection, copy: Copy, index: Index) -> list[Measured]:
    """Build one index, search by it in every way, and drop it; in the order of `SCANS`."""
    column = f"(embedding::public.halfvec({copy.dimensions}))" if index.kind == "halfvec" else "embedding"
    began = time.monotonic()
    await connection.execute(
        f"CREATE INDEX measured ON vectors USING hnsw ({column} public.{index.kind}_cosine_ops)"
        f" WITH (m = {index.m}, ef_construction = {index.ef_construction})"
    )
    build_s = time.monotonic() - began
    try:
        size = await connection.fetchval("SELECT pg_relation_size('measured')")
        return [
            await _scanned(connection, copy, index, scan, build_s=build_s, size=int(size)) for scan in SCANS
        ]
    finally:
        await connection.execute("DROP INDEX measured")


async def _scanned(
    connection: Connection, copy: Copy, index: Index, scan: Scan, *, build_s: float, size: int
) -> Measured:
    found, times = list[Sequence[int]](), list[float]()
    async with connection.transaction():
        for setting, value in (
            *(("hnsw.ef_search", str(scan.ef_search)), ("hnsw.iterative_scan", scan.iterative)),
            *(("enable_seqscan", "off"), ("enable_sort", "off")),
        ):
            await connection.execute("SELECT set_config($1, $2, true)", setting, value)
        await _ids(connection, index.kind, copy.dimensions, copy.queries[0])
        for query in copy.queries:
            began = time.perf_counter()
            found.append(await _ids(connection, index.kind, copy.dimensions, query))
            times.append((time.perf_counter() - began) * 1_000)
    right = sum(len(truth.intersection(ids)) for truth, ids in zip(copy.nearest, found, strict=True))
    return Measured(
        index=index,
        scan=scan,
        build_s=round(build_s, 2),
        size_bytes=size,
        recall=round(right / sum(map(len, copy.nearest)), 4),
        full_answers=round(sum(len(ids) == TOP for ids in found) / len(found), 4),
        p50_ms=round(statistics.median(times), 3),
        p95_ms=round(statistics.quantiles(times, n=20)[-1], 3),
    )


async def _ids(connection: Connection, kind: str, dimensions: int, query: str) -> list[int]:
    column = f"embedding::public.halfvec({dimensions})" if kind == "halfvec" else "embedding"
    distance = f"{column} OPERATOR(public.<=>) CAST($1::text AS public.{kind}({dimensions}))"
    rows = await connection.fetch(
        f"SELECT id FROM vectors WHERE own ORDER BY {distance} LIMIT {TOP}",  # noqa: S608 - names of ours
        query,
    )
    return [int(row["id"]) for row in rows]
