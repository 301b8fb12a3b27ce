"""What waits for people who look: noticed once a second for all of them, and told on their streams."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from flowloom_contracts.approvals import ApprovalQuery
from flowloom_contracts.base import JsonObject
from flowloom_contracts.person_events import (
    MOST_COUNTED,
    NEWEST,
    AgentCount,
    PersonResync,
    PersonResyncData,
    PersonState,
    person_stream,
)
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.streams.frame import Frame, encode_body
from flowloom_servicekit.streams.subscription import Resync
from gateway.control_ports import Approvals
from gateway.desk_ports import PresenceStore
from gateway.domain.permissions import Permission
from gateway.domain.principals import Principal
from gateway.live.follow import MAX_PAUSE_SECONDS, Notice, Piece
from gateway.notice_ports import NotificationStore, UnreadMark
from gateway.ports import RunStreams
from gateway.usecases.agents import count_agents

log = structlog.get_logger(__name__)

NOTICE_SECONDS: Final = 1.0
ASK_EVERY: Final = 10
"""Others are asked only every so many rounds: decisions and agents are not kept here."""


class Teller(Protocol):
    """Writes states that replace each other; see `StreamWriter.tell`."""

    async def tell(self, stream: str, body: str, *, digest: str) -> Cursor:
        """Append a state unless it is the present one; return its place."""


@dataclass(slots=True)
class _Watched:
    principal: Principal
    viewers: int = 0
    mark: UnreadMark | None = None
    state: PersonState = field(default_factory=lambda: PersonState(unread=0))


class PersonWatch:
    """Tells the streams of the people who look at them in this process; several processes tell a state once.

    A stream belongs to a person in one workspace, though its name is the person's: a session sees no more.
    """

    def __init__(
        self,
        *,
        people: NotificationStore,
        approvals: Approvals,
        presence: PresenceStore,
        teller: Teller,
        clock: Clock,
    ) -> None:
        self._people = people
        self._approvals = approvals
        self._presence = presence
        self._teller = teller
        self._clock = clock
        self._watched: dict[tuple[str, str], _Watched] = {}
        self._agents = AgentCount()
        self._rounds = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._repeat(), name="persons")

    async def stop(self) -> None:
        """Look no longer."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self, principal: Principal) -> tuple[PersonState, Cursor]:
        """Return what waits for somebody now, and where their stream is with it."""
        self._agents = await count_agents(self._presence, clock=self._clock)
        one = self._watched.get(_key(principal)) or _Watched(principal)
        one.principal = principal
        marks = await self._people.marks([_key(principal)])
        await self._renew(one, marks.get(_key(principal)))
        return one.state, await self._tell(one)

    @asynccontextmanager
    async def watching(self, principal: Principal) -> AsyncIterator[None]:
        """Keep somebody's stream up to date inside the block."""
        one = self._watched.setdefault(_key(principal), _Watched(principal))
        one.viewers += 1
        try:
            yield
        finally:
            one.viewers -= 1
            if one.viewers == 0 and self._watched.get(_key(principal)) is one:
                del self._watched[_key(principal)]

    async def look_around(self) -> None:
        """Look once for everybody who is watched, and tell what has changed."""
        if not self._watched:
            return
        asks = self._rounds % ASK_EVERY == 0
        self._rounds += 1
        if asks:
            self._agents = await count_agents(self._presence, clock=self._clock)
        marks = await self._people.marks(list(self._watched))
        for key, one in list(self._watched.items()):
            mark = marks.get(key)
            if asks or mark != one.mark:
                await self._renew(one, mark)
                await self._tell(one)

    async def _renew(self, one: _Watched, mark: UnreadMark | None) -> None:
        state = one.state
        if mark != one.mark or (mark is not None and not state.newest):
            workspace_id, user_id = _key(one.principal)
            newest = await self._people.page(workspace_id, user_id, unread=True, after=None, limit=NEWEST)
            state = state.model_copy(update={"newest": newest, "unread": mark.count if mark else 0})
        decisions = await self._open_decisions(one.principal)
        one.mark = mark
        one.state = state.model_copy(update={"approvals": decisions, "agents": self._agents})

    async def _open_decisions(self, principal: Principal) -> int | None:
        if Permission.APPROVALS_READ not in principal.permissions:
            return None
        query = ApprovalQuery(actor=principal.actor, mine=True, limit=MOST_COUNTED)
        return len((await self._approvals.page(query)).items)

    async def _tell(self, one: _Watched) -> Cursor:
        data: JsonObject = one.state.model_dump(mode="json", exclude_none=True)
        digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
        at = self._clock.now().isoformat()
        envelope: JsonObject = {"at": at, "type": "person.changed.v1", "data": data}
        return await self._teller.tell(stream_of(one.principal), encode_body(envelope), digest=digest)

    async def _repeat(self) -> None:
        while True:
            await self._clock.sleep(NOTICE_SECONDS)
            # Gathered, so that no failure, a fault of ours even, ends the watch.
            (failure,) = await asyncio.gather(self.look_around(), return_exceptions=True)
            if isinstance(failure, UpstreamError):
                log.warning("people are not told what waits for them", error=repr(failure))
            elif failure is not None:
                log.error("what waits for people cannot be told", exc_info=failure)


class PersonFollower:
    """Follows a person's own stream for one viewer."""

    def __init__(
        self, principal: Principal, *, persons: PersonWatch, streams: RunStreams, clock: Clock
    ) -> None:
        self._principal = principal
        self._persons = persons
        self._streams = streams
        self._clock = clock

    async def follow(self, after: Cursor) -> AsyncGenerator[Sequence[Piece], None]:
        """Give states from behind a cursor; where that leads nowhere, the present one to go on from."""
        position = after
        async with self._persons.watching(self._principal):
            while True:
                stream = stream_of(self._principal)
                try:
                    async with self._streams.subscribe(stream, position, expected=True) as subscription:
                        async for batch in subscription:
                            if isinstance(batch, Resync):
                                break
                            position = batch[-1].cursor
                            yield [shown(one, self._principal) for one in batch]
                    state, position = await self._persons.look(self._principal)
                    yield [self._fresh_start(state, position)]
                except UpstreamError as error:
                    log.warning("a viewer waits for what is away", stream=stream, error=repr(error))
                    await self._clock.sleep(MAX_PAUSE_SECONDS)

    def _fresh_start(self, state: PersonState, cursor: Cursor) -> Notice:
        event = PersonResync(
            stream=person_stream(self._principal.user_id),
            epoch=cursor.epoch,
            at=self._clock.now(),
            type="stream.resync.v1",
            data=PersonResyncData(cursor=str(cursor), snapshot=state),
        )
        return Notice(cursor, event.model_dump_json(exclude_none=True), event.type)


def stream_of(principal: Principal) -> str:
    """Return the name under which a person's stream in a workspace is kept."""
    return f"{person_stream(principal.user_id)}@{principal.workspace_id}"


def shown(frame: Frame, principal: Principal) -> Frame:
    """Return an event under the name that its viewer knows."""
    body = frame.text.partition(f'"seq":{frame.cursor.seq},')[2]
    return Frame(person_stream(principal.user_id), frame.cursor, f"{{{body}")


def _key(principal: Principal) -> tuple[str, str]:
    return principal.workspace_id, principal.user_id
