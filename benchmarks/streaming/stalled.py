"""B-STR-5: one client stops reading: what the others feel, what it costs, how it ends and goes on."""

import asyncio
import json
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import psutil
from pydantic import JsonValue
from websockets.exceptions import ConnectionClosed

from benchmarks.api.reader import UNLIMITED
from benchmarks.core.blocks import MIN_BLOCKS
from benchmarks.core.memory import footprint
from benchmarks.core.results import Result, Target
from benchmarks.core.site import MOCK_PORT, Site, running_site
from benchmarks.core.statistics import ratio, summary
from benchmarks.documents import talk
from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from benchmarks.streaming.tokens import TOKEN, sent_times
from benchmarks.streaming.viewers import viewer

ID: Final = "B-STR-5"
BLOCKS: Final = MIN_BLOCKS + 1
RUNS: Final = 15
SECONDS: Final = 18
PER_SECOND: Final = 50
SMALL_BUFFER: Final = 4_096
LIMIT_RATIO: Final = 1.1
DROPPED_WITHIN_S: Final = 16.0  # the outbox gives up after ten, once the connection's buffers are full
MOST_MIB: Final = 8.0
LOOK_S: Final = 0.2
READS_ON_S: Final = 5.0
FILLERS: Final = 40
NOTES: Final = [
    "Fifteen runs of 50 tokens a second for 18 seconds, each with a viewer by plain WebSocket: from the",
    "time that a token carries to its reading. In turns without and with a client that subscribes to all",
    "runs, asks forty times for an ended run, which fills what lies between, and reads nothing. Ratio: p99",
    "with ÷ p99 without. Memory: most of the gateway's PSS in the stream - before it, with - without.",
    "Dropped: until the gateway had ended that connection. Then its client reads on and goes on anew.",
]


@dataclass
class Felt:
    """What one block gave."""

    delays: list[float] = field(default_factory=list)
    grown_mib: float = 0.0
    dropped_s: float = SECONDS
    close_code: int = 0
    missing: int = 0


async def measure() -> Result:
    """Stream without and with somebody who does not read, in turns."""
    calm, stalled = list[Felt](), list[Felt]()
    async with running_site(mock="stream", env=UNLIMITED) as site:
        async with MockModel(f"http://127.0.0.1:{MOCK_PORT}") as mock:
            await mock.script(Rule(name="long", tokens=SECONDS * PER_SECOND, tokens_per_s=PER_SECOND))
        workflow = await site.save(talk())
        filler = await site.run_to_end(workflow, {"text": "go"})
        for number in range(BLOCKS):
            for kind in (calm, stalled) if number % 2 == 0 else (stalled, calm):
                felt = await _block(site, workflow, filler if kind is stalled else None)
                print(f"  block {number} {felt.dropped_s}: p99 {summary(felt.delays).p99:.1f} ms", flush=True)
                if number > 0:
                    kind.append(felt)
    return _result(calm, stalled)


def _result(calm: list[Felt], stalled: list[Felt]) -> Result:
    p99 = [[summary(felt.delays).p99 for felt in kind] for kind in (stalled, calm)]
    found = ratio(*p99)
    grown = sorted(a.grown_mib - b.grown_mib for a, b in zip(stalled, calm, strict=True))
    figures: dict[str, JsonValue] = {
        "with": summary([one for felt in stalled for one in felt.delays]).model_dump(),
        "without": summary([one for felt in calm for one in felt.delays]).model_dump(),
        "p99 ratio": found.model_dump(),
        "gateway grows by MiB": [round(one, 2) for one in grown],
        "dropped after s": [round(felt.dropped_s, 1) for felt in stalled],
        "close codes": [felt.close_code for felt in stalled],
    }
    limits = [
        ("p99 with ÷ without", found.median, LIMIT_RATIO),
        ("gateway grows by, MiB", grown[len(grown) // 2], MOST_MIB),
        ("dropped after, s", max(felt.dropped_s for felt in stalled), DROPPED_WITHIN_S),
        ("events missing after going on", float(sum(felt.missing for felt in stalled)), 0.0),
    ]
    targets = [Target(name=n, value=value, limit=most, higher_is_better=False) for n, value, most in limits]
    rows: list[dict[str, JsonValue]] = [
        {"stalled": kind is stalled, "block": number, **summary(felt.delays).model_dump()}
        for kind in (calm, stalled)
        for number, felt in enumerate(kind, start=1)
    ]
    return Result(id=ID, figures=figures, targets=targets, notes=list(NOTES), rows=rows)


async def _block(site: Site, workflow: str, filler: str | None) -> Felt:
    felt = Felt()
    ids = [await site.start(workflow, {"text": "go"}) for _ in range(RUNS)]
    pid = site.platform.pid("gateway")
    assert pid is not None
    before = footprint("gateway", pid).pss_mib
    async with asyncio.TaskGroup() as group:
        watching = [group.create_task(_watch(site, run_id, felt)) for run_id in ids]
        if filler is not None:
            group.create_task(_stall(site, ids, filler, felt))
        while not all(task.done() for task in watching):
            felt.grown_mib = max(felt.grown_mib, footprint("gateway", pid).pss_mib - before)
            await asyncio.sleep(1)
    return felt


async def _watch(site: Site, run_id: str, felt: Felt) -> None:
    """Read a run to its end, and note how late each token is."""
    rest = ""
    async with viewer(site) as mine:
        await mine.subscribe(run_id)
        async for batch in mine.batches():
            now = time.time_ns()
            for event in batch:
                data = event["data"]
                if event["type"] == "step.delta.v1" and isinstance(data, dict):
                    rest += str(data["text"])
                    felt.delays += [(now - sent) / 1e6 for sent in sent_times(rest)]
                    rest = TOKEN.sub("", rest)
                elif event["type"] == "run.finished.v1":
                    return


async def _stall(site: Site, ids: list[str], filler: str, felt: Felt) -> None:
    """Subscribe to everything, read nothing until the gateway has had enough, and go on from there."""
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    address = urlsplit(site.platform.base_url)
    small.connect((address.hostname, address.port))
    port = small.getsockname()[1]
    cursors: dict[str, list[int]] = {}
    # Without a queue of its own the client's library leaves everything in the buffers of the connection.
    async with viewer(site, sock=small, max_queue=1) as mine:
        began = time.monotonic()
        for number, run_id in enumerate((*ids, *(filler,) * FILLERS), start=1):
            body = {"id": number, "call": "subscribe", "stream": f"run:{run_id}", "after": "0"}
            await mine.socket.send(json.dumps(body))
        for _ in range(int(SECONDS / LOOK_S)):
            if not _is_held(site, port):
                break
            await asyncio.sleep(LOOK_S)
        felt.dropped_s = time.monotonic() - began
        with suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(READS_ON_S):
                async for text in mine.socket:
                    _keep(cursors, text)
        felt.close_code = mine.socket.close_code or 0
    felt.missing = await _go_on(site, ids, cursors)


def _keep(cursors: dict[str, list[int]], text: str | bytes) -> None:
    message = json.loads(text)
    data = message.get("data")
    events = message.get("events") or (data if isinstance(data, list) else [data])
    for event in events:
        if isinstance(event, dict) and "seq" in event:
            cursors.setdefault(event["run_id"], []).append(event["seq"])


async def _go_on(site: Site, ids: list[str], cursors: dict[str, list[int]]) -> int:
    """Return how many events one run has that neither the first socket nor the second was sent."""
    run_id = ids[0]
    seqs = set(cursors.get(run_id, []))
    async with viewer(site) as mine:
        answer = await mine.subscribe(run_id, after=f"1:{max(seqs)}" if seqs else "0")
        given = answer["events"]
        assert isinstance(given, list)
        seqs |= {_seq(event) for event in given}
        with suppress(TimeoutError):  # where the end was among what it had, nothing more comes
            async with asyncio.timeout(READS_ON_S):
                async for batch in mine.batches():
                    seqs |= {_seq(event) for event in batch}
    return max(seqs) - len(seqs)


def _seq(event: JsonValue) -> int:
    assert isinstance(event, dict) and isinstance(event["seq"], int)
    return event["seq"]


def _is_held(site: Site, port: int) -> bool:
    """Whether the gateway has the connection of a client's port open still; the client cannot see that."""
    pid = site.platform.pid("gateway")
    assert pid is not None
    root = psutil.Process(pid)
    held = (one for process in (root, *root.children(recursive=True)) for one in process.net_connections())
    return any(one.raddr and one.raddr.port == port for one in held)
