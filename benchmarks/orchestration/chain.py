"""B-ORC-1 (a): five llm steps through the public interface against five empty activities of the engine."""

from collections.abc import Awaitable, Callable
from functools import partial

from pydantic import JsonValue

from benchmarks.bare_engine.site import bare_engine
from benchmarks.core import blocks
from benchmarks.core.comparison import compared
from benchmarks.core.load import closed_loop
from benchmarks.core.memory import CpuMeter
from benchmarks.core.results import Result
from benchmarks.core.site import running_site
from benchmarks.documents import chain5

ID = "B-ORC-1"
TEXT = ("amber basin cedar delta ember " * 7)[:200]
RUNS = {1: 20, 10: 60}
"""Runs of one block, by how many are in flight."""

NOTES = [
    "Ours: POST the run, follow its SSE stream to the end; five calls of the mock model, journal and"
    " history kept; a run survives SIGKILL (tests/integration/test_faults.py).",
    "Baseline (a): a workflow of five empty activities in a process with a sidecar of its own (each"
    " service's sidecar has its own worker), same Postgres, placement and scheduler; no model calls.",
    "System and Postgres on core 0, mock and generator on core 1.",
]

Once = Callable[[int], Awaitable[None]]
Load = Callable[[Once], Awaitable[list[float]]]


async def measure() -> Result:
    """Run both systems in interleaved blocks, one and ten in flight."""
    result = Result(id=ID, figures={}, targets=[], notes=NOTES)
    async with running_site(mock="step") as site, bare_engine(site) as engine:
        workflow = await site.save(chain5())

        async def ours(_number: int) -> None:
            await site.run_to_end(workflow, {"text": TEXT})

        async def bare(_number: int) -> None:
            await engine.chain(5)

        for at_once in RUNS:
            load = partial(closed_loop, total=RUNS[at_once], at_once=at_once)
            meter = CpuMeter(site.platform)

            async def metered(load: Load = load, meter: CpuMeter = meter) -> list[float]:
                with meter:
                    return await load(ours)

            done = await blocks.interleaved({"ours": metered, "bare": partial(load, bare)})
            counted = RUNS[at_once] * (blocks.MIN_BLOCKS + 1)
            cpu: JsonValue = {n: round(1000 * used / counted, 2) for n, used in meter.seconds.items()}
            result = compared(
                result,
                done,
                against="bare",
                at_once=at_once,
                target=("(a)", 1.2),
                more={"cpu_s_per_1000_runs": cpu},
            )
    return result
