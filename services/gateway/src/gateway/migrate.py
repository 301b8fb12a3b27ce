"""`python -m gateway.migrate`: bring the schema `gateway` up to date, once at a time."""

import asyncio

from flowloom_servicekit.migrations import upgrade
from gateway.schema import MIGRATIONS
from gateway.settings import DatabaseSettings


async def migrate(database_url: str) -> None:
    """Run the migrations that are missing; a second caller waits, then finds nothing to do."""
    await upgrade(database_url, MIGRATIONS)


def main() -> None:
    """Run it with the settings of the environment."""
    asyncio.run(migrate(DatabaseSettings().database_url.get_secret_value()))


if __name__ == "__main__":
    main()
