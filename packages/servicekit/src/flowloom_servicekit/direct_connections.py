"""The driver's own connections, for statements that need no transaction block around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import orjson
from sqlalchemy.engine import make_url

from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.tenancy import ENTER_AND_STAY, Scope, server_settings
from flowloom_servicekit.turns import Turns

CONNECT_SECONDS: Final = 5.0


class DirectConnections:
    """The driver's own connections, for statements that need no transaction block around them."""

    def __init__(self, url: str, scope: Scope, *, size: int, timeout_s: float) -> None:
        self._dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._scope = scope
        self._idle: list[tuple[asyncpg.Connection[asyncpg.Record], Scope]] = []
        self._size = size
        self._in_use = 0
        self._turns = Turns(size, timeout_s=timeout_s)

    @property
    def size(self) -> int:
        """How many there may be."""
        return self._size

    @property
    def in_use(self) -> int:
        """How many are at work."""
        return self._in_use

    @asynccontextmanager
    async def taken(self, scope: Scope) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Give a connection in a scope, the one used last first.

        One whose statement was interrupted is not kept.
        """
        await self._turns.take()
        connection, held = None, scope
        self._in_use += 1
        try:
            connection, held = self._kept(scope) or (await self._connected(), self._scope)
            if held != scope:
                await connection.fetch(ENTER_AND_STAY, *scope.after(held))
                held = scope
            yield connection
        except asyncpg.PostgresError:
            self._keep(connection, held)
            raise
        except BaseException:
            if connection is not None:
                connection.terminate()
            raise
        else:
            self._keep(connection, held)
        finally:
            self._in_use -= 1
            self._turns.give_back()

    def _kept(self, scope: Scope) -> "tuple[asyncpg.Connection[asyncpg.Record], Scope] | None":
        """Return the one used last in this scope.

        If there is none, and as many are open as may be, the one used last: to enter another scope is a round
        trip, and two that take turns would pay it every time.
        """
        self._idle = [idle for idle in self._idle if not idle[0].is_closed()]
        for place in range(len(self._idle) - 1, -1, -1):
            if self._idle[place][1] == scope:
                return self._idle.pop(place)
        has_room = len(self._idle) + self._in_use <= self._size
        return None if has_room or not self._idle else self._idle.pop()

    def _keep(self, connection: "asyncpg.Connection[asyncpg.Record] | None", scope: Scope) -> None:
        if connection is not None and not connection.is_closed():
            self._idle.append((connection, scope))

    async def _connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        try:
            connection = await asyncpg.connect(
                self._dsn,
                timeout=CONNECT_SECONDS,
                server_settings=server_settings(self._scope),
                max_cached_statement_lifetime=0,
            )
            await connection.set_type_codec(
                "jsonb", schema="pg_catalog", encoder=_as_it_is, decoder=orjson.loads, format="text"
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise StorageUnavailableError("the database cannot be reached") from error
        return connection

    async def close(self) -> None:
        """Close what is idle."""
        idle, self._idle = self._idle, []
        for connection, _ in idle:
            try:
                await connection.close(timeout=CONNECT_SECONDS)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()


def _as_it_is(text_of_json: str) -> str:
    return text_of_json
