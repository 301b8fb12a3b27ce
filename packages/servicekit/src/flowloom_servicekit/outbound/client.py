"""The client: judges, sends, follows redirects when asked to, and reads answers within limits."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final, Self

from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.outbound.connection import Connection
from flowloom_servicekit.outbound.decoding import Decoder
from flowloom_servicekit.outbound.errors import AnswerTooLargeError, ConnectionGoneError
from flowloom_servicekit.outbound.gate import Gate, Resolver, SystemResolver
from flowloom_servicekit.outbound.pool import Dialler, Pool, SystemDialler
from flowloom_servicekit.outbound.redirects import REDIRECTS, next_hop
from flowloom_servicekit.outbound.request import OutboundRequest, OutboundResponse
from flowloom_servicekit.outbound.targets import Origin, Target, target
from flowloom_servicekit.outbound.telemetry import count
from flowloom_servicekit.outbound.wire import message

MAX_CONNECTIONS: Final = 128
# Many servers close an idle connection after five seconds.
KEEP_ALIVE_S: Final = 3.0
PLAIN: Final = ("", "identity")


class OutboundClient:
    """Calls the outside; `allow` are the operator's origins, which are not judged. One per purpose and loop.

    It knows no proxies, cookies, credentials of the environment or redirects that nobody asked for.
    """

    def __init__(
        self,
        *,
        allow: Iterable[Origin] = (),
        resolver: Resolver | None = None,
        dialler: Dialler | None = None,
        max_connections: int = MAX_CONNECTIONS,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        self._gate = Gate(allow, resolver or SystemResolver())
        self._pool = Pool(
            self._gate,
            dialler or SystemDialler(),
            max_connections=max_connections,
            keep_alive_s=keep_alive_s,
        )

    async def request(self, request: OutboundRequest) -> OutboundResponse:
        """Return a whole answer, whatever its status.

        Raises `AddressRefusedError`, `RequestRefusedError`, `AnswerTooLargeError`, `UpstreamUnreachableError`
        and `OutboundTimeoutError`.
        """
        async with Exchange(self._pool, request, compressed=True) as answer:
            return OutboundResponse(answer.status, answer.headers, await answer.whole())

    def stream(self, request: OutboundRequest) -> "Exchange":
        """Return the context in which an answer can be read piece by piece; leaving it early hangs up.

        Fails like `request`, when it is entered and while it is read.
        """
        return Exchange(self._pool, request, compressed=False)

    def check(self, url: str) -> None:
        """Raise `AddressRefusedError` for an address that would be refused without asking a resolver."""
        self._gate.check(target(url).origin)

    async def aclose(self) -> None:
        """Close every connection."""
        self._pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class Exchange:
    """A request and its answer, as a context: what is entered is the answer."""

    def __init__(self, pool: Pool, request: OutboundRequest, *, compressed: bool) -> None:
        self._pool = pool
        self._request = request
        self._compressed = compressed
        self._connection: Connection | None = None
        self._origin: Origin | None = None
        self.was_sent = False
        """Whether a byte of the request may have left: without an answer nobody knows what it has done."""

    async def __aenter__(self) -> "Answer":
        try:
            return await self._answer()
        except BaseException as error:
            count(error)
            self._release()
            raise

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            count(error)
        self._release()

    async def _answer(self) -> "Answer":
        request = self._request
        here = request.url if isinstance(request.url, Target) else target(request.url)
        ends_at = asyncio.get_running_loop().time() + request.limits.total_s
        for left in range(request.redirects, -1, -1):
            status, headers, connection = await self._ask(request, here, ends_at)
            if status not in REDIRECTS or "location" not in headers or left == 0:
                count(status)
                return Answer(status, headers, connection, request.limits.body_bytes)
            request, here = next_hop(request, here, status, headers["location"])
            self._release()
        raise AssertionError("the last round returns")

    async def _ask(
        self, request: OutboundRequest, here: Target, ends_at: float
    ) -> tuple[int, dict[str, str], Connection]:
        """Send the request; kept connections that turn out to be dead are passed over."""
        data = message(request, here, compressed=self._compressed)
        while True:
            connection = await self._pool.acquire(here.origin, request.limits, ends_at=ends_at)
            self._connection, self._origin = connection, here.origin
            self.was_sent = True
            try:
                connection.send(data, request.limits, ends_at=ends_at, has_body=request.method != "HEAD")
                status, raw = await connection.head()
                return status, _joined(raw), connection
            except ConnectionGoneError:
                if not connection.is_used or not request.may_repeat:
                    raise
                self._release()

    def _release(self) -> None:
        if self._connection is not None and self._origin is not None:
            self._pool.release(self._connection, self._origin)
            self._connection = None


class Answer:
    """Status, headers (lower case) and the body, to be read once, piece by piece or whole."""

    def __init__(self, status: int, headers: dict[str, str], connection: Connection, room: int) -> None:
        self.status = status
        self.headers = headers
        self._connection = connection
        self._limit = room
        self._room = self._wire_room = room
        encoding = headers.get("content-encoding", "").strip().lower()
        self._decoder = None if encoding in PLAIN else Decoder(encoding, connection.name)
        length = headers.get("content-length", "")
        if not connection.is_done and length.isdigit() and int(length) > room:
            raise self._too_large()

    @property
    def is_whole(self) -> bool:
        """Whether the last byte of the body has arrived; it may still have to be read."""
        return self._connection.is_done

    async def read(self) -> bytes:
        """Return the next piece, b"" at the end; raises `AnswerTooLargeError` above the limit."""
        while data := await self._connection.read():
            self._wire_room -= len(data)
            if self._wire_room < 0:
                raise self._too_large()
            if self._decoder is None:
                return data
            try:
                data = self._decoder.feed(data, self._room)
            except FlowloomError:
                self._connection.close()
                raise
            self._room -= len(data)
            if data:
                return data
        if self._decoder is not None:
            self._decoder.end()
        return b""

    async def whole(self) -> bytes:
        """Return the rest of the body."""
        pieces = []
        while piece := await self.read():
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self.read():
            yield piece

    def _too_large(self) -> AnswerTooLargeError:
        self._connection.close()
        return AnswerTooLargeError(f"{self._connection.name} sent more than {self._limit} bytes")


def _joined(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers
