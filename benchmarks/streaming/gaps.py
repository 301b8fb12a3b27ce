"""B-STR-2: how much less evenly tokens come through the platform than straight from the mock model."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import Final

import httpx
from pydantic import JsonValue

from benchmarks.core.blocks import MIN_BLOCKS
from benchmarks.core.results import Result, Target
from benchmarks.core.site import MOCK_PORT, Site, running_site
from benchmarks.core.statistics import difference, summary
from benchmarks.documents import talk
from benchmarks.streaming.tokens import TOKEN

ID: Final = "B-STR-2"
BLOCKS: Final = MIN_BLOCKS + 1
STREAMS: Final = 20
TOKENS: Final = 200
STREAM_S: Final = 4.0
LIMIT_MS: Final = 20.0
SYSTEMS: Final = ("ours", "mock")
NOTES: Final = [
    "Twenty streams of 200 tokens at 50 a second, begun spread over the length of one. Gap error: how far",
    "the time between two tokens at the reader is from the time between their sendings, which tokens",
    "carry. ours: runs of one llm step, read by server-sent events. mock: the same stream read straight",
    "from the mock model by httpx. Both readers in the generator's process, in turns. Added: p99 of ours",
    "- p99 of the mock, block by block. Tokens that come in one event have no time between them, which",
    "counts as an error too.",
]

Seen = list[tuple[int, int, int]]
"""Of each token its number, when it was sent and when it was read, in nanoseconds."""

Read = Callable[[], Awaitable[Seen]]


async def measure() -> Result:
    """Read twenty streams at once, through the platform and from the mock, in turns."""
    done: dict[str, list[list[float]]] = {system: [] for system in SYSTEMS}
    wrong = {system: {"lost": 0, "reordered": 0} for system in SYSTEMS}
    async with running_site(mock="stream") as site, httpx.AsyncClient(timeout=60, trust_env=False) as bare:
        readers = _readers(site, await site.save(talk()), bare)
        for number in range(BLOCKS):
            for system in SYSTEMS if number % 2 == 0 else SYSTEMS[::-1]:
                read = await asyncio.gather(*(_later(readers[system], place) for place in range(STREAMS)))
                errors = [error for seen in read for error in gap_errors(seen)]
                for seen in read:
                    wrong[system]["lost"] += TOKENS - len({n for n, _, _ in seen})
                    wrong[system]["reordered"] += out_of_order(seen)
                print(f"  block {number} {system}: p99 {summary(errors).p99:.2f} ms", flush=True)
                if number > 0:
                    done[system].append(errors)
    return _result(done, wrong)


def gap_errors(seen: Seen) -> list[float]:
    """Return of each token but the first how far its distance to the one before is off, in milliseconds."""
    ordered = sorted(seen)
    pairs = pairwise(ordered)
    return [abs((read - read0) - (sent - sent0)) / 1e6 for (_, sent0, read0), (_, sent, read) in pairs]


def out_of_order(seen: Seen) -> int:
    """Return how many tokens came after one with a higher number, or a second time."""
    numbers = [n for n, _, _ in seen]
    return sum(after <= before for before, after in pairwise(numbers))


def _result(done: dict[str, list[list[float]]], wrong: dict[str, dict[str, int]]) -> Result:
    p99 = {system: [summary(block).p99 for block in blocks] for system, blocks in done.items()}
    added = difference(p99["ours"], p99["mock"])
    figures: dict[str, JsonValue] = {
        system: summary([error for block in blocks for error in block]).model_dump()
        for system, blocks in done.items()
    }
    figures |= {"added p99": added.model_dump(), **{f"wrong, {name}": {**of} for name, of in wrong.items()}}
    targets = [
        Target(name="added p99 gap, ms", value=added.median, limit=LIMIT_MS, higher_is_better=False),
        *(
            Target(name=f"tokens {name}", value=count, limit=0, higher_is_better=False)
            for name, count in wrong["ours"].items()
        ),
    ]
    rows: list[dict[str, JsonValue]] = [
        {"system": system, "block": number, **summary(block).model_dump()}
        for system, blocks in done.items()
        for number, block in enumerate(blocks, start=1)
    ]
    return Result(id=ID, figures=figures, targets=targets, notes=list(NOTES), rows=rows)


async def _later(read: Read, place: int) -> Seen:
    await asyncio.sleep(STREAM_S * place / STREAMS)
    return await read()


def _readers(site: Site, workflow: str, bare: httpx.AsyncClient) -> dict[str, Read]:
    async def ours() -> Seen:
        seen: Seen = []
        rest = ""
        async for raw in site.events(await site.start(workflow, {"text": "go"})):
            now = time.time_ns()
            event = json.loads(raw)
            if event["type"] == "step.delta.v1":
                rest += event["data"]["text"]
                seen += tokens_in(rest, now)
                rest = TOKEN.sub("", rest)
        return seen

    async def mock() -> Seen:
        seen: Seen = []
        body = {"model": "mock", "stream": True, "messages": [{"role": "user", "content": "go"}]}
        url = f"http://127.0.0.1:{MOCK_PORT}/v1/chat/completions"
        async with bare.stream("POST", url, json=body) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                seen += tokens_in(line, time.time_ns())
        return seen

    return {"ours": ours, "mock": mock}


def tokens_in(text: str, now: int) -> Sequence[tuple[int, int, int]]:
    """Return the whole tokens of a text that is read now."""
    return [(int(found[1]), int(found[2]), now) for found in TOKEN.finditer(text)]
