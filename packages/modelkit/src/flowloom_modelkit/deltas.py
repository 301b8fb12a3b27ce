"""Sends the text of a running step to its live stream: the first piece at once, then in small batches."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Final, Protocol

import orjson

from flowloom_contracts.events import Channel, run_stream
from flowloom_modelkit.journal import StepRef
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.errors import UpstreamError

INTERVAL_S: Final = 0.010
BATCH_BYTES: Final = 512
AWAY_S: Final = 0.5
# How long a step's end waits for a Redis that is away: a connection that was only reset is back by then.
GIVE_UP_S: Final = 3.0
# How long the last piece may take while Redis answers: a busy machine is slow, and viewers want the end.
SLOW_S: Final = 1.5
SEPARATOR: Final = "\n\n"


class DeltaWriter(Protocol):
    """The part of `StreamWriter` that is needed here."""

    async def append_deltas(
        self, stream: str, step: str, exec: int, bodies: Sequence[str], *, turn: int = 0
    ) -> int | None:
        """Append envelopes; return the stream's epoch, None when this execution may no longer write.

        An append that may or may not have arrived is repeated under the same `turn`.
        """


class DeltaBatcher:
    """Numbers the characters of each channel of one execution and appends them in order.

    The text is kept until the end: a stream that was rebuilt under a new epoch gets all of it again, and
    while Redis is away it waits. A refusal means that another execution holds the step, and stops this one.
    """

    def __init__(self, writer: DeltaWriter, step: StepRef, stop: StopSignal) -> None:
        self._writer = writer
        self._step = step
        self._stop = stop
        self._text: list[tuple[Channel, str]] = []
        self._sent = 0
        self._turn = 0
        # What is on its way: an append without an answer is repeated as it was, or text would come twice.
        self._unanswered: int | None = None
        self._offsets: dict[Channel, int] = {}
        self._pending_bytes = 0
        self._epoch: int | None = None
        self._wake = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._next_at = 0.0
        self._is_away = False

    def add(self, text: str, channel: Channel = "answer") -> None:
        """Take a piece of text; call it on the event loop."""
        if not text or self._stop.reason is not None:
            return
        self._text.append((channel, text))
        self._pending_bytes += len(text)
        if self._pending_bytes >= BATCH_BYTES:
            self._wake.set()
        if self._is_sending:
            return
        loop = asyncio.get_running_loop()
        if self._wake.is_set() or self._next_at <= loop.time():
            self._start()
        elif self._timer is None:
            self._timer = loop.call_at(self._next_at, self._start)

    def part(self, channel: Channel = "answer") -> None:
        """Begin a new part of a channel: an answer after a re-ask must not run into the one before."""
        if any(known == channel for known, _ in self._text):
            self.add(SEPARATOR, channel)

    async def close(self) -> None:
        """Send what is left; gives up soon when Redis is away, because the result is kept elsewhere."""
        self._wake.set()
        if self._timer is not None:
            self._start()
        if self._sender is not None and not self._sender.done():
            await asyncio.wait({self._sender}, timeout=GIVE_UP_S if self._is_away else SLOW_S)
            self._sender.cancel()

    @property
    def has_lost_text(self) -> bool:
        """Whether viewers miss text, once closed: the stream was away for too long."""
        return self._sent < len(self._text) and self._stop.reason is None

    @property
    def _is_sending(self) -> bool:
        return self._sender is not None and not self._sender.done()

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._sender = asyncio.create_task(self._send_all())

    async def _send_all(self) -> None:
        """Send until nothing is left; tokens that are further apart than the interval find nobody waiting."""
        loop = asyncio.get_running_loop()
        while self._sent < len(self._text):
            self._wake.clear()
            self._pending_bytes = 0
            try:
                if not await self._send():
                    self._stop.stop("superseded")
                    return
            except UpstreamError:
                self._is_away = True
                await asyncio.sleep(AWAY_S)
                continue
            self._is_away = False
            self._next_at = loop.time() + INTERVAL_S
            if self._sent < len(self._text):
                await self._interval()

    async def _interval(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), INTERVAL_S)
        except TimeoutError:
            return

    async def _send(self) -> bool:
        if self._unanswered is None:
            self._turn += 1
            self._unanswered = len(self._text)
        end = self._unanswered
        epoch = await self._append(self._sent, end, self._offsets)
        if epoch is None:
            return False
        known, self._epoch = self._epoch, epoch
        if known is not None and epoch != known:
            # What was just sent began in the middle; viewers of a new epoch need it from the beginning.
            self._sent, self._offsets, self._turn = 0, {}, self._turn + 1
            return await self._send()
        self._unanswered = None
        for channel, text in self._text[self._sent : end]:
            self._offsets[channel] = self._offsets.get(channel, 0) + len(text)
        self._sent = end
        return True

    async def _append(self, start: int, end: int, offsets: Mapping[Channel, int]) -> int | None:
        """Append pieces of the text, one envelope for each run of pieces of the same channel."""
        bodies: list[str] = []
        at = dict(offsets)
        for channel, pieces in groupby(self._text[start:end], key=itemgetter(0)):
            text = "".join(piece for _, piece in pieces)
            bodies.append(self._body(channel, at.get(channel, 0), text))
            at[channel] = at.get(channel, 0) + len(text)
        return await self._writer.append_deltas(
            run_stream(self._step.run_id), self._step.step, self._step.exec, bodies, turn=self._turn
        )

    def _body(self, channel: Channel, offset: int, text: str) -> str:
        # Built by hand: this runs for every batch of tokens, and the contract is checked by a test.
        return orjson.dumps(
            {
                "type": "step.delta.v1",
                "at": datetime.now(UTC),
                "run_id": self._step.run_id,
                "step": self._step.step,
                "attempt": self._step.attempt,
                "data": {"exec": self._step.exec, "channel": channel, "offset": offset, "text": text},
            }
        ).decode()
