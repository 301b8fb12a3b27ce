"""B-STR-6: what our provider layer adds to a bare stream of httpx from the same mock model server."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue

from benchmarks.core.blocks import MIN_BLOCKS
from benchmarks.core.results import Result, Target
from benchmarks.core.site import MOCK_PORT, SYSTEM_CORE, pin, running_mock
from benchmarks.core.statistics import difference, summary
from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from benchmarks.streaming.tokens import sent_times
from flowloom_modelkit.endpoint import model_client
from flowloom_modelkit.openai_api import OpenAICaller, request_body
from flowloom_modelkit.requests import ModelRequest, ask
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.stop import StopSignal

ID: Final = "B-STR-6"
BLOCKS: Final = MIN_BLOCKS + 1
TOKENS: Final = 40
PER_SECOND: Final = 50
STREAM_S: Final = TOKENS / PER_SECOND
STREAMS: Final = {1: 8, 20: 4}
"""How many streams follow each other in a block, by how many there are at once."""

LIMIT_P50_MS: Final = 2.0
LIMIT_P99_MS: Final = 5.0
SYSTEMS: Final = ("ours", "httpx")
SIGNS: Final = ("any", "first")
NOTES: Final = [
    "ours: modelkit's OpenAICaller over its own connections, a piece is there when `on_delta` gets it:",
    "address judged, limits, time-outs, JSON of every event, a signal that can stop it. httpx: a line is",
    "there when `aiter_lines` gives it; nothing is parsed. Both in one process, connections kept.",
    "The mock sends 40 tokens at 50 a second at fixed times, whatever the reader does. Streams at once",
    "begin spread over the length of one, and each is followed by the next at once.",
    "any: from the time that a token carries to its reader. first: from the begin of the call to the first",
    "token. Added: ours - httpx of each block, the median of the blocks. No platform; client on core 0,",
    "mock on core 1.",
]

Seen = list[tuple[int, str]]
"""When pieces arrived, in nanoseconds, and what they were; they are read once the stream has ended."""

Call = Callable[[], Awaitable[Seen]]


@dataclass
class Times:
    """What one system took in one block, in milliseconds."""

    system: str
    block: int
    any: list[float]
    first: list[float]


class Added(BaseModel):
    """What ours took more than httpx at one number of streams."""

    model_config = ConfigDict(frozen=True)

    figures: dict[str, JsonValue]
    targets: list[Target]


async def measure() -> Result:
    """Read with both, in turns, one stream and twenty at once."""
    figures: dict[str, JsonValue] = {}
    targets: list[Target] = []
    rows: list[dict[str, JsonValue]] = []
    async with _readers() as readers:
        for at_once, one_by_one in STREAMS.items():
            done = await _blocks(readers, at_once=at_once, one_by_one=one_by_one)
            added = judged(done, at_once=at_once)
            figures[f"streams={at_once}"] = added.figures
            targets += added.targets
            rows += [
                {
                    "streams": at_once,
                    "system": times.system,
                    "block": times.block,
                    "sign": sign,
                    **summary(getattr(times, sign)).model_dump(),
                }
                for times in done
                for sign in SIGNS
            ]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


def judged(done: Sequence[Times], *, at_once: int) -> Added:
    """Compare block by block; block 0, which warms up, does not count."""
    figures: dict[str, JsonValue] = {}
    targets: list[Target] = []
    for sign in SIGNS:
        of = {
            system: [
                getattr(times, sign) for times in done if times.system == system and times.block > 0
            ]
            for system in SYSTEMS
        }  # fmt: skip
        figures[sign] = {
            system: summary([value for block in blocks for value in block]).model_dump()
            for system, blocks in of.items()
        }
        for name, limit in (("p50", LIMIT_P50_MS), ("p99", LIMIT_P99_MS)):
            ours, theirs = ([getattr(summary(block), name) for block in of[system]] for system in SYSTEMS)
            found = difference(ours, theirs)
            figures[f"{sign} added {name}"] = found.model_dump()
            label = f"{sign} token, added {name}, streams={at_once}, ms"
            targets.append(Target(name=label, value=found.median, limit=limit, higher_is_better=False))
    return Added(figures=figures, targets=targets)


async def _blocks(readers: dict[str, Call], *, at_once: int, one_by_one: int) -> list[Times]:
    done: list[Times] = []
    for number in range(BLOCKS):
        for name in SYSTEMS if number % 2 == 0 else SYSTEMS[::-1]:
            times = Times(name, number, [], [])
            await asyncio.gather(
                *(
                    _streams(readers[name], times, one_by_one, after_s=place / at_once * STREAM_S)
                    for place in range(at_once)
                )
            )
            done.append(times)
            p50 = {sign: round(summary(getattr(times, sign)).p50, 3) for sign in SIGNS}
            print(f"  {at_once} streams, block {number} {name}: {p50}", flush=True)
    return done


async def _streams(call: Call, times: Times, count: int, *, after_s: float) -> None:
    await asyncio.sleep(after_s)
    for _ in range(count):
        began = time.time_ns()
        seen = await call()
        delays = [((arrived - sent) / 1e6, arrived) for arrived, piece in seen for sent in sent_times(piece)]
        if len(delays) != TOKENS:
            raise RuntimeError(f"{len(delays)} tokens of {TOKENS} arrived")
        times.any += [delay for delay, _ in delays]
        times.first.append((delays[0][1] - began) / 1e6)


@asynccontextmanager
async def _readers() -> AsyncIterator[dict[str, Call]]:
    url = f"http://127.0.0.1:{MOCK_PORT}"
    settings = ModelSettings.model_validate({"model_base_url": f"{url}/v1", "model_name": "mock"})
    request = ModelRequest(messages=ask("go"))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running_mock("stream"))
        pin([SYSTEM_CORE])
        mock = await stack.enter_async_context(MockModel(url))
        await mock.script(Rule(name="short", tokens=TOKENS, tokens_per_s=PER_SECOND))
        caller = OpenAICaller(await stack.enter_async_context(model_client(settings)), settings)
        bare = await stack.enter_async_context(httpx.AsyncClient(timeout=60, trust_env=False))

        async def ours() -> Seen:
            seen: Seen = []
            await caller.stream(
                request, on_delta=lambda text: seen.append((time.time_ns(), text)), stop=StopSignal()
            )
            return seen

        async def httpx_alone() -> Seen:
            seen: Seen = []
            body = request_body(request, settings)
            async with bare.stream("POST", f"{url}/v1/chat/completions", json=body) as answer:
                answer.raise_for_status()
                seen += [(time.time_ns(), line) async for line in answer.aiter_lines()]
            return seen

        yield {"ours": ours, "httpx": httpx_alone}
