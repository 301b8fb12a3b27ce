"""B-STR-1: from the moment the mock model sends a token to the moment a client of the platform has it."""

import asyncio
import json
import time

from pydantic import JsonValue

from benchmarks.core.memory import CpuMeter
from benchmarks.core.results import Result, Target
from benchmarks.core.site import Site, running_site
from benchmarks.core.statistics import summary
from benchmarks.documents import talk
from benchmarks.streaming.tokens import TOKEN, sent_times

ID = "B-STR-1"
LIMIT_P95_MS = 25.0
ROUNDS = {1: 12, 20: 4}
"""How often so many viewers watch a run each, one after the other; the first round is dropped."""

STREAM_S = 4.0
"""How long a run streams; the viewers begin spread over it, so that starts and streams mix evenly."""

NOTES = [
    "Client: SSE of the public interface in the generator's process. 200 tokens at 50 a second in each run.",
    "The runs in flight stay as many all the time: who has seen a run to its end starts the next.",
    "first: the model's first token. any: every token, by the time it carries; one clock.",
]


async def measure() -> Result:
    """Stream with 1 and with 20 runs."""
    figures: dict[str, JsonValue] = {}
    targets: list[Target] = []
    rows: list[dict[str, JsonValue]] = []
    async with running_site(mock="stream") as site:
        workflow = await site.save(talk())
        for runs, rounds in ROUNDS.items():
            meter, began, own = CpuMeter(site.platform), time.monotonic(), time.process_time()
            with meter:
                watched = [
                    _watch(site, workflow, after_s=STREAM_S * n / runs, rounds=rounds) for n in range(runs)
                ]
                read = [one for many in await asyncio.gather(*watched) for one in many]
            firsts = [one[0] for one in read]
            delays = [delay for one in read for delay in one]
            rows += [{"runs": runs, "first_ms": first} for first in firsts]
            figures[f"runs={runs}"] = {
                "first_ms": summary(firsts).model_dump(),
                "any_ms": summary(delays).model_dump(),
                "share_of_a_core": _shares(meter, time.monotonic() - began),
                "generator_share": round((time.process_time() - own) / (time.monotonic() - began), 3),
            }
            for name, values in (("first", firsts), ("any", delays)):
                targets.append(
                    Target(
                        name=f"{name} token p95, {runs} runs, ms",
                        value=summary(values).p95,
                        limit=LIMIT_P95_MS,
                        higher_is_better=False,
                    )
                )
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


async def _watch(site: Site, workflow: str, *, after_s: float, rounds: int) -> list[list[float]]:
    """Run one stream after the other, the first at its own time; leave out that one."""
    await asyncio.sleep(after_s)
    return [await _delays(site, workflow) for _ in range(rounds)][1:]


def _shares(meter: CpuMeter, seconds: float) -> dict[str, JsonValue]:
    return {name: round(used / seconds, 3) for name, used in meter.seconds.items()}


async def _delays(site: Site, workflow: str) -> list[float]:
    run_id = await site.start(workflow, {"text": "go"})
    delays: list[float] = []
    rest = ""
    async for raw in site.events(run_id):
        now = time.time_ns()
        event = json.loads(raw)
        if event["type"] != "step.delta.v1":
            continue
        rest += event["data"]["text"]
        delays += [(now - sent) / 1e6 for sent in sent_times(rest)]
        rest = TOKEN.sub("", rest)
    if len(delays) != 200:
        raise RuntimeError(f"{len(delays)} tokens of 200 arrived")
    return delays
