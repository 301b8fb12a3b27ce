"""B-OPS-3: what it costs to be watched: processor time with and without Prometheus, idle and at work."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Final

import httpx
from pydantic import JsonValue

from benchmarks.core.load import open_loop
from benchmarks.core.memory import CpuMeter
from benchmarks.core.results import Result, Target
from benchmarks.core.site import PORT_BASE, Site, running_site
from benchmarks.documents import chain5
from benchmarks.operations.watchers import Watchers, addresses, scrapes, watching
from flowloom_cli.topology import HOST
from flowloom_contracts.base import JsonObject

ID: Final = "B-OPS-3"
BLOCK_S: Final = 30.0
PAIRS: Final = 3
RUNS_PER_S: Final = 3.0
SCRAPES: Final = 40
SCRAPED_EVERY_S: Final = 15
LIMIT_PERCENT: Final = 3.0
TEXT: Final[JsonObject] = {"text": "amber basin cedar"}
NOTES: Final = [
    "Prometheus and both exporters with the committed rules and intervals (15 s, rules each 30 s). Blocks of"
    f" {BLOCK_S:.0f} s, watched and not in turn; not watched, the three are stopped by a signal.",
    "What scrapes add to the platform is smaller than what differs between two blocks, so it is measured by"
    f" itself: everything of the platform read {SCRAPES} times. Target: the three, and a scrape each 15 s.",
    f"At work: {RUNS_PER_S:.0f} runs a second of five model steps. Without Grafana, logs and traces, and"
    " without what Prometheus does with days of data. The orchestrator counts its figures in both.",
]


@dataclass(frozen=True)
class Block:
    """Processor seconds of one stretch of time."""

    work: str
    watched: bool
    wall_s: float
    platform_s: float
    watchers_s: float

    @property
    def row(self) -> dict[str, JsonValue]:
        return {
            "work": self.work,
            "watched": self.watched,
            "wall_s": round(self.wall_s, 2),
            "platform_s": round(self.platform_s, 3),
            "watchers_s": round(self.watchers_s, 3),
            "load": round(os.getloadavg()[0], 2),
        }


async def measure() -> Result:
    """Measure pairs of blocks without work, then with it."""
    blocks: list[Block] = []
    rows: list[dict[str, JsonValue]] = []
    with tempfile.TemporaryDirectory(prefix="flowloom-watch-", ignore_cleanup_errors=True) as folder:
        async with running_site(mock="step") as site:
            workflow = await site.save(chain5())
            await site.run_to_end(workflow, TEXT)
            async with watching(site.platform, Path(folder), port_base=PORT_BASE) as watchers:
                for name, work in {"idle": _nothing, "at work": _runs(site, workflow)}.items():
                    for number in range(2 * PAIRS):
                        block = await _block(site, watchers, name, work, watched=number % 2 == 1)
                        blocks.append(block)
                        rows.append(block.row)
                        print(f"  {block.row}", flush=True)
                watchers.pause()
                scrape_s = await _scrape(site)
    watchers_share = mean(block.watchers_s / block.wall_s for block in blocks if block.watched)
    expected = 100 * (watchers_share + scrape_s / SCRAPED_EVERY_S) / (os.cpu_count() or 1)
    figures: dict[str, JsonValue] = {"scrape_of_everything_cpu_s": round(scrape_s, 4)}
    targets = [
        Target(name="watching, % of all cores", value=expected, limit=LIMIT_PERCENT, higher_is_better=False)
    ]
    for name in ("idle", "at work"):
        figures[name] = _cost([block for block in blocks if block.work == name])
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


async def _nothing() -> None:
    await asyncio.sleep(BLOCK_S)


def _runs(site: Site, workflow: str) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        await open_loop(lambda: site.run_to_end(workflow, TEXT), per_second=RUNS_PER_S, seconds=BLOCK_S)

    return work


async def _block(
    site: Site, watchers: Watchers, name: str, work: Callable[[], Awaitable[None]], *, watched: bool
) -> Block:
    """Do one block; `watched` lets the programs run meanwhile."""
    if not watched:
        watchers.pause()
    before, began = watchers.footprints(), time.monotonic()
    meter = CpuMeter(site.platform)
    with meter:
        await work()
    wall_s = time.monotonic() - began
    used = sum(after.cpu_s - before[one].cpu_s for one, after in watchers.footprints().items())
    watchers.go_on()
    return Block(name, watched, wall_s, sum(meter.seconds.values()), used)


async def _scrape(site: Site) -> float:
    """Read everything that Prometheus reads of the platform, many times; return processor seconds of one."""
    jobs = scrapes(site.platform.topology, postgres=0, redis=0)
    urls = [url for job in jobs for url in addresses(job) if not url.startswith(f"http://{HOST}:0/")]
    meter = CpuMeter(site.platform)
    async with httpx.AsyncClient(trust_env=False) as client:
        with meter:
            for _ in range(SCRAPES):
                for url in urls:
                    (await client.get(url)).raise_for_status()
    return sum(meter.seconds.values()) / SCRAPES


def _cost(blocks: list[Block]) -> dict[str, JsonValue]:
    """Return the figures of one kind of work, in cores; the spread tells what a difference is worth."""
    seen = [block.platform_s / block.wall_s for block in blocks if block.watched]
    unseen = [block.platform_s / block.wall_s for block in blocks if not block.watched]
    return {
        "platform": round(mean(unseen), 4),
        "platform_watched": round(mean(seen), 4),
        "spread": round(max(*seen, *unseen) - min(*seen, *unseen), 4),
        "watchers": round(mean(block.watchers_s / block.wall_s for block in blocks if block.watched), 4),
    }
