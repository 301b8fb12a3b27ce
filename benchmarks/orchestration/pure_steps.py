"""B-ORC-7: five steps that only compute, inside one `advance`, against five activities of the engine."""

import time

from pydantic import JsonValue

from benchmarks.bare_engine.site import BareEngine, bare_engine
from benchmarks.core.results import Result, Target
from benchmarks.core.site import Site, running_site
from benchmarks.core.statistics import ratio, summary
from benchmarks.documents import pure

ID = "B-ORC-7"
BLOCKS = 6
RUNS = 10
STEPS = 5
LONGER = 100
"""Steps more than in the short chain: the difference is their cost alone, without start and viewers."""

NOTES = [
    f"Ours: a run of {STEPS + LONGER} transforms minus one of {STEPS}, per {STEPS} steps; all are stored.",
    f"Baseline: a workflow of {2 * STEPS} empty activities minus one of {STEPS}.",
    "Python: the same five additions without any store, for scale.",
]


async def measure() -> Result:
    """Interleave both, drop the first block, compare medians block by block."""
    medians: dict[str, list[float]] = {"ours": [], "bare": []}
    rows: list[dict[str, JsonValue]] = []
    async with running_site(mock="step") as site, bare_engine(site) as engine:
        short, long = await site.save(pure(STEPS)), await site.save(pure(STEPS + LONGER))
        for block in range(BLOCKS):
            found = {"ours": await _ours(site, short, long), "bare": await _bare(engine)}
            if block == 0:
                continue
            for name, value in found.items():
                medians[name].append(value)
                rows.append({"block": block, "system": name, "ms": value})
    compared = ratio(medians["bare"], medians["ours"])
    figures: dict[str, JsonValue] = {
        "ms_per_5_steps": {name: summary(values).model_dump() for name, values in medians.items()},
        "python_ms": _python(),
        "ratio": compared.model_dump(),
    }
    target = Target(name="times as fast", value=compared.median, limit=20, higher_is_better=True)
    return Result(id=ID, figures=figures, targets=[target], notes=NOTES, rows=rows)


async def _ours(site: Site, short: str, long: str) -> float:
    seen = {}
    for workflow in (short, long):
        times = []
        for _ in range(RUNS):
            began = time.perf_counter()
            await site.run_to_end(workflow, {"text": "amber"})
            times.append((time.perf_counter() - began) * 1000)
        seen[workflow] = summary(times).p50
    return (seen[long] - seen[short]) / LONGER * STEPS


async def _bare(engine: BareEngine) -> float:
    seen = {}
    for activities in (STEPS, 2 * STEPS):
        times = []
        for _ in range(RUNS):
            began = time.perf_counter()
            await engine.chain(activities)
            times.append((time.perf_counter() - began) * 1000)
        seen[activities] = summary(times).p50
    return seen[2 * STEPS] - seen[STEPS]


def _python() -> float:
    began, value = time.perf_counter(), 0
    for _ in range(1_000):
        for _ in range(STEPS):
            value += 1
    return time.perf_counter() - began
