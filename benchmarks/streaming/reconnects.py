"""B-STR-4: ten thousand connections that break inside a stream, and a client that missed 5,000 events."""

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from benchmarks.api.reader import UNLIMITED
from benchmarks.core.results import Result, Target
from benchmarks.core.site import MOCK_PORT, Site, running_site
from benchmarks.core.statistics import summary
from benchmarks.documents import loop_of_calls, talk
from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from benchmarks.streaming.viewers import BEGINNING, viewer
from flowloom_contracts.base import JsonObject

ID: Final = "B-STR-4"
BREAKS: Final = 10_000
VIEWERS: Final = 10
MOST_EVENTS: Final = 3
"""A connection breaks after one to so many events."""

ITEMS: Final = 1_300
MISSED: Final = 5_000
CATCH_UPS: Final = 20
LIMIT_MS: Final = 300.0
FINISHED: Final = "run.finished.v1"
NOTES: Final = [
    "Ten viewers follow runs of 200 tokens at 50 a second; five by server-sent events, whose connection",
    "is closed after one to three events, five by plain WebSockets, whose transport is aborted. Each goes",
    "on from the cursor of the last event it had, until it has the end of the run; then it follows the",
    "next run. Missing: numbers between the first and the last that a viewer never had. Twice: numbers",
    "that it had more than once. Text: runs whose text at the viewer is not the output that the platform",
    "keeps. Catch-up: from `subscribe` with cursor 0 on an open socket until 5,000 events of a run that",
    "has ended were read and parsed, in the generator's process.",
]


@dataclass
class Shown:
    """What one viewer had of one run."""

    seqs: Counter[int] = field(default_factory=Counter)
    text: str = ""
    cursor: str = BEGINNING
    is_over: bool = False

    def take(self, event: JsonObject) -> None:
        """Show an event."""
        seq, data = event["seq"], event["data"]
        assert isinstance(seq, int) and isinstance(data, dict)
        self.seqs[seq] += 1
        self.cursor = f"{event['epoch']}:{seq}"
        if event["type"] == "step.delta.v1" and data["channel"] == "answer":
            self.text += str(data["text"])
        self.is_over = event["type"] == FINISHED

    @property
    def missing(self) -> int:
        return max(self.seqs, default=0) - len(self.seqs)

    @property
    def twice(self) -> int:
        return self.seqs.total() - len(self.seqs)


async def measure() -> Result:
    """Break connections until there are enough of them; then catch up."""
    found: Counter[str] = Counter()
    async with running_site(mock="stream", env=UNLIMITED) as site:
        workflow = await site.save(talk())
        began = time.monotonic()
        await asyncio.gather(*(_watch(site, workflow, found, seed) for seed in range(VIEWERS)))
        seconds = time.monotonic() - began
        print(f"  {dict(found)} in {seconds:.0f} s", flush=True)
        catch_up = await _catch_ups(site)
    figures: dict[str, JsonValue] = {
        **{name: found[name] for name in ("breaks", "runs", "events", "missing", "twice", "text")},
        "breaks a second": round(found["breaks"] / seconds, 1),
        "catch-up ms": summary(catch_up).model_dump(),
    }
    targets = [
        Target(name="breaks", value=found["breaks"], limit=BREAKS, higher_is_better=True),
        *(
            Target(name=f"events {name}", value=found[name], limit=0, higher_is_better=False)
            for name in ("missing", "twice")
        ),
        Target(name="runs with another text", value=found["text"], limit=0, higher_is_better=False),
        Target(
            name="catch-up of 5,000 events p95, ms",
            value=summary(catch_up).p95,
            limit=LIMIT_MS,
            higher_is_better=False,
        ),
    ]
    rows: list[dict[str, JsonValue]] = [{"catch_up_ms": round(one, 2)} for one in catch_up]
    return Result(id=ID, figures=figures, targets=targets, notes=list(NOTES), rows=rows)


async def _watch(site: Site, workflow: str, found: Counter[str], seed: int) -> None:
    """Follow runs over connections that break, until all viewers together have seen enough of that."""
    chance = random.Random(seed)
    follow = _by_events if seed % 2 == 0 else _by_socket
    while found["breaks"] < BREAKS:
        run_id, shown = await site.start(workflow, {"text": "go"}), Shown()
        while not shown.is_over:
            await follow(site, run_id, shown, chance.randint(1, MOST_EVENTS))
            found["breaks"] += not shown.is_over
        kept = (await site.http.get(f"/v1/runs/{run_id}/steps")).json()["items"][0]["output"]
        found["runs"] += 1
        found["events"] += len(shown.seqs)
        found["missing"] += shown.missing
        found["twice"] += shown.twice
        found["text"] += shown.text != kept


async def _by_events(site: Site, run_id: str, shown: Shown, most: int) -> None:
    """Read at most so many server-sent events, and leave."""
    path, params = f"/v1/runs/{run_id}/stream", {"after": shown.cursor}
    async with site.http.stream("GET", path, params=params, timeout=60) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                shown.take(json.loads(line[5:]))
                most -= 1
            if shown.is_over or most == 0:
                return


async def _by_socket(site: Site, run_id: str, shown: Shown, most: int) -> None:
    """Take messages until there were so many events, and break the connection off."""
    async with viewer(site) as mine:
        answer = await mine.subscribe(run_id, after=shown.cursor)
        given = answer["events"]
        assert isinstance(given, list)
        for event in given:
            shown.take(event)  # type: ignore[arg-type]  # an envelope
        most -= len(given)
        if most > 0 and not shown.is_over:
            async for batch in mine.batches():
                for event in batch:
                    shown.take(event)
                most -= len(batch)
                if shown.is_over or most <= 0:
                    break
        mine.socket.transport.abort()


async def _catch_ups(site: Site) -> list[float]:
    """Return how long it takes to have 5,000 events of a run that has ended, in milliseconds."""
    async with MockModel(f"http://127.0.0.1:{MOCK_PORT}") as mock:
        await mock.script(Rule(name="at once", mode="step"), keep=False)
    run_id = await site.run_to_end(await site.save(loop_of_calls(ITEMS)), {"text": "go"})
    snapshot = (await site.http.get(f"/v1/runs/{run_id}/snapshot")).json()
    if (events := int(snapshot["cursor"].split(":")[1])) < MISSED:
        raise RuntimeError(f"the run has only {events} events")
    return [await _catch_up(site, run_id) for _ in range(CATCH_UPS)]


async def _catch_up(site: Site, run_id: str) -> float:
    async with viewer(site) as mine:
        began = time.perf_counter()
        answer = await mine.subscribe(run_id)
        given = answer["events"]
        assert isinstance(given, list)
        count = len(given)
        async for batch in mine.batches():
            count += len(batch)
            if count >= MISSED:
                break
        return (time.perf_counter() - began) * 1e3
