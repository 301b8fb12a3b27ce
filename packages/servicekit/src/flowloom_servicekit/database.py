"""Postgres for one service: a pool, transactions, and its failures in our words."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final, TypeAlias

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, DisconnectionError, InvalidRequestError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool

from flowloom_servicekit.direct_connections import CONNECT_SECONDS, DirectConnections
from flowloom_servicekit.errors import StorageFullError, StorageUnavailableError, UpstreamError
from flowloom_servicekit.queries import FoundRow, Query
from flowloom_servicekit.tenancy import ENTER, NO_WORKSPACE, Scope, Settings, server_settings
from flowloom_servicekit.turns import Turns

# Classes of SQLSTATE: connection, resources, operator intervention, system error; then deadlock,
# serialisation failure and lock timeout, after which the same transaction can succeed.
UNAVAILABLE_CLASSES: Final = ("08", "53", "57", "58")
UNAVAILABLE_STATES: Final = frozenset({"40001", "40P01", "55P03", "25P03"})
DISK_FULL: Final = "53100"
_PARAMETER: Final = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


class Statement:
    """One SQL statement with `:name` parameters, parsed once; it is atomic by itself.

    The server infers the types of parameters; JSON goes in as text and comes out as values.
    """

    def __init__(self, sql: str) -> None:
        names = dict.fromkeys(_PARAMETER.findall(sql))
        places = {name: f"${place}" for place, name in enumerate(names, start=1)}
        self.names = tuple(names)
        self.sql = _PARAMETER.sub(lambda match: places[match[1]], sql)

    def arguments(self, parameters: Mapping[str, object]) -> list[object]:
        """Return the parameters in the order of the statement."""
        return [parameters[name] for name in self.names]


class Database:
    """The pool of one process: `transaction` gives a session, `rows` and `found` run one statement at once.

    Both have connections of their own, single statements half as many and none before the first. What is done
    sees the rows of one workspace, by default those of `workspace`; see `tenancy`.
    """

    def __init__(
        self, url: str, *, workspace: str = NO_WORKSPACE, pool_size: int = 10, pool_timeout_s: float = 5
    ) -> None:
        self._scope = Scope.of(workspace, url)
        self._url = url
        self._pool_size = pool_size
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout_s,
            pool_recycle=1800,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "server_settings": server_settings(self._scope),
            },
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_lost)
        # As many as connections: what waits, waits here, where nobody is overtaken.
        self._turns = Turns(pool_size, timeout_s=pool_timeout_s)
        self._direct = DirectConnections(
            url, self._scope, size=max(pool_size // 2, 1), timeout_s=pool_timeout_s
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self, workspace: str | None = None) -> AsyncIterator[AsyncSession]:
        """Give a session whose work is committed at the end, or rolled back when the block raises.

        It sees the rows of a workspace only, whatever its statements say, or those of `EVERY_WORKSPACE`.
        Raises `StorageUnavailableError` or `StorageFullError` when Postgres is the reason: nothing was kept,
        unless the connection broke during the commit itself. Other errors pass unchanged.
        """
        await self._turns.take()
        try:
            async with self._sessions() as session:
                await _connect(session)
                scope = self._scope_of(workspace)
                if scope != self._scope:
                    await session.execute(ENTER, scope.parameters)
                yield session
                await session.commit()
        except PoolTimeoutError as error:
            raise StorageUnavailableError("all connections to the database are in use") from error
        except DBAPIError as error:
            translated = _translate(error)
            if translated is None:
                raise
            raise translated from error
        finally:
            self._turns.give_back()

    async def rows(
        self,
        statement: Statement,
        parameters: Mapping[str, object],
        *,
        workspace: str | None = None,
        settings: Settings = (),
    ) -> Sequence[Mapping[str, object]]:
        """Run one statement outside of a transaction block, under settings of its own, and return its rows.

        It is committed, as durably as any transaction, when this returns. Raises as `transaction` does, but
        other errors of the server as `asyncpg.PostgresError`.
        """
        # Records are mappings in all but name.
        found: Sequence[Mapping[str, object]] = await self._fetch(
            statement.sql, statement.arguments(parameters), self._scope_of(workspace, settings)
        )
        return found

    async def found(
        self, query: Query, parameters: Mapping[str, object], *, workspace: str | None = None
    ) -> Sequence[FoundRow]:
        """Read with a query in one round trip; it raises as `rows` does."""
        return query.rows(
            await self._fetch(query.sql, query.arguments(parameters), self._scope_of(workspace))
        )

    async def _fetch(self, sql: str, arguments: Sequence[object], scope: Scope) -> "list[asyncpg.Record]":
        try:
            async with self._direct.taken(scope) as connection:
                found: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
                return found
        except asyncpg.PostgresError as error:
            translated = _failure(str(error.sqlstate or ""), lost=False)
            if translated is None:
                raise
            raise translated from error
        except (OSError, asyncpg.InterfaceError) as error:
            raise StorageUnavailableError("the database cannot be reached") from error

    def _scope_of(self, workspace: str | None, settings: Settings = ()) -> Scope:
        if workspace is None:
            return replace(self._scope, settings=settings) if settings else self._scope
        return Scope.of(workspace, self._url, settings)

    def usage(self) -> "Sequence[PoolUse]":
        """Return how both pools are used; what is called tells it at any time."""
        return (
            ("transactions", self._taken, self._pool_size),
            ("statements", lambda: float(self._direct.in_use), self._direct.size),
        )

    def _taken(self) -> float:
        pool = self.engine.pool
        return float(pool.checkedout()) if isinstance(pool, QueuePool) else 0.0

    async def check(self) -> None:
        """Raise `StorageUnavailableError` unless Postgres answers."""
        async with self.transaction() as session:
            await session.execute(text("select 1"))

    async def close(self) -> None:
        """Close both pools."""
        await self._direct.close()
        await self.engine.dispose()


PoolUse: TypeAlias = tuple[str, Callable[[], float], int]
"""The name of a pool, how many of its connections are at work, and how many there may be."""


def _refuse_lost(
    connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: PoolProxiedConnection
) -> None:
    """Have the pool connect anew instead of giving a connection that broke while it was idle.

    Asking the driver what it saw of the socket costs nothing; a statement to find out costs a round trip.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


async def _connect(session: AsyncSession) -> None:
    """Take the connection before the block, so that an `OSError` can only mean the database.

    The driver's own errors are not wrapped while connecting. A pool whose connections break between being
    opened and being given, as they do when Postgres loses one of its processes, calls the request invalid.
    """
    try:
        await session.connection()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, InvalidRequestError) as error:
        raise StorageUnavailableError("the database cannot be reached") from error


def _translate(error: DBAPIError) -> UpstreamError | None:
    return _failure(str(getattr(error.orig, "sqlstate", None) or ""), lost=error.connection_invalidated)


def _failure(state: str, *, lost: bool) -> UpstreamError | None:
    if state == DISK_FULL:
        return StorageFullError("the database has no room left")
    if lost or state[:2] in UNAVAILABLE_CLASSES or state in UNAVAILABLE_STATES:
        return StorageUnavailableError("the database is not available" + (f" ({state})" if state else ""))
    return None
