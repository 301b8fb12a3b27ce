"""Open streams and whose credentials hold them open; what no longer counts closes them within 2 s."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Gauge

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import DomainError, UpstreamError
from gateway.domain.principals import Principal
from gateway.ports import Credentials
from gateway.usecases.sharing import SharingBook

log = structlog.get_logger(__name__)

CHECK_SECONDS: Final = 1.0
MAX_PER_USER: Final = 200

STREAMS_OPEN: Final = Gauge("flowloom_streams_open", "Live streams that viewers hold open, of every kind.")


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

    def __init__(self, *, credentials: Credentials, sharing: SharingBook, clock: Clock) -> None:
        self._credentials = credentials
        self._sharing = sharing
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
        """Close the streams whose credential has ended, or whose person may do something else than before."""
        if not self._open:
            return
        now = self._clock.now()
        held = {connection.principal.credential_id for connection in self._open}
        roles = await self._credentials.roles_of(held, now=now)
        connections = list(self._open)
        limits = await self._sharing.limits_of_all(connection.principal for connection in connections)
        for connection, limited in zip(connections, limits, strict=True):
            who = connection.principal
            expires_at = who.token_expires_at if connection.ends_with_token else None
            role = roles.get(who.credential_id)
            if role is None:
                self._end(connection, "the session or key has ended")
            elif role != who.role:
                self._end(connection, "the role has changed")
            elif limited != who.limits:
                self._end(connection, "the sharing of a workflow has changed")
            elif expires_at is not None and expires_at <= now:
                self._end(connection, "the access token has expired")

    def _end(self, connection: Connection, reason: str) -> None:
        self._open.discard(connection)
        connection.close(reason)

    async def _watch(self) -> None:
        while True:
            await self._clock.sleep(CHECK_SECONDS)
            # Gathered, so that no failure, a fault of ours even, ends the watch.
            (failure,) = await asyncio.gather(self.check(), return_exceptions=True)
            if isinstance(failure, UpstreamError):
                # Nobody can be revoked either while the store is away.
                log.warning("open streams were not checked", error=repr(failure))
            elif failure is not None:
                log.error("open streams cannot be checked", exc_info=failure)
