"""Keeps the monthly partitions of `run_events` ahead of time."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from orchestrator.domain.partitions import partitions_around


async def create_partitions(connection: AsyncConnection | AsyncSession, now: datetime) -> None:
    """Create the partitions around now that do not exist."""
    for partition in partitions_around(now):
        # Names and bounds come from the calendar, never from a caller; DDL takes no parameters.
        await connection.execute(
            text(
                f"create table if not exists orchestrator.{partition.table}"
                f" partition of orchestrator.run_events"
                f" for values from ('{partition.lower}') to ('{partition.upper}')"
            )
        )
