"""`python -m gateway.migrate`: bring the schema `gateway` up to date, once at a time."""

import asyncio
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.settings import DatabaseSettings

SCHEMA: Final = "gateway"
_LOCK: Final = 0x67617465
"""Any number no other migration uses ("gate")."""


async def migrate(database_url: str) -> None:
    """Run the migrations that are missing; a second caller waits, then finds nothing to do."""
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    # CREATE SCHEMA IF NOT EXISTS would ask for a right on the database even where the schema exists.
    known = connection.scalar(text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": SCHEMA})
    if known is None:
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def main() -> None:
    """Run it with the settings of the environment."""
    asyncio.run(migrate(DatabaseSettings().database_url.get_secret_value()))


if __name__ == "__main__":
    main()
