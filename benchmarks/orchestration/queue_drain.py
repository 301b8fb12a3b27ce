"""B-ORC-6: ten thousand queued runs drain at the same speed from the first to the last, in flat memory."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Final

import asyncpg
from pydantic import JsonValue

from benchmarks.core.load import closed_loop
from benchmarks.core.memory import CpuMeter, footprint
from benchmarks.core.results import Result, Target
from benchmarks.core.site import Site, running_site
from benchmarks.documents import pure
from flowloom_cli.platform import Platform
from flowloom_cli.secrets import load_or_create, owner_of
from flowloom_cli.topology import HOST

ID: Final = "B-ORC-6"
QUEUED: Final = 10_000
WARM_UP: Final = 500
AT_ONCE: Final = 20
LOCK: Final = 7_301_004
"""The advisory lock of those who admit (`orchestrator.adapters.postgres_admission`)."""
PLACE_HOLDER: Final = "00000000-0000-7000-8000-000000000000"
PATIENCE_S: Final = 1_800

NOTES = [
    "All runs are accepted (202) through the public interface while the lock of those who admit is held; then"
    " it is let go. A run is one `transform` step: what is measured is the queue, not the work.",
    "Deciles by `finished_at` as committed; memory is that of the orchestrator process, read every half"
    " second from the tenth of the drain on, when its caches are full.",
    "Warmed up with runs that find a slot at once; system and Postgres on core 0, generator on core 1.",
]


async def measure(queued: int = QUEUED) -> Result:
    """Queue runs while nobody admits, let go, and watch."""
    async with running_site(mock="step") as site:
        workflow = await site.save(pure(1))
        database = await asyncpg.connect(_dsn(site.platform))
        await _accept(site, workflow, WARM_UP)
        await _drained(database)
        async with _held(database):
            began = time.perf_counter()
            await _accept(site, workflow, queued)
            accepting_s = time.perf_counter() - began
            waiting = await database.fetchval(
                "select count(*) from orchestrator.admissions where state = 'queued'"
            )
        meter = CpuMeter(site.platform)
        with meter:
            began = time.perf_counter()
            memory = await _watched(site.platform, database)
            drain_s = time.perf_counter() - began
        ends = [row["at"] for row in await database.fetch(_ENDS, queued)]
        states = dict(await database.fetch("select status, count(*) from orchestrator.runs group by status"))
        await database.close()
    deciles = _deciles(ends)
    settled = memory[len(memory) // 10 :]
    middle = median(settled)
    figures: dict[str, JsonValue] = {
        "queued": int(waiting) - 1,
        "statuses": {str(status): int(count) for status, count in states.items()},
        "accepted_per_s": round(queued / accepting_s, 1),
        "drained_per_s": round(queued / drain_s, 1),
        "decile_s": [round(seconds, 2) for seconds in deciles],
        "orchestrator_rss_mib": {
            "least": round(min(settled), 1),
            "median": round(middle, 1),
            "most": round(max(settled), 1),
        },
        "cpu_s_per_1000_runs": {name: round(1000 * used / queued, 2) for name, used in meter.seconds.items()},
    }
    rows: list[dict[str, JsonValue]] = [{"rss_mib": value} for value in memory]
    return Result(id=ID, figures=figures, targets=_targets(deciles, settled), notes=NOTES, rows=rows)


def _targets(deciles: list[float], settled: list[float]) -> list[Target]:
    ratio, middle = deciles[-1] / deciles[0], median(settled)
    off = max(max(settled) / middle - 1, 1 - min(settled) / middle)
    return [
        Target(name="last decile ÷ first", value=ratio, limit=1.1, higher_is_better=False),
        Target(name="last decile ÷ first, at least", value=ratio, limit=0.9, higher_is_better=True),
        Target(name="memory off its median", value=off, limit=0.05, higher_is_better=False),
    ]


_ENDS: Final = """
select extract(epoch from finished_at)::float8 as at from orchestrator.runs
where finished_at is not null order by created_at desc limit $1
"""


def _deciles(ends: list[float]) -> list[float]:
    """Return how long each tenth of the runs took, in the order in which they ended."""
    ordered = sorted(ends)
    size = len(ordered) // 10
    marks = [ordered[0], *(ordered[size * tenth - 1] for tenth in range(1, 10)), ordered[-1]]
    return [after - before for before, after in pairwise(marks)]


async def _accept(site: Site, workflow: str, count: int) -> None:
    async def once(_number: int) -> None:
        await site.start(workflow, {"text": "amber"})

    await partial(closed_loop, total=count, at_once=AT_ONCE)(once)


@asynccontextmanager
async def _held(database: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[None]:
    """Let nobody admit; a row of nobody's run makes every start find a queue."""
    await database.execute("select pg_advisory_lock($1)", LOCK)
    await database.execute(
        "insert into orchestrator.admissions (run_id, workspace_id, state) values ($1, 'nobody', 'queued')",
        PLACE_HOLDER,
    )
    yield
    await database.execute("delete from orchestrator.admissions where run_id = $1", PLACE_HOLDER)
    await database.execute("select pg_advisory_unlock($1)", LOCK)


async def _watched(platform: Platform, database: "asyncpg.Connection[asyncpg.Record]") -> list[float]:
    """Return the orchestrator's memory every half second until the queue is empty."""
    pid = platform.pid("orchestrator")
    assert pid is not None
    memory: list[float] = []
    async with asyncio.timeout(PATIENCE_S):
        while await _alive(database):
            memory.append(footprint("orchestrator", pid).rss_mib)
            await asyncio.sleep(0.5)
    return memory


async def _drained(database: "asyncpg.Connection[asyncpg.Record]") -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await _alive(database):  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.2)


async def _alive(database: "asyncpg.Connection[asyncpg.Record]") -> bool:
    return bool(await database.fetchval("select exists (select 1 from orchestrator.admissions)"))


def _dsn(platform: Platform) -> str:
    password = load_or_create(platform.home).roles[owner_of("orchestrator")]
    return f"postgresql://flowloom_orchestrator_owner:{password}@{HOST}:{platform.topology.postgres}/flowloom"
