"""B-API-2: processor time of a read that needs no store, against a FastAPI hello, with sixteen at once."""

import asyncio
from functools import partial

from pydantic import JsonValue

from benchmarks.api.hello_server import running_hello
from benchmarks.api.reader import UNLIMITED, reading
from benchmarks.core.blocks import MIN_BLOCKS, interleaved_figures
from benchmarks.core.kept_connections import Asking, asking, request_text
from benchmarks.core.load import closed_loop
from benchmarks.core.memory import footprint
from benchmarks.core.results import Result, Target
from benchmarks.core.site import Site, running_site
from benchmarks.core.statistics import ratio, summary

ID = "B-API-2"
AT_ONCE = 16
REQUESTS = 5_000
IDLE_S = 5
BLOCKS = MIN_BLOCKS + 1
LIMIT = 2.5
PATH = "/v1/step-types"
PAIRS = {"known": "hello", "whole": "bytes"}
"""A read and the answer of the baseline it is compared with."""
NOTES = [
    f"Read: `GET {PATH}`, kept in the process: key judged, rates counted, answered under its entity tag.",
    "known: the caller has it (304), against a small JSON. whole: all of it, against as many bytes.",
    "Processor time of the gateway's process and of hello's (same server and options) per request.",
    "An API key that is looked up again every second; its one look-up a second is in the figure.",
    "What the gateway does while nobody asks (idle_share_of_a_core) is in its figure too.",
    "Closed loop of own kept connections; wrk is not needed, the generator has a core of its own.",
]


async def measure() -> Result:
    """Interleave reads and baselines and compare their costs block by block."""
    async with running_site(mock="step", env=UNLIMITED) as site, running_hello(site) as hello:
        pid = site.platform.pid("gateway")
        assert pid is not None
        whole = await reading(site, PATH, count=AT_ONCE)
        answer = await whole.once()
        size, tag = len(answer.body), (answer.header(b"etag") or b"").decode()
        askings = {
            "known": await _known(site, tag),
            "whole": whole,
            "hello": await _hello(hello.base_url, "/hello"),
            "bytes": await _hello(hello.base_url, f"/bytes/{size}"),
        }
        pids = {"known": pid, "whole": pid, "hello": hello.pid, "bytes": hello.pid}
        idle_share = await _idle_share(pid)
        costs = await interleaved_figures(
            {name: partial(_cost_us, one, pids[name]) for name, one in askings.items()}, blocks=BLOCKS
        )
        for one in askings.values():
            one.close()
    ratios = {read: ratio(costs[read], costs[baseline]) for read, baseline in PAIRS.items()}
    figures: dict[str, JsonValue] = {
        "cpu_us_per_request": {name: round(summary(values).p50, 1) for name, values in costs.items()},
        "ratio": {read: found.model_dump() for read, found in ratios.items()},
        "bytes_of_whole": size,
        "idle_share_of_a_core": round(idle_share, 4),
    }
    targets = [
        Target(name=f"{read} ÷ {PAIRS[read]}", value=found.median, limit=LIMIT, higher_is_better=False)
        for read, found in ratios.items()
    ]
    rows: list[dict[str, JsonValue]] = [
        {"system": name, "block": number, "cpu_us": value}
        for name, values in costs.items()
        for number, value in enumerate(values, start=1)
    ]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


async def _known(site: Site, tag: str) -> Asking:
    return await reading(site, PATH, count=AT_ONCE, expected=304, more={"if-none-match": tag})


async def _hello(base_url: str, path: str) -> Asking:
    return await asking(base_url, request_text(base_url, path), count=AT_ONCE)


async def _idle_share(pid: int) -> float:
    before = footprint("", pid).cpu_s
    await asyncio.sleep(IDLE_S)
    return (footprint("", pid).cpu_s - before) / IDLE_S


async def _cost_us(asked: Asking, pid: int) -> float:
    """Ask many times and return what one answer cost a process."""

    async def once(_: int) -> None:
        await asked.once()

    before = footprint("", pid).cpu_s
    await closed_loop(once, total=REQUESTS, at_once=AT_ONCE)
    return (footprint("", pid).cpu_s - before) / REQUESTS * 1e6
