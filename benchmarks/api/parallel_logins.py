"""B-API-6: what fifty people who sign in at once do to the latency of everybody else."""

import itertools
import os

from pydantic import JsonValue

from benchmarks.api.people import Crowd, add_people, gather_crowd
from benchmarks.api.reader import UNLIMITED, reading, workspace_of
from benchmarks.core.blocks import MIN_BLOCKS, Block, interleaved, latencies, of
from benchmarks.core.kept_connections import Asking
from benchmarks.core.load import open_loop
from benchmarks.core.memory import CpuMeter
from benchmarks.core.results import Result, Target
from benchmarks.core.site import running_site
from benchmarks.core.statistics import ratio, summary
from benchmarks.documents import pure

ID = "B-API-6"
PEOPLE = 50
PER_SECOND = 60
BLOCK_S = 8.0
BLOCKS = MIN_BLOCKS + 1
CONNECTIONS = 5
LIMIT = 1.3
NOTES = [
    "Others: the list of workflows, who am I, the snapshot of a run, in turn, open loop, with an API key.",
    "busy: fifty people sign in, each from a loopback address of their own, and again once they are in;",
    "who is refused (429) comes back after Retry-After. quiet: the same reads and nobody signs in.",
    "Argon2id of 64 MiB in a process, whole system on one core. Figures are of the API key's reads only.",
    "Never start it with `nice`: what hashes must be behind everything else.",
    "The ratio is the median of the blocks' p99; the p99 of all reads together stands beside it.",
]


async def measure() -> Result:
    """Interleave quiet and busy blocks and compare their p99."""
    async with running_site(mock="step", env=UNLIMITED) as site:
        run_id = await site.run_to_end(await site.save(pure(5)), {"text": "amber"})
        paths = ("/v1/workflows?limit=50", "/v1/me", f"/v1/runs/{run_id}/snapshot")
        others = [await reading(site, path, count=CONNECTIONS) for path in paths]
        crowd = await gather_crowd(site, await add_people(site, await workspace_of(site), PEOPLE))
        meter = CpuMeter(site.platform)

        async def busy() -> list[float]:
            with meter:
                return await _busy(others, crowd)

        done = await interleaved({"quiet": lambda: _quiet(others), "busy": busy}, blocks=BLOCKS)
        crowd.close()
        for one in others:
            one.close()
    p99 = {name: _p99(done, name) for name in ("quiet", "busy")}
    found = ratio(p99["busy"], p99["quiet"])
    figures: dict[str, JsonValue] = {
        "latency_ms": {name: summary(latencies(done, name)).model_dump() for name in p99},
        "ratio_of_p99": found.model_dump(),
        "sign_ins": {str(status): count for status, count in crowd.answers.items()},
        "niceness": os.nice(0),
        "busy_cpu_s": {name: round(seconds, 2) for name, seconds in meter.seconds.items()},
    }
    target = Target(name="p99 busy ÷ quiet", value=found.median, limit=LIMIT, higher_is_better=False)
    rows: list[dict[str, JsonValue]] = [
        {"system": block.system, "block": block.number, "latency_ms": latency}
        for block in done
        for latency in block.latencies_ms
    ]
    return Result(id=ID, figures=figures, targets=[target], notes=NOTES, rows=rows)


async def _quiet(others: list[Asking]) -> list[float]:
    turns = itertools.cycle(others)
    return await open_loop(lambda: next(turns).once(), per_second=PER_SECOND, seconds=BLOCK_S)


async def _busy(others: list[Asking], crowd: Crowd) -> list[float]:
    before = crowd.answers[200]
    async with crowd.signing_in():
        found = await _quiet(others)
    if crowd.answers[200] == before:
        raise RuntimeError(f"nobody could sign in: {dict(crowd.answers)}")
    return found


def _p99(done: list[Block], system: str) -> list[float]:
    return [summary(block.latencies_ms).p99 for block in of(done, system)]
