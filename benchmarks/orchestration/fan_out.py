"""B-ORC-2: a step, twenty beside each other, one that joins them, against twenty empty activities."""

from functools import partial

from benchmarks.bare_engine.site import bare_engine
from benchmarks.core import blocks
from benchmarks.core.comparison import compared
from benchmarks.core.load import closed_loop
from benchmarks.core.results import Result
from benchmarks.core.site import running_site
from benchmarks.documents import fan20

ID = "B-ORC-2"
RUNS = {1: 6, 10: 20}
"""Runs of one block, by how many are in flight."""

WIDTH = 20
NOTES = [
    "Ours: POST the run, follow its SSE stream to the end; twenty calls of the mock model, journal and"
    " history kept. Baseline: a workflow of twenty empty activities at once, on the same stores.",
    "System and Postgres on core 0, mock and generator on core 1.",
]


async def measure() -> Result:
    """Run both systems in interleaved blocks, one and ten in flight."""
    result = Result(id=ID, figures={}, targets=[], notes=NOTES)
    async with running_site(mock="step") as site, bare_engine(site) as engine:
        workflow = await site.save(fan20())

        async def ours(_number: int) -> None:
            await site.run_to_end(workflow, {"text": "amber basin cedar"})

        async def bare(_number: int) -> None:
            await engine.fan(WIDTH)

        for at_once, total in RUNS.items():
            load = partial(closed_loop, total=total, at_once=at_once)
            done = await blocks.interleaved({"ours": partial(load, ours), "bare": partial(load, bare)})
            result = compared(result, done, against="bare", at_once=at_once, target=("", 0.75))
    return result
