"""B-ORC-5: what step k costs in a long run: in one `advance`, and through the engine's histories."""

from datetime import datetime
from itertools import pairwise
from statistics import median

from pydantic import JsonValue

from benchmarks.core.results import Result, Target
from benchmarks.core.site import Site, running_site
from benchmarks.core.statistics import summary
from benchmarks.documents import loop_of_agents, loop_of_calls
from flowloom_contracts.events import RunEventList, StepMilestone

ID = "B-ORC-5"
CALLS = 1_000
AGENTS = 600
PARALLEL = 4
LIMIT = 1.15
NOTES = [
    "Time between the ends of inner steps, by place in the run; medians of the last and the first tenth.",
    f"Calls: {CALLS} items, one `llm` step each, one after the other, in one `advance`.",
    f"Agents: {AGENTS} items, one agent step each, {PARALLEL} at a time, over many histories of the driver.",
]


async def measure() -> Result:
    """Run each once after a short one that warms up."""
    figures: dict[str, JsonValue] = {}
    targets: list[Target] = []
    rows: list[dict[str, JsonValue]] = []
    async with running_site(mock="step") as site:
        for name, source, warm_up in (
            ("calls", loop_of_calls(CALLS), loop_of_calls(50)),
            ("agents", loop_of_agents(AGENTS, PARALLEL), loop_of_agents(40, PARALLEL)),
        ):
            await site.run_to_end(await site.save(warm_up), {"text": "amber"})
            gaps = await _gaps(site, await site.save(source))
            tenth = len(gaps) // 10
            first, last = median(gaps[:tenth]), median(gaps[-tenth:])
            figures[name] = {
                "gap_ms": summary(gaps).model_dump(),
                "first_tenth_ms": first,
                "last_tenth_ms": last,
            }
            targets.append(
                Target(name=f"{name}, last to first", value=last / first, limit=LIMIT, higher_is_better=False)
            )
            rows += [{"kind": name, "k": place, "ms": gap} for place, gap in enumerate(gaps, start=1)]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


async def _gaps(site: Site, workflow: str) -> list[float]:
    run_id = await site.run_to_end(workflow, {"text": "amber basin cedar delta"})
    ends: list[datetime] = []
    cursor = "0"
    while cursor:
        query: dict[str, str | int] = {"limit": 5000, "after": cursor}
        answer = await site.http.get(f"/v1/runs/{run_id}/events", params=query)
        page = RunEventList.model_validate_json(answer.content)
        ends += [
            event.at
            for event in page.items
            if isinstance(event, StepMilestone)
            and event.type == "step.finished.v1"
            and event.step.endswith("].s")
        ]
        cursor = page.next_cursor or ""
    return [(later - earlier).total_seconds() * 1000 for earlier, later in pairwise(sorted(ends))]
