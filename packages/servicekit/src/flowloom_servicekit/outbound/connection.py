"""One connection to another machine: sends a request in one write and reads its answer within limits."""

import asyncio
from typing import Final, cast

import httptools

from flowloom_servicekit.outbound.errors import (
    AnswerTooLargeError,
    ConnectionGoneError,
    OutboundTimeoutError,
    UpstreamUnreachableError,
)
from flowloom_servicekit.outbound.request import DEFAULT_LIMITS, Limits

PAUSE_ABOVE_BYTES: Final = 262_144
MAX_HEADERS: Final = 256
# What the framing of one chunk may take before it counts as header.
FRAMING_BYTES: Final = 32
INFORMATIONAL: Final = range(100, 200)
SWITCHING_PROTOCOLS: Final = 101


class Connection(asyncio.Protocol):
    """Carries one exchange at a time; `httptools` (llhttp, in C) calls the `on_` methods.

    A caller uses `send`, `head`, `read` and `close`; everything else belongs to the event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str) -> None:
        self.name = name
        self.idle_since = 0.0
        self.opened_at = loop.time()
        self.is_used = False
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._begin(DEFAULT_LIMITS, ends_at=0.0, has_body=True)
        self._is_done = True

    def _begin(self, limits: Limits, *, ends_at: float, has_body: bool) -> None:
        self._limits = limits
        self._ends_at = ends_at
        self._active_at = self._loop.time()
        self._silence_s = limits.first_byte_s
        self._has_body = has_body
        self._headers: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self._buffered = 0
        self._overhead = 0
        self._status = 0
        self._error: Exception | None = None
        self._is_silent = True
        self._is_headed = False
        self._is_done = False
        self._is_framed = False
        self._is_paused = False
        self._is_reusable = True

    # ---- for the caller

    def send(self, data: bytes, limits: Limits, *, ends_at: float, has_body: bool) -> None:
        """Write a whole request; the answer has to be whole at `ends_at` by the clock of the loop.

        `has_body` is whether an answer to the request's method carries one.
        """
        if self._transport is None:
            raise ConnectionGoneError(f"{self.name} closed the connection")
        self._begin(limits, ends_at=ends_at, has_body=has_body)
        self._transport.write(data)
        self._tick()

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Return status and headers when they are there; names are in lower case."""
        while not self._is_headed:
            if self._error is not None:
                raise self._error
            await self._wait()
        return self._status, self._headers

    async def read(self) -> bytes:
        """Return what has come of the body since the last call, or b"" at its end."""
        while not self._chunks:
            if self._error is not None:
                raise self._error
            if self._is_done:
                return b""
            await self._wait()
        chunks, self._chunks, self._buffered = self._chunks, [], 0
        self._resume()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    @property
    def is_done(self) -> bool:
        """Whether the answer has arrived whole."""
        return self._is_done

    @property
    def is_reusable(self) -> bool:
        """Whether another request may follow on this connection."""
        return self._is_done and self._is_reusable and self._transport is not None

    @property
    def transport(self) -> asyncio.Transport | None:
        """The transport while the connection is open."""
        return self._transport

    def rest(self) -> None:
        """Stop the clock after an exchange and let go of its answer."""
        self.is_used = True
        self.idle_since = self._loop.time()
        self._stop_timer()
        self._chunks, self._headers, self._buffered = [], [], 0
        self._resume()

    def close(self) -> None:
        """Close at once, without waiting for what is still to be sent or received."""
        self._stop_timer()
        if self._transport is not None:
            self._transport.abort()

    # ---- waiting and time

    def _resume(self) -> None:
        if self._is_paused and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _tick(self) -> None:
        """Look whether time is up, else look again at the next moment when it could be."""
        now = self._loop.time()
        if self._waiter is None and not self._is_silent:
            self._active_at = now  # the caller is slow, not the other side
        if now >= self._ends_at:
            self._fail(
                OutboundTimeoutError(f"{self.name}: no whole answer within {self._limits.total_s:g} s")
            )
        elif now >= self._active_at + self._silence_s:
            self._fail(OutboundTimeoutError(f"{self.name} was silent for {self._silence_s:g} s"))
        else:
            self._timer = self._loop.call_at(
                min(self._ends_at, self._active_at + self._silence_s), self._tick
            )

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fail(self, error: Exception) -> None:
        if self._error is None and not self._is_done:
            self._error = error
        self._is_reusable = False
        self.close()
        self._wake()

    # ---- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        if self._is_done or self._parser is None:
            self._is_reusable = False  # nobody has asked for this
            self.close()
            return
        if self._is_silent:
            self._is_silent = False
            self._silence_s = self._limits.idle_s
            if self._silence_s < self._limits.first_byte_s:
                self._stop_timer()
                self._timer = self._loop.call_later(self._silence_s, self._tick)
        self._active_at = self._loop.time()
        self._overhead += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(UpstreamUnreachableError(f"{self.name} does not answer in HTTP/1.1: {error}"))
            return
        if self._overhead > self._limits.header_bytes and not self._is_done:
            self._refuse_head()
        elif self._buffered > PAUSE_ABOVE_BYTES and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = self._parser = None  # the parser refers back to us
        self._stop_timer()
        if not self._is_done:
            if self._is_headed and not self._is_framed and error is None:
                self._is_done = True  # an answer without a length ends with its connection
            elif self._error is None:
                cls = ConnectionGoneError if self._is_silent else UpstreamUnreachableError
                where = "before it answered" if self._is_silent else "in the middle of its answer"
                self._error = cls(f"{self.name} closed the connection {where}")
        self._is_reusable = False
        self._wake()

    # ---- called by the parser

    def on_message_begin(self) -> None:
        if self._is_done:
            self._is_reusable = False  # a second answer to one request: never to be taken for the next one's

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_headed:  # what follows the body of a chunked answer is ignored
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self._is_done or self._parser is None:
            return
        status = self._parser.get_status_code()
        if status == SWITCHING_PROTOCOLS:
            self._fail(UpstreamUnreachableError(f"{self.name} changes to a protocol that nobody asked for"))
            return
        if status in INFORMATIONAL:
            self._headers = []
            return
        size = sum(len(name) + len(value) for name, value in self._headers)
        if size > self._limits.header_bytes or len(self._headers) > MAX_HEADERS:
            self._refuse_head()
            return
        names = {name for name, _ in self._headers}
        self._status = status
        self._is_framed = b"content-length" in names or b"transfer-encoding" in names
        self._is_headed = True
        if not self._has_body:
            self._is_done, self._is_reusable = True, False  # the parser would wait for the announced body

    def on_body(self, body: bytes) -> None:
        if self._is_headed and not self._is_done:
            self._chunks.append(body)
            self._buffered += len(body)
            self._overhead -= len(body) + FRAMING_BYTES

    def on_message_complete(self) -> None:
        if self._is_headed and not self._is_done and self._parser is not None:
            self._is_done = True
            self._is_reusable = self._is_reusable and self._parser.should_keep_alive()

    def _refuse_head(self) -> None:
        limit = self._limits.header_bytes
        self._fail(AnswerTooLargeError(f"{self.name} sent headers of more than {limit} bytes"))
