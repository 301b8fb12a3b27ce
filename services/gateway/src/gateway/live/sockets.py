"""Socket.IO: streams subscribed to over one socket, with the frames that server-sent events share."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import orjson
import socketio  # type: ignore[import-untyped]  # the package has no types
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from socketio.exceptions import (  # type: ignore[import-untyped]  # the package has no types
    ConnectionRefusedError as SocketRefusedError,
)

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.events import run_stream
from flowloom_contracts.problem import Problem
from flowloom_contracts.runs import Run
from flowloom_servicekit.errors import (
    FlowloomError,
    ForbiddenError,
    InvalidRequestError,
    UnauthenticatedError,
)
from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.errors import StreamMovedError
from flowloom_servicekit.streams.reader import StreamPage
from gateway.domain.origins import is_same_origin
from gateway.domain.permissions import Permission
from gateway.domain.principals import Principal
from gateway.live.connections import Connection
from gateway.live.follow import RunFollower
from gateway.live.outbox import SlowSocketError, SocketOutbox
from gateway.parts import Parts
from gateway.usecases.runs import cursor_from, run_query

log = structlog.get_logger(__name__)

MAX_MESSAGE_BYTES: Final = 100_000
MAX_STREAMS: Final = 100
BACKLOG: Final = 500
"""Events that an answer to `subscribe` carries; what is behind them follows as events."""


class Subscribe(BaseModel):
    """A client's wish to follow a stream."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    stream: str = Field(max_length=100)
    after: str | None = Field(default=None, max_length=40)
    mode: Literal["full", "head"] = "full"


@dataclass(slots=True, eq=False)
class _Socket:
    sid: str
    principal: Principal
    connection: Connection
    runs: dict[str, Run] = field(default_factory=dict)
    pumps: dict[str, asyncio.Task[None]] = field(default_factory=dict)


class SocketServer:
    """The server behind `/socket.io`; `parts` are there while the application runs."""

    def __init__(self, *, public_url: str, parts: Callable[[], Parts]) -> None:
        self._parts = parts
        self._sockets: dict[str, _Socket] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self.server = socketio.AsyncServer(
            async_mode="asgi",
            cors_allowed_origins=lambda origin, _: is_same_origin(origin, public_url),
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            ping_interval=20,
            ping_timeout=10,
        )
        self.app = socketio.ASGIApp(self.server, socketio_path="/socket.io")
        for name, handler in (
            ("connect", self._connect),
            ("disconnect", self._disconnect),
            ("subscribe", self._subscribe),
            ("unsubscribe", self._unsubscribe),
            ("renew", self._renew),
        ):
            self.server.on(name, handler)

    @property
    def open_streams(self) -> int:
        """How many subscriptions are being served."""
        return sum(len(socket.pumps) for socket in self._sockets.values())

    async def stop(self) -> None:
        """End every subscription: the process ends."""
        for socket in list(self._sockets.values()):
            await self._release(socket)
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _connect(self, sid: str, environ: Mapping[str, object], auth: JsonValue = None) -> None:
        try:
            principal = await self._who(auth)
            connection = self._parts().connections.add(
                principal, lambda reason: self._close_soon(sid, reason), ends_with_token=True
            )
        except FlowloomError as error:
            raise SocketRefusedError(error.title, _problem(error)) from error
        self._sockets[sid] = _Socket(sid, principal, connection)

    async def _disconnect(self, sid: str, reason: str) -> None:
        socket = self._sockets.pop(sid, None)
        if socket is not None:
            await self._release(socket)

    async def _renew(self, sid: str, auth: JsonValue = None) -> JsonObject:
        try:
            socket = self._known(sid)
            renewed = await self._who(auth)
            held = socket.principal
            if (renewed.user_id, renewed.workspace_id) != (held.user_id, held.workspace_id):
                raise ForbiddenError("A socket stays with the person who opened it.")
        except FlowloomError as error:
            return {"ok": False, "problem": _problem(error)}
        socket.principal = socket.connection.principal = renewed
        return {"ok": True}

    async def _subscribe(self, sid: str, message: JsonValue = None) -> JsonObject:
        try:
            socket = self._known(sid)
            wish = _wish(message)
            run = await self._run_of(socket, wish.stream)
            if len(socket.pumps) >= MAX_STREAMS and wish.stream not in socket.pumps:
                raise InvalidRequestError(f"At most {MAX_STREAMS} streams on one socket.")
            answer, cursor = await self._first_answer(socket, run, wish)
        except FlowloomError as error:
            return {"ok": False, "problem": _problem(error)}
        await _stop(socket.pumps.pop(wish.stream, None))
        # The pump first runs when this handler's answer is queued, so no event overtakes the answer.
        if cursor is not None and sid in self._sockets:
            pump = asyncio.create_task(self._pump(socket, run, wish, cursor))
            socket.pumps[wish.stream] = pump
        return answer

    async def _unsubscribe(self, sid: str, message: JsonValue = None) -> JsonObject:
        try:
            socket = self._known(sid)
            wish = _wish(message)
        except FlowloomError as error:
            return {"ok": False, "problem": _problem(error)}
        await _stop(socket.pumps.pop(wish.stream, None))
        return {"ok": True}

    async def _who(self, auth: JsonValue) -> Principal:
        token = auth.get("token") if isinstance(auth, dict) else None
        if not isinstance(token, str):
            raise UnauthenticatedError("Send an access token or API key as `auth.token`.")
        return await self._parts().authenticator.by_credential(token)

    def _known(self, sid: str) -> _Socket:
        socket = self._sockets.get(sid)
        if socket is None:
            raise UnauthenticatedError("The socket is closing.")
        return socket

    async def _run_of(self, socket: _Socket, stream: str) -> Run:
        """Return the run of a stream, if it is of this socket's workspace; asked once a socket."""
        if Permission.RUNS_READ not in socket.principal.permissions:
            raise ForbiddenError("Following a run needs the permission 'runs:read'.")
        query = run_query(stream.removeprefix("run:"), socket.principal)
        known = socket.runs.get(stream)
        if known is None or not known.status.is_terminal:
            known = socket.runs[run_stream(query.run_id)] = await self._parts().runs.get(query)
        return known

    async def _first_answer(
        self, socket: _Socket, run: Run, wish: Subscribe
    ) -> tuple[JsonObject, Cursor | None]:
        """Return the acknowledgement, and the cursor from which the pump goes on if anything can follow."""
        parts = self._parts()
        if wish.after is not None:
            after = cursor_from(wish.after)
            try:
                page = await parts.pages.read(wish.stream, after, BACKLOG)
                return _backlog(after, page, head_only=wish.mode == "head")
            except StreamMovedError:
                log.info("a viewer of an old epoch takes a snapshot", stream=wish.stream)
        snapshot = await parts.runs.snapshot(run_query(run.id, socket.principal))
        answer: JsonObject = {
            "ok": True,
            "cursor": snapshot.cursor,
            "snapshot": snapshot.model_dump(mode="json"),
            "truncated": False,
        }
        is_over = snapshot.run.status.is_terminal
        return answer, None if is_over else Cursor.parse(snapshot.cursor)

    async def _pump(self, socket: _Socket, run: Run, wish: Subscribe, after: Cursor) -> None:
        parts = self._parts()
        follower = RunFollower(
            run, socket.principal.actor, runs=parts.runs, streams=parts.streams, clock=parts.clock
        )
        outbox = SocketOutbox(self.server, socket.sid, head_only=wish.mode == "head", clock=parts.clock)
        batches = follower.follow(after)
        try:
            async for batch in batches:
                await outbox.send(wish.stream, batch)
        except SlowSocketError:
            log.info("a socket was dropped because it did not read", sid=socket.sid)
            self._close_soon(socket.sid, "the socket did not read")
        except FlowloomError as error:
            log.warning("a subscription ended early", stream=wish.stream, error=repr(error))
            await self._tell(socket.sid, error, wish.stream)
        finally:
            await batches.aclose()
            if socket.pumps.get(wish.stream) is asyncio.current_task():
                del socket.pumps[wish.stream]

    async def _tell(self, sid: str, error: FlowloomError, instance: str) -> None:
        await self.server.emit("problem", {**_problem(error), "instance": instance}, to=sid)

    def _close_soon(self, sid: str, reason: str) -> None:
        task = asyncio.create_task(self._close(sid, reason), name=f"close {sid}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, sid: str, reason: str) -> None:
        socket = self._sockets.pop(sid, None)
        if socket is None:
            return
        await self._release(socket)
        await self._tell(sid, UnauthenticatedError(reason), "/socket.io")
        await SocketOutbox.hang_up(self.server, sid)

    async def _release(self, socket: _Socket) -> None:
        self._parts().connections.remove(socket.connection)
        pumps, socket.pumps = list(socket.pumps.values()), {}
        for pump in pumps:
            await _stop(pump)


def _backlog(after: Cursor, page: StreamPage | None, *, head_only: bool) -> tuple[JsonObject, Cursor | None]:
    """Return the events behind a cursor; `truncated` says that more of them follow as events."""
    frames = page.frames if page is not None and not head_only else []
    events: list[JsonValue] = [orjson.loads(frame.text) for frame in frames]
    cursor = frames[-1].cursor if frames else after
    at_head = page is not None and page.is_last
    over = page is not None and at_head and page.sealed
    answer: JsonObject = {
        "ok": True,
        "cursor": str(cursor),
        "events": events,
        "truncated": not at_head,
    }
    return answer, None if over else cursor


def _wish(message: JsonValue) -> Subscribe:
    try:
        wish = Subscribe.model_validate(message)
    except ValidationError as error:
        raise InvalidRequestError("Send {stream, after?, mode?}.") from error
    if not wish.stream.startswith("run:"):
        raise InvalidRequestError("Only streams of runs, `run:<id>`, can be followed.")
    return wish


def _problem(error: FlowloomError) -> JsonObject:
    problem: Problem = error.problem()
    return problem.model_dump(mode="json", exclude_none=True)


async def _stop(task: asyncio.Task[None] | None) -> None:
    if task is None or task is asyncio.current_task():
        return
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
