"""B-ORC-8: memory and processor time of the whole platform while nothing happens."""

import asyncio

from benchmarks.core.memory import of_platform, total_gib
from benchmarks.core.results import Result, Target
from benchmarks.core.site import running_site
from benchmarks.documents import agents4

ID = "B-ORC-8"
IDLE_S = 120
LIMIT_GIB = 2.3
LIMIT_CPU = 0.03
NOTES = [
    "Without the local model, after one run of all four agents, so that what is loaded lazily is loaded.",
    f"Measured after {IDLE_S} s of idleness, PSS of every process and its children (smaps_rollup).",
]


async def measure() -> Result:
    """Run every agent once, wait, add up."""
    async with running_site(mock="step") as site:
        await site.run_to_end(await site.save(agents4()), {"text": "amber basin cedar"})
        before = of_platform(site.platform)
        await asyncio.sleep(IDLE_S)
        after = of_platform(site.platform)
    used = {name: (item.cpu_s - before[name].cpu_s) / IDLE_S for name, item in after.items()}
    total, cpu = total_gib(after.values()), sum(used.values())
    return Result(
        id=ID,
        figures={"pss_gib": total, "cpu_share_of_a_core": cpu},
        targets=[
            Target(name="PSS, GiB", value=total, limit=LIMIT_GIB, higher_is_better=False),
            Target(name="CPU of a core", value=cpu, limit=LIMIT_CPU, higher_is_better=False),
        ],
        notes=NOTES,
        rows=[{**item.model_dump(), "cpu_share": used[name]} for name, item in after.items()],
    )
