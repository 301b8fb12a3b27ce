"""Plain WebSockets at `/v1/ws`: the calls and envelopes of Socket.IO as JSON objects, for other clients."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Annotated, Final, Literal, TypeAlias, TypeVar

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.errors import FlowloomError, InvalidRequestError, UnauthenticatedError
from gateway.domain.origins import is_same_origin
from gateway.live.follow import Piece
from gateway.live.outbox import DROP_SECONDS, HANG_UP_SECONDS, SlowSocketError, head_of, texts_in_packets
from gateway.live.session import (
    MAX_MESSAGE_BYTES,
    StreamSession,
    count_socket,
    problem_of,
    refusal,
    who,
)
from gateway.parts import Parts

log = structlog.get_logger(__name__)

SUBPROTOCOL: Final = "flowloom.v1"
AUTH_SECONDS: Final = 10.0
# RFC 6455, section 7.4; from 4000 on they are ours, and say the status of the problem that came before.
WRONG_KIND, TOO_LARGE, OVER, REFUSED = 1003, 1009, 1001, 4_000
M = TypeVar("M", bound=BaseModel)
CallId: TypeAlias = Annotated[str, Field(min_length=1, max_length=64)] | int


class Hello(BaseModel):
    """The first message."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    auth: dict[str, str]


class Call(BaseModel):
    """Every other message; the answer is `{id, …}`."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    id: CallId
    call: Literal["subscribe", "unsubscribe", "renew"]

    @property
    def message(self) -> JsonObject:
        """What is said beside the call."""
        return dict(self.model_extra or {})


class MessageError(Exception):
    """A message that ends the socket; `code` is the close code."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class PlainSockets:
    """The server behind `/v1/ws`."""

    def __init__(self, *, public_url: str, parts: Callable[[], Parts]) -> None:
        self._public_url = public_url
        self._parts = parts
        self._lines: set[_PlainLine] = set()

    @property
    def open_streams(self) -> int:
        """How many subscriptions are being served."""
        return sum(len(line.session.pumps) for line in self._lines if line.session is not None)

    async def stop(self) -> None:
        """End every socket: the process ends."""
        for line in list(self._lines):
            line.close_soon("the server is stopping")
            if line.session is not None:
                await line.session.release()

    async def serve(self, socket: WebSocket) -> None:
        """Serve one socket from its handshake to its end."""
        origin = socket.headers.get("origin")
        # A client that is no browser sends no origin; a page of another site cannot leave it out.
        if origin is not None and not is_same_origin(origin, self._public_url):
            await socket.close(code=1008)
            return
        if SUBPROTOCOL not in socket.scope.get("subprotocols", []):
            await socket.close(code=1002)
            return
        await socket.accept(subprotocol=SUBPROTOCOL)
        line = _PlainLine(socket, self._parts())
        self._lines.add(line)
        try:
            await line.serve()
        finally:
            self._lines.discard(line)


class _PlainLine:
    """See `Line` and `Outbox`: one WebSocket; everything that goes out goes through one lock."""

    def __init__(self, socket: WebSocket, parts: Parts) -> None:
        self._socket = socket
        self._parts = parts
        self._writing = asyncio.Lock()
        self._ended = asyncio.Event()
        self._reason = ""
        self.session: StreamSession | None = None

    async def serve(self) -> None:
        """Read calls until the client goes, is refused, or must go."""
        reading = asyncio.create_task(self._read())
        ending = asyncio.create_task(self._ended.wait())
        try:
            await asyncio.wait((reading, ending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, ending):
                task.cancel()
            await asyncio.gather(reading, ending, return_exceptions=True)
            if self.session is not None:
                await self.session.release()
        await self._finish(reading)

    async def _finish(self, reading: asyncio.Task[None]) -> None:
        if reading.cancelled():
            error: BaseException | None = None
        else:
            error = reading.exception()
        if isinstance(error, WebSocketDisconnect):
            return
        with suppress(TimeoutError, RuntimeError, SlowSocketError, WebSocketDisconnect):
            async with asyncio.timeout(HANG_UP_SECONDS):
                if isinstance(error, FlowloomError):
                    await self._say({"event": "problem", "data": problem_of(error)})
                    await self._socket.close(code=REFUSED + error.status, reason=error.title)
                elif isinstance(error, MessageError):
                    await self._socket.close(code=error.code, reason=error.detail)
                elif error is None:
                    await self._goodbye()
        if error is not None and not isinstance(error, FlowloomError | MessageError):
            raise error

    async def _goodbye(self) -> None:
        problem = {**problem_of(UnauthenticatedError(self._reason)), "instance": "/v1/ws"}
        await self._say({"event": "problem", "data": problem})
        await self._socket.close(code=OVER, reason=self._reason[:120])

    async def _read(self) -> None:
        hello = await self._hello()
        principal = await who(dict(hello.auth), self._parts)
        await count_socket(principal, self._parts)
        connection = self._parts.connections.add(principal, self.close_soon, ends_with_token=True)
        self.session = session = StreamSession(principal, connection, self, self._parts)
        await self._say({"event": "ready", "data": {"user_id": principal.user_id}})
        while True:
            call = _parsed(Call, await self._next())
            try:
                answer = await self._answer(session, call)
            except FlowloomError as error:
                answer = refusal(error)
            await self._say({"id": call.id, **answer})

    async def _hello(self) -> Hello:
        try:
            async with asyncio.timeout(AUTH_SECONDS):
                return _parsed(Hello, await self._next())
        except TimeoutError as error:
            raise UnauthenticatedError("Nobody said who they are.") from error

    async def _answer(self, session: StreamSession, call: Call) -> JsonObject:
        match call.call:
            case "subscribe":
                return await session.subscribe(call.message)
            case "unsubscribe":
                return await session.unsubscribe(call.message)
            case "renew":
                return await session.renew(call.message.get("auth"))

    async def _next(self) -> bytes:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if not isinstance(text, str):
            raise MessageError(WRONG_KIND, "Send text, not binary frames.")
        body = text.encode("utf-8", "replace")
        if len(body) > MAX_MESSAGE_BYTES:
            raise MessageError(TOO_LARGE, f"At most {MAX_MESSAGE_BYTES} bytes in a message.")
        return body

    def outbox(self, *, head_only: bool) -> "_PlainOutbox":
        """See `Line`."""
        return _PlainOutbox(self, head_only=head_only, parts=self._parts)

    async def tell(self, error: FlowloomError, instance: str) -> None:
        """See `Line`."""
        await self._say({"event": "problem", "data": {**problem_of(error), "instance": instance}})

    def close_soon(self, reason: str) -> None:
        """See `Line`."""
        self._reason = reason
        self._ended.set()

    async def _say(self, message: JsonObject) -> None:
        await self.write(orjson.dumps(message).decode())

    async def write(self, text: str) -> None:
        """Send a message and wait until the transport takes more; raise SlowSocketError if it does not."""
        try:
            async with asyncio.timeout(DROP_SECONDS), self._writing:
                if self._socket.application_state is WebSocketState.CONNECTED:
                    await self._socket.send_text(text)
        except TimeoutError as error:
            raise SlowSocketError from error


class _PlainOutbox:
    """See `Outbox`."""

    def __init__(self, line: _PlainLine, *, head_only: bool, parts: Parts) -> None:
        self._line = line
        self._head_only = head_only
        self._clock = parts.clock

    async def send(self, stream: str, batch: Sequence[Piece]) -> None:
        """Send a batch; a client that has gone is noticed by whoever reads it."""
        if self._head_only:
            batch = [head_of(stream, batch[-1], at=self._clock.now())]
        with suppress(WebSocketDisconnect, RuntimeError):
            for texts in texts_in_packets(batch):
                body = texts[0] if len(texts) == 1 else f"[{','.join(texts)}]"
                await self._line.write(f'{{"event":"event","data":{body}}}')


def _parsed(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise InvalidRequestError("Send {auth: {token}} first, then {id, call, …}.") from error
