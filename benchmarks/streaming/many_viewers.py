"""B-STR-3: what an event costs the gateway, of one run with 200 viewers and of 200 runs with one each."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from pydantic import JsonValue
from websockets.asyncio.client import connect

from benchmarks.api.reader import UNLIMITED
from benchmarks.core.memory import footprint
from benchmarks.core.results import Result, Target
from benchmarks.core.site import (
    GENERATOR_CORE,
    MOCK_PORT,
    PORT_BASE,
    ROOT,
    SYSTEM_CORE,
    Site,
    pin,
    process,
    running_site,
)
from benchmarks.core.statistics import ratio
from benchmarks.documents import talk
from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from benchmarks.streaming.viewers import Viewer, viewer
from flowloom_cli.supervision.readiness import accepts_connections, wait_ready

ID: Final = "B-STR-3"
VIEWERS: Final = 200
BLOCKS: Final = 4
WINDOW_S: Final = 5.0
WARM_UP_S: Final = 1.5
EVENT_BYTES: Final = 330
"""An envelope of one token of the mock; what the bare server sends is as long."""

SHAPES: Final = {"1 run, 200 viewers": (1, 20.0), "200 runs, 1 viewer each": (200, 4.0)}
"""How many runs, and how many tokens a second the mock sends to each."""

SPARE_PORT: Final = PORT_BASE + 190
LIMIT: Final = 3.0
NOTES: Final = [
    "Processor time of the gateway's process in five seconds in the middle of the streams ÷ events that",
    "its viewers got in them, ÷ the same of a bare server that broadcasts texts of the same length to as",
    "many sockets with `websockets`. Viewers are plain WebSockets; sign-in and subscription are before",
    "the window. 200 runs are as many as the platform lets run at once; the others wait, and their",
    "viewers with them.",
]


async def measure() -> Result:
    """Take both shapes and the bare server in turns, the first block dropped."""
    costs: dict[str, list[float]] = {name: [] for name in (*SHAPES, "bare")}
    rows: list[dict[str, JsonValue]] = []
    async with running_site(mock="stream", env=UNLIMITED) as site, MockModel(_mock_url()) as mock:
        workflow = await site.save(talk())
        for number in range(BLOCKS):
            for name in list(costs) if number % 2 == 0 else list(costs)[::-1]:
                if name == "bare":
                    used, delivered = await _bare()
                else:
                    used, delivered = await _ours(site, mock, workflow, name)
                cost = used / max(delivered, 1) * 1e6
                print(f"  block {number} {name}: {delivered} events, {cost:.1f} µs each", flush=True)
                rows.append({"block": number, "system": name, "events": delivered, "us": round(cost, 2)})
                if number > 0:
                    costs[name].append(cost)
    figures: dict[str, JsonValue] = {
        f"µs an event, {name}": [*sorted(found)] for name, found in costs.items()
    }
    targets: list[Target] = []
    for name in SHAPES:
        found = ratio(costs[name], costs["bare"])
        figures[f"ratio, {name}"] = found.model_dump()
        targets.append(Target(name=name, value=found.median, limit=LIMIT, higher_is_better=False))
    return Result(id=ID, figures=figures, targets=targets, notes=list(NOTES), rows=rows)


async def _ours(site: Site, mock: MockModel, workflow: str, name: str) -> tuple[float, int]:
    """Return the gateway's processor time and what viewers got, in the window."""
    runs, per_second = SHAPES[name]
    length = int(per_second * (WINDOW_S + WARM_UP_S + (4 if runs == 1 else 14)))
    await mock.script(Rule(name="paced", tokens=length, tokens_per_s=per_second), keep=False)
    got: Counter[str] = Counter()
    async with _following(site, got) as viewers:
        ids = await _started(site, workflow, runs)
        for number, one in enumerate(viewers):
            await one.subscribe(ids[number % runs])
        await asyncio.sleep(WARM_UP_S)
        pid = site.platform.pid("gateway")
        assert pid is not None
        before, had = footprint("gateway", pid).cpu_s, got.total()
        await asyncio.sleep(WINDOW_S)
        used, delivered = footprint("gateway", pid).cpu_s - before, got.total() - had
    for run_id in ids:
        await site.http.post(f"/v1/runs/{run_id}/cancel", json={})
    await asyncio.sleep(WARM_UP_S)
    return used, delivered


async def _started(site: Site, workflow: str, runs: int) -> list[str]:
    turns = asyncio.Semaphore(10)

    async def one() -> str:
        async with turns:
            return await site.start(workflow, {"text": "go"})

    return list(await asyncio.gather(*(one() for _ in range(runs))))


@asynccontextmanager
async def _following(site: Site, got: Counter[str]) -> AsyncIterator[list[Viewer]]:
    """Open the sockets; what comes on them is counted once something is subscribed to."""
    async with AsyncExitStack() as stack:
        viewers = [await stack.enter_async_context(viewer(site)) for _ in range(VIEWERS)]
        yield [_Counting(one, got) for one in viewers]


class _Counting(Viewer):
    """Counts events from its subscription on; to parse them would cost more than they do."""

    def __init__(self, one: Viewer, got: Counter[str]) -> None:
        super().__init__(one.socket)
        self._got = got
        self._task: asyncio.Task[None] | None = None

    async def subscribe(self, run_id: str, *, after: str = "0") -> dict[str, JsonValue]:
        answer = await super().subscribe(run_id, after=after)
        self._task = asyncio.create_task(self._count())
        return answer

    async def _count(self) -> None:
        async for text in self.socket:
            self._got["events"] += str(text).count('"seq":')


async def _bare() -> tuple[float, int]:
    """Return the bare server's processor time and what its sockets got, in the window."""
    command = (sys.executable, "-m", "benchmarks.streaming.broadcaster", "--port", str(SPARE_PORT))
    options = ("--per-second", "20", "--bytes", str(EVENT_BYTES))
    pin([SYSTEM_CORE])
    async with process(*command, *options, cwd=ROOT) as server, AsyncExitStack() as stack:
        pin([GENERATOR_CORE])
        if not await wait_ready(accepts_connections(SPARE_PORT), limit_s=20):
            raise RuntimeError("the bare server does not start")
        got: Counter[str] = Counter()
        url, settings = f"ws://127.0.0.1:{SPARE_PORT}", {"compression": None, "ping_interval": None}
        for _ in range(VIEWERS):
            socket = await stack.enter_async_context(connect(url, proxy=None, **settings))  # type: ignore[arg-type]  # by name
            counting = asyncio.create_task(_count(socket, got))
            stack.callback(counting.cancel)
        await asyncio.sleep(WARM_UP_S)
        before, had = footprint("bare", server.pid).cpu_s, got.total()
        await asyncio.sleep(WINDOW_S)
        return footprint("bare", server.pid).cpu_s - before, got.total() - had


async def _count(socket: object, got: Counter[str]) -> None:
    async for _ in socket:  # type: ignore[attr-defined]  # a connection
        got["events"] += 1


def _mock_url() -> str:
    return f"http://127.0.0.1:{MOCK_PORT}"
