"""B-ORC-3: from the end of a step to the start of the next, against one round trip of an empty activity."""

from datetime import datetime
from itertools import pairwise

from pydantic import JsonValue

from benchmarks.bare_engine.site import BareEngine, bare_engine
from benchmarks.core.results import Result, Target
from benchmarks.core.site import Site, running_site
from benchmarks.core.statistics import ratio, summary
from benchmarks.documents import agents4, chain5
from flowloom_contracts.events import RunEventList, StepMilestone

ID = "B-ORC-3"
BLOCKS = 6
RUNS = 8
LIMITS = {"local": 0.3, "agent": 2.5}
NOTES = [
    "Gap: `at` of step.finished of one step to `at` of step.started of the next, one run at a time.",
    "Round trip: from the body of one empty activity to the body of the next in the bare engine.",
]


async def measure() -> Result:
    """Interleave the three, drop the first block, compare medians block by block."""
    medians: dict[str, list[float]] = {"local": [], "agent": [], "bare": []}
    samples: dict[str, list[float]] = {"local": [], "agent": [], "bare": []}
    rows: list[dict[str, JsonValue]] = []
    async with running_site(mock="step") as site, bare_engine(site) as engine:
        documents = {"local": await site.save(chain5()), "agent": await site.save(agents4())}
        for block in range(BLOCKS):
            found = {"bare": await _round_trips(engine)}
            for kind, workflow in documents.items():
                found[kind] = await _gaps(site, workflow)
            if block == 0:
                continue
            for kind, values in found.items():
                medians[kind].append(summary(values).p50)
                samples[kind] += values
                rows += [{"block": block, "kind": kind, "ms": value} for value in values]
    compared = {kind: ratio(medians[kind], medians["bare"]) for kind in LIMITS}
    everything = {kind: summary(values).model_dump() for kind, values in samples.items()}
    figures: dict[str, JsonValue] = {
        "ms": {**everything},
        "ratio": {kind: value.model_dump() for kind, value in compared.items()},
    }
    targets = [
        Target(name=f"{kind} to {kind}", value=compared[kind].median, limit=limit, higher_is_better=False)
        for kind, limit in LIMITS.items()
    ]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


async def _round_trips(engine: BareEngine) -> list[float]:
    gaps: list[float] = []
    for _ in range(RUNS):
        times = await engine.chain(5)
        gaps += [(later - earlier) / 1e6 for earlier, later in pairwise(times)]
    return gaps


async def _gaps(site: Site, workflow: str) -> list[float]:
    gaps: list[float] = []
    for _ in range(RUNS):
        run_id = await site.run_to_end(workflow, {"text": "amber basin cedar delta"})
        answer = await site.http.get(f"/v1/runs/{run_id}/events", params={"limit": 5000})
        gaps += _gaps_of(RunEventList.model_validate_json(answer.content))
    return gaps


def _gaps_of(events: RunEventList) -> list[float]:
    gaps: list[float] = []
    finished: datetime | None = None
    for event in events.items:
        if not isinstance(event, StepMilestone):
            continue
        if event.type == "step.finished.v1":
            finished = event.at
        elif event.type == "step.started.v1" and finished is not None:
            gaps.append((event.at - finished).total_seconds() * 1000)
            finished = None
    return gaps
