"""Open streams and whose credentials hold them open; those that no longer count are closed within 2 s."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import DomainError, UpstreamError
from gateway.domain.principals import Principal
from gateway.ports import Credentials

log = structlog.get_logger(__name__)

CHECK_SECONDS: Final = 1.0
MAX_PER_USER: Final = 200


class TooManyStreamsError(DomainError):
    """One person holds too many streams open."""

    status = 429
    title = "Too many open streams"


@dataclass(slots=True, eq=False)
class Connection:
    """One open stream; `close` is called once with the reason when its credential ends."""

    principal: Principal
    close: Callable[[str], None]
    ends_with_token: bool


class Connections:
    """All open streams of this process, asked for together once a second."""

    def __init__(self, *, credentials: Credentials, clock: Clock) -> None:
        self._credentials = credentials
        self._clock = clock
        self._open: set[Connection] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to check."""
        self._task = asyncio.create_task(self._watch(), name="connections")

    async def stop(self) -> None:
        """Close every stream: the process ends."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for connection in list(self._open):
            self._end(connection, "the server is stopping")

    def add(
        self, principal: Principal, close: Callable[[str], None], *, ends_with_token: bool = False
    ) -> Connection:
        """Watch a stream; raise TooManyStreamsError above the limit of one person."""
        held = sum(1 for other in self._open if other.principal.user_id == principal.user_id)
        if held >= MAX_PER_USER:
            raise TooManyStreamsError(f"At most {MAX_PER_USER} at a time; close some.", retry_after=5)
        connection = Connection(principal, close, ends_with_token)
        self._open.add(connection)
        return connection

    def remove(self, connection: Connection) -> None:
        """Watch a stream no longer."""
        self._open.discard(connection)

    @property
    def count(self) -> int:
        """How many streams are open."""
        return len(self._open)

    async def check(self) -> None:
        """Close the streams whose session, key or token has ended."""
        if not self._open:
            return
        now = self._clock.now()
        of_sessions = {c.principal.session_id for c in self._open if c.principal.session_id}
        of_keys = {c.principal.key_id for c in self._open if c.principal.key_id}
        ended_sessions, ended_keys = await self._credentials.ended(
            session_ids=of_sessions, key_ids=of_keys, now=now
        )
        for connection in list(self._open):
            who = connection.principal
            expires_at = who.token_expires_at if connection.ends_with_token else None
            if who.session_id in ended_sessions or who.key_id in ended_keys:
                self._end(connection, "the session or key has ended")
            elif expires_at is not None and expires_at <= now:
                self._end(connection, "the access token has expired")

    def _end(self, connection: Connection, reason: str) -> None:
        self._open.discard(connection)
        connection.close(reason)

    async def _watch(self) -> None:
        while True:
            await self._clock.sleep(CHECK_SECONDS)
            try:
                await self.check()
            except UpstreamError as error:
                # Nobody can be revoked either while the store is away.
                log.warning("open streams were not checked", error=repr(error))
