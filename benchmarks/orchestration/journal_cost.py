"""journal: what it costs that a model call is announced and its answer kept, beside two bare statements."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import asyncpg
import psutil
from pydantic import JsonValue

from benchmarks.core.blocks import MIN_BLOCKS
from benchmarks.core.memory import footprint
from benchmarks.core.results import Result, Target
from benchmarks.core.statistics import ratio, summary
from flowloom_modelkit.journal import JournaledCalls, JournaledModel, StepRef
from flowloom_modelkit.ports import ModelCaller
from flowloom_modelkit.requests import ModelRequest, ask
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.database import Database
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from flowloom_servicekit.testing.postgres import running_postgres, service_database
from flowloom_servicekit.testing.valkey import running_valkey
from orchestrator.adapters.redis_streams import RedisStreams
from orchestrator.attempt_journal import StoredCallJournal
from orchestrator.migrate import migrate
from orchestrator.testing.postgres_stores import stores_on
from orchestrator.testing.world import World, a_world, workflow

ID: Final = "journal"
BLOCKS: Final = MIN_BLOCKS + 1
CALLS: Final = 50
AT_ONCE: Final = {1: 4, 10: 10}
"""How many steps make their calls in a block, by how many of them there are at once."""

LIMIT_MS: Final = 5.0
STEP: Final = workflow("s: {agent: research, prompt: Hi}")
ANSWER: Final = ("amber basin cedar delta ember fjord grove haven islet juniper " * 20)[:1_000]
PROMPT: Final = ("What do the pages say of " + "terms of delivery and " * 100)[:2_000]
NOTES: Final = [
    "In one process: the orchestrator's call guard over its own stores, a Postgres that flushes each commit",
    "to this disk, a Valkey. A step makes 50 calls one after the other through modelkit's JournaledModel;",
    "prompt of 2,000 characters, answer of 1,000 that is there at once, no rules and no budgets. What is",
    "measured is the whole call, so all of it is the journal: two questions to the guard, each with its",
    "transactions, hashing, and the event that tells viewers. An agent asks the same through two sidecars.",
    "cpu_ms: of this process, with what is done for viewers behind the call, and of Postgres.",
    "bare: INSERT of the same row without waiting for the disk, then UPDATE with the answer, waiting for it.",
]
TABLE: Final = """
    CREATE TABLE public.bare (
        run_id text, step text, attempt int, call int, request_hash text, response jsonb,
        ended_at timestamptz,
        PRIMARY KEY (run_id, step, attempt, call)
    )
"""
INSERT: Final = "INSERT INTO public.bare VALUES ($1, 's', 1, $2, repeat('0', 64))"
UPDATE: Final = """
    UPDATE public.bare SET response = to_jsonb($3::text), ended_at = now()
    WHERE run_id = $1 AND step = 's' AND attempt = 1 AND call = $2
"""

Step = Callable[[], Awaitable[list[float]]]
"""Makes the calls of one step and returns what each took in milliseconds."""


@dataclass(frozen=True)
class Place:
    """A process of the orchestrator and a bare connection on the same Postgres."""

    world: World
    bare: "asyncpg.Pool[asyncpg.Record]"
    postmaster: int


@dataclass(frozen=True)
class Spent:
    """What one system took in one block."""

    system: str
    block: int
    wall_ms: list[float]
    cpu_ms: float
    postgres_cpu_ms: float


async def measure() -> Result:
    """Make calls with and without the journal, in turns, one step and ten at once."""
    figures: dict[str, JsonValue] = {}
    targets: list[Target] = []
    rows: list[dict[str, JsonValue]] = []
    async with _place() as place:
        for at_once in AT_ONCE:
            done = await _blocks(place, at_once)
            figures[f"steps={at_once}"] = _figures(done)
            whole = summary(_walls(done, "journal"))
            targets += [
                Target(name=f"a call, {name}, steps={at_once}, ms", value=value, limit=LIMIT_MS,
                       higher_is_better=False)
                for name, value in (("p50", whole.p50), ("p95", whole.p95))
            ]  # fmt: skip
            rows += [
                {
                    "steps": at_once,
                    "system": spent.system,
                    "block": spent.block,
                    **summary(spent.wall_ms).model_dump(),
                }
                for spent in done
            ]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


def _figures(done: Sequence[Spent]) -> dict[str, JsonValue]:
    figures: dict[str, JsonValue] = {}
    for system in ("journal", "bare"):
        own = [spent for spent in done if spent.system == system]
        figures[system] = {
            "wall_ms": summary(_walls(done, system)).model_dump(),
            "cpu_ms": round(summary([spent.cpu_ms for spent in own]).p50, 3),
            "postgres_cpu_ms": round(summary([spent.postgres_cpu_ms for spent in own]).p50, 3),
        }
    medians = {
        system: [summary(spent.wall_ms).p50 for spent in done if spent.system == system]
        for system in ("journal", "bare")
    }
    figures["journal ÷ bare, p50"] = ratio(medians["journal"], medians["bare"]).model_dump()
    return figures


def _walls(done: Sequence[Spent], system: str) -> list[float]:
    return [value for spent in done if spent.system == system for value in spent.wall_ms]


async def _blocks(place: Place, at_once: int) -> list[Spent]:
    systems: dict[str, Step] = {
        "journal": partial(_journaled_step, place.world),
        "bare": partial(_bare_step, place.bare),
    }
    done: list[Spent] = []
    for number in range(BLOCKS):
        for name in systems if number % 2 == 0 else reversed(systems):
            spent = await _block(systems[name], place.postmaster, at_once=at_once, name=(name, number))
            print(
                f"  {at_once} steps, block {number} {name}: {summary(spent.wall_ms).p50:.2f} ms", flush=True
            )
            done.append(spent)
    return [spent for spent in done if spent.block > 0]


async def _block(step: Step, postmaster: int, *, at_once: int, name: tuple[str, int]) -> Spent:
    system, number = name
    steps = AT_ONCE[at_once]
    own, postgres = time.process_time(), footprint("postgres", postmaster).cpu_s
    walls: list[float] = []
    for _ in range(steps // at_once):
        for one in await asyncio.gather(*(step() for _ in range(at_once))):
            walls += one
    own, postgres = time.process_time() - own, footprint("postgres", postmaster).cpu_s - postgres
    calls = steps * CALLS
    return Spent(system, number, walls, own / calls * 1_000, postgres / calls * 1_000)


async def _journaled_step(world: World) -> list[float]:
    """Start a run, claim its step and make the calls; viewers have been told of all of them at the end."""
    run = await world.start(STEP)
    await world.advance(run)
    claim = await world.claim(run, "s")
    stop = StopSignal()
    step = StepRef(run.id, "s", attempt=1, exec=claim.exec or 0)
    calls = JournaledCalls(StoredCallJournal(world.guard), step, stop)
    model: ModelCaller = JournaledModel(ScriptedModel(ANSWER), calls)
    walls: list[float] = []
    for number in range(CALLS):
        request = ModelRequest(messages=ask(f"{number} {PROMPT}"))
        began = time.perf_counter()
        answer = await model.stream(request, on_delta=_nobody, stop=stop)
        walls.append((time.perf_counter() - began) * 1_000)
        if answer.text != ANSWER:
            raise RuntimeError("the journal gave another answer")
    await world.relay.settled(run.id)
    return walls


async def _bare_step(pool: "asyncpg.Pool[asyncpg.Record]") -> list[float]:
    walls: list[float] = []
    run_id = str(time.time_ns())
    async with pool.acquire() as connection:
        for number in range(CALLS):
            began = time.perf_counter()
            async with connection.transaction():
                await connection.execute("SET LOCAL synchronous_commit = off")
                await connection.execute(INSERT, run_id, number)
            await connection.execute(UPDATE, run_id, number, ANSWER)
            walls.append((time.perf_counter() - began) * 1_000)
    return walls


def _nobody(_text: str) -> None:
    """Nobody watches."""


@asynccontextmanager
async def _place() -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="flowloom-bench-")))
        redis = connect_redis(stack.enter_context(running_valkey(folder)))
        stack.push_async_callback(redis.aclose)
        port = stack.enter_context(running_postgres(is_durable=True))
        addresses = await service_database(port, "orchestrator")
        await migrate(addresses.owner_url)
        database = Database(addresses.url, workspace=EVERY_WORKSPACE, pool_size=10)
        stack.push_async_callback(database.close)
        pool = await stack.enter_async_context(
            asyncpg.create_pool(host="127.0.0.1", port=port, user="postgres", min_size=10, max_size=10)
        )
        await pool.execute(TABLE)
        backend = psutil.Process(await pool.fetchval("SELECT pg_backend_pid()"))
        world = await stack.enter_async_context(a_world(stores_on(database), streams=RedisStreams(redis)))
        yield Place(world, pool, backend.ppid())
