"""B-ORC-4: from a run that is accepted to its first step that runs, in an open loop."""

import asyncio

from pydantic import JsonValue

from benchmarks.bare_engine.site import BareEngine, bare_engine
from benchmarks.core.results import Result, Target
from benchmarks.core.site import Site, running_site
from benchmarks.core.statistics import ratio, summary
from benchmarks.documents import one_agent
from flowloom_contracts.events import RunEventList

ID = "B-ORC-4"
BLOCKS = 6
RUNS = 25
EVERY_S = 0.2
"""A run begins every so often, whether the one before has ended or not."""

NOTES = [
    "Ours: `at` of run.accepted to `at` of step.started of one agent step, five runs a second.",
    "Baseline: schedule_new_workflow to the body of its first activity, at the same rate.",
]


async def measure() -> Result:
    """Interleave both, drop the first block, compare medians block by block."""
    medians: dict[str, list[float]] = {"ours": [], "bare": []}
    samples: dict[str, list[float]] = {"ours": [], "bare": []}
    rows: list[dict[str, JsonValue]] = []
    async with running_site(mock="step") as site, bare_engine(site) as engine:
        workflow = await site.save(one_agent())
        for block in range(BLOCKS):
            found = {"ours": await _ours(site, workflow), "bare": await _bare(engine)}
            if block == 0:
                continue
            for name, values in found.items():
                medians[name].append(summary(values).p50)
                samples[name] += values
                rows += [{"block": block, "system": name, "ms": value} for value in values]
    compared = ratio(medians["ours"], medians["bare"])
    ours = summary(samples["ours"])
    figures: dict[str, JsonValue] = {
        "ms": {name: summary(values).model_dump() for name, values in samples.items()},
        "ratio": compared.model_dump(),
    }
    targets = [
        Target(name="to the engine's own", value=compared.median, limit=1.5, higher_is_better=False),
        Target(name="p99 ms", value=ours.p99, limit=200, higher_is_better=False),
    ]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


async def _ours(site: Site, workflow: str) -> list[float]:
    async def once(number: int) -> float:
        await asyncio.sleep(number * EVERY_S)
        run_id = await site.run_to_end(workflow, {"text": "amber"})
        answer = await site.http.get(f"/v1/runs/{run_id}/events", params={"limit": 100})
        events = RunEventList.model_validate_json(answer.content).items
        at = {event.type: event.at for event in reversed(events)}
        return (at["step.started.v1"] - at["run.accepted.v1"]).total_seconds() * 1000

    return list(await asyncio.gather(*(once(number) for number in range(RUNS))))


async def _bare(engine: BareEngine) -> list[float]:
    async def once(number: int) -> float:
        await asyncio.sleep(number * EVERY_S)
        return await engine.pick_up_ms()

    return list(await asyncio.gather(*(once(number) for number in range(RUNS))))
