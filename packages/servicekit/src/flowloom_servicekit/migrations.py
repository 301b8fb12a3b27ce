"""Alembic for one service: its own schema, one upgrade at a time, never at import."""

import asyncio
import hashlib
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine


def upgrade(url: str, location: Path) -> None:
    """Bring the database to the newest version of the migrations in a folder; safe to run twice at once.

    The folder's `env.py` calls `run_env`. The version table lies in the role's own schema.
    """
    asyncio.run(_upgrade(url, location))


async def _upgrade(url: str, location: Path) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _lock_key(location)})
            await connection.run_sync(_upgrade_connection, location)
    finally:
        await engine.dispose()


def _upgrade_connection(connection: Connection, location: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(location).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run_env(metadata: MetaData | None = None) -> None:
    """Run the migrations that Alembic asks an `env.py` for, on the connection of `upgrade`."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _lock_key(location: Path) -> int:
    """Return the same number for the same service on every machine: its package's name decides."""
    return int.from_bytes(hashlib.sha256(location.parent.name.encode()).digest()[:7], "big")
