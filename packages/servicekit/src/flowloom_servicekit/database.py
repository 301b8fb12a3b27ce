"""Postgres for one service: a pool, transactions, and its failures in our words."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import orjson
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from flowloom_servicekit.errors import StorageFullError, StorageUnavailableError, UpstreamError

# Classes of SQLSTATE: connection, resources, operator intervention, system error; then deadlock,
# serialisation failure and lock timeout, after which the same transaction can succeed.
UNAVAILABLE_CLASSES: Final = ("08", "53", "57", "58")
UNAVAILABLE_STATES: Final = frozenset({"40001", "40P01", "55P03", "25P03"})
DISK_FULL: Final = "53100"
CONNECT_SECONDS: Final = 5.0
# Time limits of statements, locks and idle transactions belong to the role.
SERVER_SETTINGS: Final = {"jit": "off"}
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
    """The pool of one process: `transaction` gives a session, `rows` runs one statement in one round trip.

    Both have connections of their own, `rows` half as many and none before it is first used.
    """

    def __init__(self, url: str, *, pool_size: int = 10, pool_timeout_s: float = 5) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout_s,
            pool_recycle=1800,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "server_settings": SERVER_SETTINGS,
            },
        )
        self._direct = _DirectConnections(url, size=max(pool_size // 2, 1), timeout_s=pool_timeout_s)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Give a session whose work is committed at the end, or rolled back when the block raises.

        Raises `StorageUnavailableError` or `StorageFullError` when Postgres is the reason: nothing was kept,
        unless the connection broke during the commit itself. Other errors pass unchanged.
        """
        try:
            async with self._sessions() as session:
                await _connect(session)
                yield session
                await session.commit()
        except PoolTimeoutError as error:
            raise StorageUnavailableError("all connections to the database are in use") from error
        except DBAPIError as error:
            translated = _translate(error)
            if translated is None:
                raise
            raise translated from error

    async def rows(
        self, statement: Statement, parameters: Mapping[str, object]
    ) -> Sequence[Mapping[str, object]]:
        """Run one statement outside of a transaction block and return its rows.

        It is committed, as durably as any transaction, when this returns. Raises as `transaction` does, but
        other errors of the server as `asyncpg.PostgresError`.
        """
        try:
            async with self._direct.taken() as connection:
                # Records are mappings in all but name.
                found: Sequence[Mapping[str, object]] = await connection.fetch(
                    statement.sql, *statement.arguments(parameters)
                )
                return found
        except asyncpg.PostgresError as error:
            translated = _failure(str(error.sqlstate or ""), lost=False)
            if translated is None:
                raise
            raise translated from error
        except (OSError, asyncpg.InterfaceError) as error:
            raise StorageUnavailableError("the database cannot be reached") from error

    async def check(self) -> None:
        """Raise `StorageUnavailableError` unless Postgres answers."""
        async with self.transaction() as session:
            await session.execute(text("select 1"))

    async def close(self) -> None:
        """Close both pools."""
        await self._direct.close()
        await self.engine.dispose()


class _DirectConnections:
    """The driver's own connections, for statements that need no transaction block around them."""

    def __init__(self, url: str, *, size: int, timeout_s: float) -> None:
        self._dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._idle: list[asyncpg.Connection[asyncpg.Record]] = []
        self._slots = asyncio.Semaphore(size)
        self._timeout_s = timeout_s

    @asynccontextmanager
    async def taken(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Give a connection, the one used last first; one whose statement was interrupted is not kept."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._slots.acquire()
        except TimeoutError as error:
            raise StorageUnavailableError("all connections to the database are in use") from error
        connection = None
        try:
            connection = self._kept() or await self._connected()
            yield connection
        except asyncpg.PostgresError:
            self._keep(connection)
            raise
        except BaseException:
            if connection is not None:
                connection.terminate()
            raise
        else:
            self._keep(connection)
        finally:
            self._slots.release()

    def _kept(self) -> "asyncpg.Connection[asyncpg.Record] | None":
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None

    def _keep(self, connection: "asyncpg.Connection[asyncpg.Record] | None") -> None:
        if connection is not None and not connection.is_closed():
            self._idle.append(connection)

    async def _connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        try:
            connection = await asyncpg.connect(
                self._dsn,
                timeout=CONNECT_SECONDS,
                server_settings=SERVER_SETTINGS,
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
        for connection in idle:
            try:
                await connection.close(timeout=CONNECT_SECONDS)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()


def _as_it_is(text_of_json: str) -> str:
    return text_of_json


async def _connect(session: AsyncSession) -> None:
    """Take the connection before the block, so that an `OSError` can only mean the database.

    The driver's own errors are not wrapped while connecting.
    """
    try:
        await session.connection()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StorageUnavailableError("the database cannot be reached") from error


def _translate(error: DBAPIError) -> UpstreamError | None:
    return _failure(str(getattr(error.orig, "sqlstate", None) or ""), lost=error.connection_invalidated)


def _failure(state: str, *, lost: bool) -> UpstreamError | None:
    if state == DISK_FULL:
        return StorageFullError("the database has no room left")
    if lost or state[:2] in UNAVAILABLE_CLASSES or state in UNAVAILABLE_STATES:
        return StorageUnavailableError("the database is not available" + (f" ({state})" if state else ""))
    return None
