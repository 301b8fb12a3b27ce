"""Brings the schema `memory` up to date: `python -m memory.migrate`, as often as one likes."""

import asyncio
from importlib.resources import as_file, files
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from memory.settings import DatabaseSettings

# Any constant that no other owner of a schema uses ("memory" in ASCII); it keeps two starts apart.
LOCK_KEY: Final = 0x6D656D6F7279


async def migrate(database_url: str) -> None:
    """Apply the missing changes under an advisory lock, in one transaction."""
    engine = create_async_engine(database_url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    with as_file(files("memory").joinpath("migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


if __name__ == "__main__":
    asyncio.run(migrate(DatabaseSettings().database_url.get_secret_value()))
