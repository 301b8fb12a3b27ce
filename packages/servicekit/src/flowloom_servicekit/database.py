"""Postgres for one service: a pool, transactions, and its failures in our words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from flowloom_servicekit.errors import StorageFullError, StorageUnavailableError, UpstreamError

# Classes of SQLSTATE: connection, resources, operator intervention, system error; then deadlock,
# serialisation failure and lock timeout, after which the same transaction can succeed.
UNAVAILABLE_CLASSES: Final = ("08", "53", "57", "58")
UNAVAILABLE_STATES: Final = frozenset({"40001", "40P01", "55P03", "25P03"})
DISK_FULL: Final = "53100"


class Database:
    """The pool of one process; `transaction` is the only way to a session."""

    def __init__(self, url: str, *, pool_size: int = 10, pool_timeout_s: float = 5) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout_s,
            pool_recycle=1800,
            connect_args={
                "timeout": 5,
                # Time limits of statements, locks and idle transactions belong to the role.
                "server_settings": {"jit": "off"},
            },
        )
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

    async def check(self) -> None:
        """Raise `StorageUnavailableError` unless Postgres answers."""
        async with self.transaction() as session:
            await session.execute(text("select 1"))

    async def close(self) -> None:
        """Close the pool."""
        await self.engine.dispose()


async def _connect(session: AsyncSession) -> None:
    """Take the connection before the block, so that an `OSError` can only mean the database.

    The driver's own errors are not wrapped while connecting.
    """
    try:
        await session.connection()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StorageUnavailableError("the database cannot be reached") from error


def _translate(error: DBAPIError) -> UpstreamError | None:
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state == DISK_FULL:
        return StorageFullError("the database has no room left")
    if error.connection_invalidated or state[:2] in UNAVAILABLE_CLASSES or state in UNAVAILABLE_STATES:
        return StorageUnavailableError("the database is not available" + (f" ({state})" if state else ""))
    return None
