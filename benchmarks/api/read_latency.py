"""B-API-1: a list and a run through the whole interface, against a FastAPI hello and their bare SQL."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import asyncpg
from pydantic import JsonValue

from benchmarks.api.hello_server import Hello, running_hello
from benchmarks.api.reader import UNLIMITED, reading, workspace_of
from benchmarks.core.blocks import MIN_BLOCKS, Block, Work, interleaved, latencies, of
from benchmarks.core.databases import connect_as
from benchmarks.core.kept_connections import asking, request_text
from benchmarks.core.load import closed_loop, open_loop
from benchmarks.core.results import Result, Target
from benchmarks.core.site import MOCK_PORT, Site, running_site
from benchmarks.core.statistics import Comparison, ratio, summary
from benchmarks.documents import chain5
from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from orchestrator.adapters.postgres_views import STEPS
from orchestrator.adapters.sql_of_runs import LOAD

ID = "B-API-1"
WORKFLOWS = 1_000
PAGE = 50
PER_SECOND = 50
BLOCK_S = 4.0
BLOCKS = MIN_BLOCKS + 1
CONNECTIONS = 16
RUNS_IN_FLIGHT = 5
LIMIT_RATIO = 2.0
LIMIT_P99_MS = 100.0
READS = ("list", "run")
LIST_SQL = """
select id, name, title, draft_valid, published_version, updated_at from gateway.workflows
where workspace_id = $1 order by id desc limit $2
"""
_Ask = Callable[[], Awaitable[object]]
NOTES = [
    f"list: {PAGE} of {WORKFLOWS} workflows. run: the snapshot of a finished run of five `llm` steps.",
    "Open loop of 50 reads a second from the intended start, an API key on kept connections, rates far away.",
    "Five runs execute all the time, each watched: its first step streams for 4 s, four more follow at once.",
    "Bare SQL: the statements of the read on one warm connection in the generator, row-level security holds.",
    "hello: FastAPI in a process of its own on the same core, served with the same options.",
]


async def measure() -> Result:
    """Interleave both reads with what they are compared with, while runs execute."""
    async with running_site(mock="step", env=UNLIMITED) as site, running_hello(site) as hello:
        workflow = await _workflows(site)
        run_id = await site.run_to_end(workflow, {"text": "amber"})
        async with _systems(site, hello, run_id) as systems, _runs(site, workflow) as finished:
            done = await interleaved({name: _at_rate(once) for name, once in systems.items()}, blocks=BLOCKS)
        runs = len(finished)
    ratios = {read: _against(done, read) for read in READS}
    figures: dict[str, JsonValue] = {
        "latency_ms": {name: summary(latencies(done, name)).model_dump() for name in systems},
        "ratio": {read: found.model_dump() for read, found in ratios.items()},
        "runs_finished_meanwhile": runs,
    }
    p99 = {read: summary(latencies(done, read)).p99 for read in READS}
    targets = [
        *(_at_most(f"{read} ÷ (hello + SQL), p50", ratios[read].median, LIMIT_RATIO) for read in READS),
        *(_at_most(f"{read} p99, ms", p99[read], LIMIT_P99_MS) for read in READS),
    ]
    rows: list[dict[str, JsonValue]] = [
        {"system": block.system, "block": block.number, "latency_ms": latency}
        for block in done
        for latency in block.latencies_ms
    ]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


async def _workflows(site: Site) -> str:
    """Fill the workspace and return the workflow that is run."""

    async def save(number: int) -> None:
        await site.save(chain5().replace("bench-chain5", f"bench-{number}"))

    await closed_loop(save, total=WORKFLOWS - 1, at_once=8)
    return await site.save(chain5())


@asynccontextmanager
async def _systems(site: Site, hello: Hello, run_id: str) -> AsyncIterator[dict[str, _Ask]]:
    """Open connections for everything that is asked."""
    workspace = await workspace_of(site)
    async with AsyncExitStack() as opened:
        askings = {
            "list": await reading(site, f"/v1/workflows?limit={PAGE}", count=CONNECTIONS),
            "run": await reading(site, f"/v1/runs/{run_id}/snapshot", count=CONNECTIONS),
            "hello": await asking(hello.base_url, request_text(hello.base_url, "/hello"), count=CONNECTIONS),
        }
        for one in askings.values():
            opened.callback(one.close)
        gateway = await connect_as(site.platform, "gateway", workspace)
        opened.push_async_callback(gateway.close)
        orchestrator = await connect_as(site.platform, "orchestrator", workspace)
        opened.push_async_callback(orchestrator.close)
        of_steps = STEPS.arguments({"run_id": run_id, "inside": "", "after": [], "limit": 1_001})
        yield {
            **{name: one.once for name, one in askings.items()},
            "list_sql": _one_by_one(gateway, (LIST_SQL, [workspace, PAGE + 1], PAGE + 1)),
            "run_sql": _one_by_one(orchestrator, (LOAD.sql, [run_id], 1), (STEPS.sql, of_steps, 5)),
        }


def _one_by_one(
    connection: "asyncpg.Connection[asyncpg.Record]", *statements: tuple[str, list[object], int]
) -> _Ask:
    """Return what runs statements, each with the number of rows it finds, whenever the connection is free."""
    free = asyncio.Lock()

    async def run() -> None:
        async with free:
            for sql, arguments, expected in statements:
                found = await connection.fetch(sql, *arguments)
                if len(found) != expected:
                    raise RuntimeError(f"{len(found)} rows instead of {expected}: {sql}")

    return run


@asynccontextmanager
async def _runs(site: Site, workflow: str) -> AsyncIterator[list[str]]:
    """Keep runs executing; gives the list to which those that ended are added."""
    finished: list[str] = []

    async def repeat() -> None:
        while True:
            finished.append(await site.run_to_end(workflow, {"text": "slowly"}))

    async with MockModel(f"http://127.0.0.1:{MOCK_PORT}") as model:
        await model.script(Rule(name="slow", match="slowly", mode="stream"))
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(repeat()) for _ in range(RUNS_IN_FLIGHT)]
        yield finished
        for task in running:
            task.cancel()


def _at_rate(once: _Ask) -> Work:
    return partial(open_loop, once, per_second=PER_SECOND, seconds=BLOCK_S)


def _against(done: list[Block], read: str) -> Comparison:
    p50 = {
        name: [summary(block.latencies_ms).p50 for block in of(done, name)]
        for name in (read, f"{read}_sql", "hello")
    }
    baseline = [a + b for a, b in zip(p50["hello"], p50[f"{read}_sql"], strict=True)]
    return ratio(p50[read], baseline)


def _at_most(name: str, value: float, limit: float) -> Target:
    return Target(name=name, value=value, limit=limit, higher_is_better=False)
