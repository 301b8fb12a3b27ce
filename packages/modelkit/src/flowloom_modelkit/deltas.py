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
SEPARATOR: Final = "\n\n"


class DeltaWriter(Protocol):
    """The part of `StreamWriter` that is needed here."""

    async def append_deltas(self, stream: str, step: str, exec: int, bodies: Sequence[str]) -> int | None:
        """Append envelopes; return the stream's epoch, None when this execution may no longer write."""


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
        self._offsets: dict[Channel, int] = {}
        self._pending_bytes = 0
        self._epoch: int | None = None
        self._wake = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None

    def add(self, text: str, channel: Channel = "answer") -> None:
        """Take a piece of text; call it on the event loop."""
        if not text or self._stop.reason is not None:
            return
        self._text.append((channel, text))
        self._pending_bytes += len(text)
        if self._sender is None or self._sender.done():
            self._sender = asyncio.ensure_future(self._send_all())
        elif self._pending_bytes >= BATCH_BYTES:
            self._wake.set()

    def part(self, channel: Channel = "answer") -> None:
        """Begin a new part of a channel: an answer after a re-ask must not run into the one before."""
        if any(known == channel for known, _ in self._text):
            self.add(SEPARATOR, channel)

    async def close(self) -> None:
        """Send what is left; gives up soon when Redis is away, because the result is kept elsewhere."""
        if self._sender is not None and not self._sender.done():
            self._wake.set()
            await asyncio.wait({self._sender}, timeout=AWAY_S)
            self._sender.cancel()

    async def _send_all(self) -> None:
        while self._sent < len(self._text):
            self._wake.clear()
            self._pending_bytes = 0
            try:
                if not await self._send():
                    self._stop.stop("superseded")
                    return
            except UpstreamError:
                await asyncio.sleep(AWAY_S)
                continue
            await self._interval()

    async def _interval(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), INTERVAL_S)
        except TimeoutError:
            return

    async def _send(self) -> bool:
        end = len(self._text)
        epoch = await self._append(self._sent, end, self._offsets)
        if epoch is None:
            return False
        is_new_epoch = self._epoch is not None and epoch != self._epoch
        # What was just sent began in the middle; viewers of a new epoch need it from the beginning.
        if is_new_epoch and await self._append(0, end, {}) is None:
            return False
        for channel, text in self._text[self._sent : end]:
            self._offsets[channel] = self._offsets.get(channel, 0) + len(text)
        self._epoch, self._sent = epoch, end
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
            run_stream(self._step.run_id), self._step.step, self._step.exec, bodies
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
