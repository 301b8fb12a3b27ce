"""What one socket may ask for, the same for Socket.IO and for plain WebSockets."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Protocol

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.events import run_stream
from flowloom_contracts.person_events import person_stream
from flowloom_contracts.problem import Problem
from flowloom_contracts.runs import Run
from flowloom_servicekit.errors import (
    FlowloomError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnauthenticatedError,
)
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.errors import StreamMovedError, StreamTrimmedError
from flowloom_servicekit.streams.reader import StreamPage
from flowloom_servicekit.tracing import TRACEPARENT, TraceContext, about, attached, span
from gateway.domain.permissions import Permission
from gateway.domain.principals import Principal
from gateway.domain.rate_limits import Bucket
from gateway.live.connections import Connection
from gateway.live.follow import Piece, RunFollower
from gateway.live.outbox import Outbox, SlowSocketError
from gateway.live.persons import PersonFollower, shown, stream_of
from gateway.parts import Parts
from gateway.usecases.runs import cursor_from, run_query

log = structlog.get_logger(__name__)

MAX_MESSAGE_BYTES: Final = 65_536
MAX_STREAMS: Final = 100
BACKLOG: Final = 500
"""Events that an answer to `subscribe` carries; what is behind them follows as events."""


class StreamNotFoundError(NotFoundError):
    """There is no such stream for whoever asks."""

    title = "Stream not found"


class Subscribe(BaseModel):
    """A client's wish to follow a stream."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    stream: str = Field(max_length=100)
    after: str | None = Field(default=None, max_length=40)
    mode: Literal["full", "head"] = "full"


class Line(Protocol):
    """The socket under a session."""

    def outbox(self, *, head_only: bool) -> Outbox:
        """Return where the batches of a stream go."""
        ...

    async def tell(self, error: FlowloomError, instance: str) -> None:
        """Send a problem that nobody asked for."""
        ...

    def close_soon(self, reason: str) -> None:
        """End the socket, with the reason, without waiting for it."""
        ...


async def who(auth: JsonValue, parts: Parts) -> Principal:
    """Return whose access token or API key `{token}` is."""
    token = auth.get("token") if isinstance(auth, dict) else None
    if not isinstance(token, str):
        raise UnauthenticatedError("Send an access token or API key as `auth.token`.")
    return await parts.authenticator.by_credential(token)


async def count_socket(principal: Principal, parts: Parts) -> None:
    """Count a new socket of somebody; raise TooManyRequestsError for those who open them too often."""
    if principal.key_id is None:
        await parts.rates.spend(Bucket.SOCKETS, principal.user_id)
    else:
        await parts.rates.spend(Bucket.USER, principal.key_id)


@dataclass(slots=True, eq=False)
class StreamSession:
    """The streams that one socket follows; its calls answer with JSON and raise nothing of ours."""

    principal: Principal
    connection: Connection
    line: Line
    parts: Parts
    pumps: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    is_over: bool = False
    _runs: dict[str, Run] = field(default_factory=dict)

    async def renew(self, auth: JsonValue) -> JsonObject:
        """Go on with a fresh token of the same person."""
        try:
            renewed = await who(auth, self.parts)
            held = self.principal
            if (renewed.user_id, renewed.workspace_id) != (held.user_id, held.workspace_id):
                raise ForbiddenError("A socket stays with the person who opened it.")
        except FlowloomError as error:
            return refusal(error)
        self.principal = self.connection.principal = renewed
        return {"ok": True}

    async def subscribe(self, message: JsonValue) -> JsonObject:
        """Begin to follow a stream, as a trace of its own; its events come behind this answer."""
        began = {TRACEPARENT: TraceContext.new().header()}
        whose = about(tenant=self.principal.workspace_id, user=self.principal.user_id)
        with attached(began), whose, span("subscribe", kind="server"):
            return await self._subscribe(message)

    async def _subscribe(self, message: JsonValue) -> JsonObject:
        try:
            wish = _wish(message)
            is_own = wish.stream.startswith("user:")
            run = None if is_own else await self._run_of(wish.stream)
            if len(self.pumps) >= MAX_STREAMS and wish.stream not in self.pumps:
                raise InvalidRequestError(f"At most {MAX_STREAMS} streams on one socket.")
            answer, cursor = await (self._own_answer(wish) if run is None else self._first_answer(run, wish))
        except FlowloomError as error:
            return refusal(error)
        await _stop(self.pumps.pop(wish.stream, None))
        # The pump first runs when this answer is on its way, so no event overtakes the answer.
        if cursor is not None and not self.is_over:
            follower = self._own_follower() if run is None else self._run_follower(run)
            self.pumps[wish.stream] = asyncio.create_task(self._pump(follower.follow(cursor), wish))
        return answer

    async def unsubscribe(self, message: JsonValue) -> JsonObject:
        """Follow a stream no longer."""
        try:
            wish = _wish(message)
        except FlowloomError as error:
            return refusal(error)
        await _stop(self.pumps.pop(wish.stream, None))
        return {"ok": True}

    async def release(self) -> None:
        """End every stream: the socket is gone, or must go."""
        self.is_over = True
        self.parts.connections.remove(self.connection)
        pumps, self.pumps = list(self.pumps.values()), {}
        for pump in pumps:
            await _stop(pump)

    async def _run_of(self, stream: str) -> Run:
        """Return the run of a stream, if it is of this socket's workspace; asked once a socket."""
        if Permission.RUNS_READ not in self.principal.permissions:
            raise ForbiddenError("Following a run needs the permission 'runs:read'.")
        query = run_query(stream.removeprefix("run:"), self.principal)
        known = self._runs.get(stream)
        if known is None or not known.status.is_terminal:
            known = self._runs[run_stream(query.run_id)] = await self.parts.runs.get(query)
        return known

    async def _first_answer(self, run: Run, wish: Subscribe) -> tuple[JsonObject, Cursor | None]:
        """Return the acknowledgement, and the cursor from which the pump goes on if anything can follow."""
        if wish.after is not None:
            after = cursor_from(wish.after)
            try:
                page = await self.parts.pages.read(wish.stream, after, BACKLOG)
                missed, cursor, is_sealed = _backlog(after, page, head_only=wish.mode == "head")
                return missed, None if is_sealed and await self._is_over(run) else cursor
            except StreamTrimmedError:
                return _backlog(after, None, head_only=False)[:2]
            except StreamMovedError:
                log.info("a viewer of an old epoch takes a snapshot", stream=wish.stream)
        snapshot = await self.parts.runs.snapshot(run_query(run.id, self.principal))
        answer: JsonObject = {
            "ok": True,
            "cursor": snapshot.cursor,
            "snapshot": snapshot.model_dump(mode="json"),
            "truncated": False,
        }
        is_over = snapshot.run.status.is_terminal
        return answer, None if is_over else Cursor.parse(snapshot.cursor)

    async def _is_over(self, run: Run) -> bool:
        """Whether nothing can follow a sealed stream; that of a run tried again is so until it is opened."""
        now = await self.parts.runs.get(run_query(run.id, self.principal))
        self._runs[run_stream(run.id)] = now
        return now.status.is_terminal

    async def _own_answer(self, wish: Subscribe) -> tuple[JsonObject, Cursor]:
        """Return the acknowledgement of somebody's own stream: what they missed, or how things are."""
        who = self.principal
        if who.session_id is None or wish.stream != person_stream(who.user_id):
            raise StreamNotFoundError("A person's stream is there for that person, signed in.")
        state, head = await self.parts.persons.look(who)
        if wish.after is not None:
            after = cursor_from(wish.after)
            with suppress(StreamMovedError, StreamTrimmedError):
                page = await self.parts.pages.read(stream_of(who), after, BACKLOG)
                if page is not None and after != START:
                    page = replace(page, frames=[shown(frame, who) for frame in page.frames])
                    answer, cursor, _ = _backlog(after, page, head_only=wish.mode == "head")
                    return answer, cursor
        snapshot = state.model_dump(mode="json", exclude_none=True)
        return {"ok": True, "cursor": str(head), "snapshot": snapshot, "truncated": False}, head

    def _own_follower(self) -> PersonFollower:
        parts = self.parts
        return PersonFollower(self.principal, persons=parts.persons, streams=parts.streams, clock=parts.clock)

    def _run_follower(self, run: Run) -> RunFollower:
        parts = self.parts
        return RunFollower(
            run, self.principal.actor, runs=parts.runs, streams=parts.streams, clock=parts.clock
        )

    async def _pump(self, batches: AsyncGenerator[Sequence[Piece], None], wish: Subscribe) -> None:
        outbox = self.line.outbox(head_only=wish.mode == "head")
        try:
            async for batch in batches:
                await outbox.send(wish.stream, batch)
        except SlowSocketError:
            log.info("a socket was dropped because it did not read")
            self.line.close_soon("the socket did not read")
        except FlowloomError as error:
            log.warning("a subscription ended early", stream=wish.stream, error=repr(error))
            await self.line.tell(error, wish.stream)
        finally:
            await batches.aclose()
            if self.pumps.get(wish.stream) is asyncio.current_task():
                del self.pumps[wish.stream]


def refusal(error: FlowloomError) -> JsonObject:
    """Return the answer to a call that is refused."""
    return {"ok": False, "problem": problem_of(error)}


def problem_of(error: FlowloomError) -> JsonObject:
    """Return an error as a problem in JSON."""
    problem: Problem = error.problem()
    return problem.model_dump(mode="json", exclude_none=True)


def _backlog(after: Cursor, page: StreamPage | None, *, head_only: bool) -> tuple[JsonObject, Cursor, bool]:
    """Return the events behind a cursor, where they end, and whether the stream is sealed there.

    `truncated` says that more of them follow as events.
    """
    frames = page.frames if page is not None and not head_only else []
    events: list[JsonValue] = [orjson.loads(frame.text) for frame in frames]
    cursor = frames[-1].cursor if frames else after
    at_head = page is not None and page.is_last
    answer: JsonObject = {
        "ok": True,
        "cursor": str(cursor),
        "events": events,
        "truncated": not at_head,
    }
    return answer, cursor, page is not None and at_head and page.sealed


def _wish(message: JsonValue) -> Subscribe:
    try:
        wish = Subscribe.model_validate(message)
    except ValidationError as error:
        raise InvalidRequestError("Send {stream, after?, mode?}.") from error
    if not wish.stream.startswith(("run:", "user:")):
        raise InvalidRequestError(
            "Only streams of runs, `run:<id>`, and your own, `user:<id>`, can be followed."
        )
    return wish


async def _stop(task: asyncio.Task[None] | None) -> None:
    if task is None or task is asyncio.current_task():
        return
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
