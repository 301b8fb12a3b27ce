"""Brings the schema `memory` up to date: `python -m memory.migrate`, as often as one likes."""

import asyncio

from flowloom_servicekit.migrations import upgrade
from memory.schema import MIGRATIONS
from memory.settings import DatabaseSettings


def migrate(database_url: str) -> None:
    """Apply the changes that are missing, all or none; blocks."""
    asyncio.run(upgrade(database_url, MIGRATIONS))


if __name__ == "__main__":
    migrate(DatabaseSettings().database_url.get_secret_value())
