"""run-memory: what it costs a run that failures are known by how often they were seen (decision 0098)."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import asyncpg
from pydantic import JsonValue

from benchmarks.core.blocks import MIN_BLOCKS, Figure, interleaved_figures
from benchmarks.core.results import Result
from benchmarks.core.statistics import summary
from flowloom_contracts.events import RunFinished
from flowloom_contracts.run_memory import FailuresQuery
from flowloom_contracts.runs import RunError, RunStatus
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.postgres import running_postgres, service_database
from memory.adapters.model_files import find_model_files
from memory.adapters.onnx_embedder import OnnxEmbedder
from memory.adapters.postgres_passage_index import PostgresPassageIndex
from memory.adapters.postgres_run_memory import PostgresRunMemory
from memory.domain.run_memory import outcome_of
from memory.migrate import migrate
from memory.usecases.run_memory import Remembering, hear_end_of_run, list_failures, tell_next
from memory.usecases.search import Searching

ID: Final = "run-memory"
SEEN: Final = (0, 1_000, 20_000)
"""How often a failure was seen before; what is measured adds some hundreds."""

ENDS: Final = 100
TOLD: Final = 5
WORKSPACE: Final = "w1"
ERROR: Final = RunError(code="upstream", message="http://a.example answered 503 after 12 s", step="ask")
NOTES: Final = [
    "In one process: the memory service's own use cases, a Postgres of their own, the real embedding model.",
    "keep: what hears the end of a run and keeps it, all that a run waits for nowhere; of a failure and of a",
    "success, in workflows whose one failure was seen so often before. tell: what is known of a failure is",
    "looked up, written down and embedded, in the background, once for whatever has come meanwhile.",
    "look: `GET /v1/workflows/{id}/failures` behind the gateway. Milliseconds of wall time; cpu_ms is this",
    "process's own, without Postgres.",
]
# The rows of the past are of the last hundred days, one success after each tenth failure.
FILL: Final = """
    INSERT INTO memory.run_outcomes
        (workspace_id, run_id, attempt, workflow_id, workflow_name, version, document, status, signature,
         code, step, message, at, collection)
    SELECT $1, 'old-' || $2 || '-' || n, 1, $2, 'orders', 1, 'd',
           CASE WHEN n % 10 = 0 THEN 'succeeded' ELSE 'failed' END,
           CASE WHEN n % 10 = 0 THEN NULL ELSE $3 END,
           CASE WHEN n % 10 = 0 THEN NULL ELSE 'upstream' END,
           CASE WHEN n % 10 = 0 THEN NULL ELSE 'ask' END,
           CASE WHEN n % 10 = 0 THEN NULL ELSE 'answered 503' END,
           now() - interval '100 days' + n * interval '100 days' / ($4 + 1), 'run-memory'
    FROM generate_series(1, $4) AS n
"""


@dataclass(frozen=True)
class Past:
    """A memory with workflows that have failed before."""

    parts: Remembering

    async def ended(self, workflow_id: str, *, failed: bool) -> None:
        """Hear the end of one run."""
        await hear_end_of_run(_end(workflow_id, failed=failed), runs=self.parts.runs, clock=self.parts.clock)

    async def looked(self, workflow_id: str) -> None:
        """Look up how runs of a workflow fail."""
        found = await list_failures(
            FailuresQuery(workspace_id=WORKSPACE, workflow_id=workflow_id), runs=self.parts.runs
        )
        if not found.items:
            raise RuntimeError(f"nothing is known of {workflow_id}")

    async def told(self, workflow_id: str) -> float:
        """Return how long it takes to write down what is known after one more failure, in milliseconds."""
        while await tell_next(self.parts):
            pass
        await self.ended(workflow_id, failed=True)
        began = time.perf_counter()
        if not await tell_next(self.parts):
            raise RuntimeError("there was nothing to tell")
        return (time.perf_counter() - began) * 1_000


async def measure() -> Result:
    """Interleave ends, tellings and looks in workflows with a short and a long past."""
    cpu: dict[str, list[float]] = {}
    async with _past() as past:
        wall = await interleaved_figures(_ways(past, cpu), blocks=MIN_BLOCKS + 1)
    figures: dict[str, JsonValue] = {
        "wall_ms": {name: round(summary(values).p50, 3) for name, values in wall.items()},
        "cpu_ms": {name: round(summary(values).p50, 3) for name, values in cpu.items()},
    }
    rows: list[dict[str, JsonValue]] = [
        {"way": name, "block": number, "wall_ms": value}
        for name, values in wall.items()
        for number, value in enumerate(values, start=1)
    ]
    return Result(id=ID, figures=figures, targets=[], notes=NOTES, rows=rows)


def _ways(past: Past, cpu: dict[str, list[float]]) -> Mapping[str, Figure]:
    ways: dict[str, Figure] = {}
    for seen in SEEN:
        workflow_id = _workflow(seen)
        for kind in ("failure", "success"):
            name = f"keep a {kind}, seen {seen}"
            ways[name] = partial(_ends, past, workflow_id, kind == "failure", cpu.setdefault(name, []))
        ways[f"tell, seen {seen}"] = partial(_tellings, past, workflow_id)
        ways[f"look, seen {seen}"] = partial(_looks, past, workflow_id)
    return ways


async def _ends(past: Past, workflow_id: str, failed: bool, cpu: list[float]) -> float:  # bound by name above
    began, spent = time.perf_counter(), time.process_time()
    for _ in range(ENDS):
        await past.ended(workflow_id, failed=failed)
    cpu.append((time.process_time() - spent) * 1_000 / ENDS)
    return (time.perf_counter() - began) * 1_000 / ENDS


async def _tellings(past: Past, workflow_id: str) -> float:
    return summary([await past.told(workflow_id) for _ in range(TOLD)]).p50


async def _looks(past: Past, workflow_id: str) -> float:
    await past.told(workflow_id)
    began = time.perf_counter()
    for _ in range(TOLD):
        await past.looked(workflow_id)
    return (time.perf_counter() - began) * 1_000 / TOLD


@asynccontextmanager
async def _past() -> AsyncIterator[Past]:
    """Start a database whose workflows have failed as often as is said; all of it ends with the block."""
    clock, embedder = SystemClock(), OnnxEmbedder(find_model_files(None))
    with running_postgres() as port:
        addresses = await service_database(port, "memory", extension="vector")
        await asyncio.to_thread(migrate, addresses.owner_url)
        database = Database(addresses.url, pool_size=4)
        try:
            searching = Searching(PostgresPassageIndex(database), {embedder.model: embedder}, clock)
            past = Past(Remembering(PostgresRunMemory(database), searching, clock))
            for seen in SEEN:
                await past.ended(_workflow(seen), failed=True)  # makes the collection
            await _fill(addresses.owner_url.replace("postgresql+asyncpg", "postgresql"))
            yield past
        finally:
            await database.close()
            await embedder.close()


async def _fill(url: str) -> None:
    owner = await asyncpg.connect(url)
    try:
        for seen in SEEN:
            outcome = outcome_of(_end(_workflow(seen), failed=True))
            if outcome is None:
                raise RuntimeError("a failure is no outcome")
            await owner.execute(FILL, WORKSPACE, _workflow(seen), outcome.signature, seen)
        await owner.execute("ANALYZE memory.run_outcomes")
    finally:
        await owner.close()


def _workflow(seen: int) -> str:
    return f"seen-{seen}"


def _end(workflow_id: str, *, failed: bool) -> RunFinished:
    return RunFinished(
        run_id=new_id(),
        workspace_id=WORKSPACE,
        workflow_id=workflow_id,
        workflow_name="orders",
        status=RunStatus.FAILED if failed else RunStatus.SUCCEEDED,
        at=SystemClock().now(),
        version=1,
        error=ERROR if failed else None,
    )
