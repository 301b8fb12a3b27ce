"""Brings the schema `orchestrator` up to date: `python -m orchestrator.migrate`."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from flowloom_servicekit.migrations import upgrade
from orchestrator.adapters.postgres_maintenance import create_partitions
from orchestrator.schema import MIGRATIONS
from orchestrator.settings import DatabaseSettings


async def migrate(database_url: str) -> None:
    """Apply what is missing, all or none; several callers at once wait for one another."""
    await upgrade(database_url, MIGRATIONS, after=_create_months)


async def _create_months(connection: AsyncConnection) -> None:
    await create_partitions(connection, datetime.now(UTC))


if __name__ == "__main__":
    asyncio.run(migrate(DatabaseSettings().database_url.get_secret_value()))
