"""Socket.IO: streams subscribed to over one socket, with the frames that server-sent events share."""

import asyncio
from collections.abc import Callable, Mapping

import socketio  # type: ignore[import-untyped]  # the package has no types
from socketio.exceptions import (  # type: ignore[import-untyped]  # the package has no types
    ConnectionRefusedError as SocketRefusedError,
)

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_servicekit.errors import FlowloomError, UnauthenticatedError
from gateway.domain.origins import is_same_origin
from gateway.live.outbox import SocketOutbox
from gateway.live.session import (
    MAX_MESSAGE_BYTES,
    StreamSession,
    count_socket,
    problem_of,
    refusal,
    who,
)
from gateway.parts import Parts


class _Line:
    """See `Line`: one Socket.IO client."""

    def __init__(self, server: "SocketServer", sid: str) -> None:
        self._server = server
        self._sid = sid

    def outbox(self, *, head_only: bool) -> SocketOutbox:
        clock = self._server.parts().clock
        return SocketOutbox(self._server.server, self._sid, head_only=head_only, clock=clock)

    async def tell(self, error: FlowloomError, instance: str) -> None:
        await self._server.tell(self._sid, error, instance)

    def close_soon(self, reason: str) -> None:
        self._server.close_soon(self._sid, reason)


class SocketServer:
    """The server behind `/socket.io`; `parts` are there while the application runs."""

    def __init__(self, *, public_url: str, parts: Callable[[], Parts]) -> None:
        self.parts = parts
        self._sessions: dict[str, StreamSession] = {}
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
        return sum(len(session.pumps) for session in self._sessions.values())

    async def stop(self) -> None:
        """End every subscription: the process ends."""
        for session in list(self._sessions.values()):
            await session.release()
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def tell(self, sid: str, error: FlowloomError, instance: str) -> None:
        """Send a problem that nobody asked for."""
        await self.server.emit("problem", {**problem_of(error), "instance": instance}, to=sid)

    def close_soon(self, sid: str, reason: str) -> None:
        """End a socket without waiting for it."""
        task = asyncio.create_task(self._close(sid, reason), name=f"close {sid}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _connect(self, sid: str, environ: Mapping[str, object], auth: JsonValue = None) -> None:
        parts = self.parts()
        try:
            principal = await who(auth, parts)
            await count_socket(principal, parts)
            connection = parts.connections.add(
                principal, lambda reason: self.close_soon(sid, reason), ends_with_token=True
            )
        except FlowloomError as error:
            raise SocketRefusedError(error.title, problem_of(error)) from error
        self._sessions[sid] = StreamSession(principal, connection, _Line(self, sid), parts)

    async def _disconnect(self, sid: str, reason: str) -> None:
        session = self._sessions.pop(sid, None)
        if session is not None:
            await session.release()

    async def _renew(self, sid: str, auth: JsonValue = None) -> JsonObject:
        session = self._sessions.get(sid)
        return _gone() if session is None else await session.renew(auth)

    async def _subscribe(self, sid: str, message: JsonValue = None) -> JsonObject:
        session = self._sessions.get(sid)
        return _gone() if session is None else await session.subscribe(message)

    async def _unsubscribe(self, sid: str, message: JsonValue = None) -> JsonObject:
        session = self._sessions.get(sid)
        return _gone() if session is None else await session.unsubscribe(message)

    async def _close(self, sid: str, reason: str) -> None:
        session = self._sessions.pop(sid, None)
        if session is None:
            return
        await session.release()
        await self.tell(sid, UnauthenticatedError(reason), "/socket.io")
        await SocketOutbox.hang_up(self.server, sid)


def _gone() -> JsonObject:
    return refusal(UnauthenticatedError("The socket is closing."))
