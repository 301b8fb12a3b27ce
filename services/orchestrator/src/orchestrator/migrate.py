"""Brings the schema `orchestrator` up to date: `python -m orchestrator.migrate`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from orchestrator.adapters.postgres_maintenance import create_partitions
from orchestrator.settings import DatabaseSettings

LOCK = 7_301_001


async def migrate(database_url: str) -> None:
    """Run what is missing; several callers at once wait for one another."""
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            await _create_schema(connection)
            await connection.run_sync(_upgrade)
            await create_partitions(connection, datetime.now(UTC))
    finally:
        await engine.dispose()


async def _create_schema(connection: AsyncConnection) -> None:
    """Create the schema where the set-up has not; `if not exists` would need the right to create one."""
    known = await connection.execute(text("select 1 from pg_namespace where nspname = 'orchestrator'"))
    if known.first() is None:
        await connection.execute(text("create schema orchestrator"))


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


if __name__ == "__main__":
    asyncio.run(migrate(DatabaseSettings().database_url.get_secret_value()))
