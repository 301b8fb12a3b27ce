"""One gateway of several leads: the one whose connection holds an advisory lock."""

import asyncio
from typing import Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.direct_connections import CONNECT_SECONDS

LOCK: Final = 0x72656C61
"""Any number that nothing else in this database locks ("rela")."""
LOOK_SECONDS: Final = 2.0


class AdvisoryLeadership:
    """Holds the lock on a connection of its own; a process that dies or is cut off loses it.

    For a moment two may believe that they lead. What they do has keys, so that it happens once all the same.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._engine = create_async_engine(
            url, poolclass=NullPool, connect_args={"timeout": CONNECT_SECONDS, "command_timeout": 5}
        )
        self._clock = clock
        self._connection: AsyncConnection | None = None
        self._looked_at = -LOOK_SECONDS
        self._leads = False
        self._looking = asyncio.Lock()

    async def is_mine(self) -> bool:
        """Take the lead if nobody has it; the answer is at most two seconds old."""
        async with self._looking:
            if self._clock.monotonic() - self._looked_at >= LOOK_SECONDS:
                try:
                    self._leads = await self._look()
                except (DBAPIError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    self._leads = False
                    await self._hang_up()
                self._looked_at = self._clock.monotonic()
        return self._leads

    async def _look(self) -> bool:
        if self._connection is None:
            connection = await self._engine.connect()
            self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        if self._leads:
            await self._connection.execute(text("select 1"))
            return True
        return bool(await self._connection.scalar(text("select pg_try_advisory_lock(:lock)"), {"lock": LOCK}))

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()

    async def close(self) -> None:
        """Give the lead up."""
        self._leads = False
        if self._connection is not None:
            await self._connection.close()
        await self._engine.dispose()
