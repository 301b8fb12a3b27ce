"""Keeps the monthly partitions of `run_events` ahead of time."""

from dataclasses import asdict
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from orchestrator.domain.partitions import partitions_around

# Tables belong to another role than the one the service signs in with.
CREATE: Final = text("select orchestrator.create_month(:table, cast(:lower as uuid), cast(:upper as uuid))")


async def create_partitions(connection: AsyncConnection | AsyncSession, now: datetime) -> None:
    """Create the partitions around now that do not exist."""
    for partition in partitions_around(now):
        await connection.execute(CREATE, {**asdict(partition)})
