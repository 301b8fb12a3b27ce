"""A viewer as the page is one: follows a run, comes back after every break, and shows the text so far."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

import httpx

from flowloom_contracts.events import RunEvent, StepDelta, StreamHead, StreamResync
from flowloom_contracts.runs import RunSnapshot, StepRun
from flowloom_servicekit.testing.waiting import wait_until
from tests.integration.api import PublicApi

FINISHED: Final = "run.finished.v1"
BACK_WITHIN_S: Final = 150


@dataclass
class Text:
    """The answer of one step: the pieces of its latest execution, laid over each other by their offsets."""

    exec: int = 0
    shown: str = ""
    ahead: dict[int, str] = field(default_factory=dict)

    def take(self, exec: int, offset: int, piece: str, *, strict: bool) -> None:
        """Show a piece; within one epoch it must begin where the text ends."""
        if exec > self.exec:
            self.exec, self.shown = exec, ""
            self.ahead.clear()
        if exec < self.exec:
            raise AssertionError(f"a piece of execution {exec} after one of {self.exec}")
        if strict and offset != len(self.shown):
            raise AssertionError(f"a piece at {offset}, {len(self.shown)} characters are shown")
        self.ahead[offset] = piece
        while (first := min(self.ahead, default=len(self.shown) + 1)) <= len(self.shown):
            known = self.ahead.pop(first)
            self.shown = self.shown[:first] + known + self.shown[first + len(known) :]


class Viewer:
    """Reads by server-sent events; `breaks` and `resyncs` count what it had to live through."""

    def __init__(self, api: PublicApi, run_id: str) -> None:
        self._api = api
        self._run_id = run_id
        self.cursor: str | None = None
        self.texts: dict[str, Text] = {}
        self.seen: list[str] = []
        self.breaks = 0
        self.resyncs = 0
        self.over = False
        self.away_s = 0.0

    def __str__(self) -> str:
        return (
            f"{self._run_id} at {self.cursor}, {self.breaks} breaks, {self.resyncs} resyncs,"
            f" {'over' if self.over else 'going on'}"
        )

    async def follow(self) -> None:
        """Follow to the end of the run, across whatever happens to the connection."""
        gone_at = 0.0
        while not self.over:
            try:
                async for cursor, event in self._api.stream(self._run_id, after=self.cursor):
                    if gone_at:
                        self.away_s = max(self.away_s, time.monotonic() - gone_at)
                        gone_at = 0.0
                    self._take(cursor, event)
            except (httpx.TransportError, AssertionError) as error:
                if isinstance(error, AssertionError) and "piece" in str(error):
                    raise
            if not self.over:
                self.breaks += 1
                gone_at = gone_at or time.monotonic()
                assert time.monotonic() - gone_at < BACK_WITHIN_S, f"no stream of {self._run_id} since"
                await self._pause()

    async def _pause(self) -> None:
        """Let the server come back; a stream that ends at once is not asked for again at once."""
        asked = 0

        async def wait_until_it_answers() -> bool:
            nonlocal asked
            asked += 1
            if asked == 1:
                return False
            try:
                return (await self._api.http.get("/healthz")).is_success
            except httpx.TransportError:
                return False

        await wait_until(wait_until_it_answers, BACK_WITHIN_S, every_s=0.1)

    def _take(self, cursor: str, event: RunEvent) -> None:
        if isinstance(event, StreamResync):
            self.resyncs += 1
            self._begin_again(event.data.snapshot)
            self.cursor = event.data.cursor
            self.over = event.data.snapshot.run.status.is_terminal
            return
        if isinstance(event, StreamHead):
            return
        self._require_next(event.epoch, event.seq)
        self.cursor = cursor
        self.seen.append(cursor)
        if isinstance(event, StepDelta) and event.data.channel == "answer":
            text = self.texts.setdefault(event.step or "", Text())
            strict = event.epoch == 1
            text.take(event.data.exec, event.data.offset, event.data.text, strict=strict)
        self.over = event.type == FINISHED

    def _require_next(self, epoch: int, seq: int) -> None:
        if self.cursor is None:
            known_epoch, known_seq = epoch, 0
        else:
            known_epoch, known_seq = (int(part) for part in self.cursor.split(":"))
        if (epoch, seq) != (known_epoch, known_seq + 1):
            raise AssertionError(f"a piece is missing or twice: {epoch}:{seq} after {self.cursor}")

    def _begin_again(self, snapshot: RunSnapshot) -> None:
        self.texts = {
            step: Text(exec=text.exec, shown=text.channels.get("answer", ""))
            for step, text in snapshot.texts.items()
        }

    def require_text(self, steps: dict[str, StepRun]) -> None:
        """I3: what is shown of each step is its stored output, byte for byte."""
        for path, text in self.texts.items():
            output = steps[path].output
            if isinstance(output, str) and text.shown:
                assert text.shown == output, f"{path}: {text.shown[:80]!r}, stored {output[:80]!r}"


async def following(api: PublicApi, run_ids: list[str]) -> tuple[list[Viewer], "asyncio.Future[list[None]]"]:
    """Let a viewer follow each of some runs; await the task for their ends."""
    viewers = [Viewer(api, run_id) for run_id in run_ids]
    return viewers, asyncio.ensure_future(asyncio.gather(*(viewer.follow() for viewer in viewers)))


async def caught_up(
    viewers: list[Viewer], ends: "asyncio.Future[list[None]]", *, within_s: float = 30
) -> None:
    """Wait until every viewer has seen the end of its run."""
    await asyncio.wait({ends}, timeout=within_s)
    if not ends.done():
        ends.cancel()
        raise AssertionError(f"not at the end after {within_s:g} s: {[str(viewer) for viewer in viewers]}")
    ends.result()
