"""Alembic for one service: its own schema, one upgrade at a time, never at import."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Final

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, pool, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.schema import CreateSchema, DropTableComment, SetTableComment

from flowloom_servicekit.schema_versions import (
    OLDEST_CODE,
    Migrations,
    UnfitDatabaseError,
    age_in,
    age_of,
)

LOCK: Final = "SELECT pg_advisory_xact_lock(:key)"
IS_THERE: Final = "SELECT 1 FROM pg_namespace WHERE nspname = :name"
IS_MIGRATED: Final = "SELECT to_regclass(:name)"

After = Callable[[AsyncConnection], Awaitable[None]]


async def upgrade(url: str, migrations: Migrations, *, after: After | None = None) -> None:
    """Apply the changes of a schema that are missing, all or none; safe to run several times at once.

    `after` belongs to it. A schema that a newer version has changed stays as it is; raises
    `UnfitDatabaseError` when it does not serve this version any more. The folder's `env.py` calls `run_env`.
    """
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(LOCK), {"key": _lock_key(migrations)})
            await connection.run_sync(upgrade_on, migrations)
            if after is not None:
                await after(connection)
    finally:
        await engine.dispose()


def upgrade_on(connection: Connection, migrations: Migrations, *, to: str = "head") -> None:
    """Do it in a transaction of the caller."""
    _create_schema(connection, migrations.schema)
    found, oldest_code = _age(connection, migrations.schema)
    if found is not None and found > migrations.newest:
        if fault := migrations.fault_of(found, oldest_code):
            raise UnfitDatabaseError(fault)
        return
    config = Config()
    config.set_main_option("script_location", str(migrations.location).replace("%", "%%"))
    config.attributes |= {"connection": connection, "schema": migrations.schema}
    command.upgrade(config, to)
    _remark(connection, migrations.schema, oldest_code_of(ScriptDirectory.from_config(config)))


def oldest_code_of(scripts: ScriptDirectory) -> str:
    """Return the number of the change that code has to know to work on the newest schema.

    A change that takes away what older code works with says so in `oldest_code`.
    """
    return max(str(getattr(script.module, "oldest_code", "")) for script in scripts.walk_revisions())


def run_env(metadata: MetaData | None = None) -> None:
    """Run the migrations that Alembic asks an `env.py` for, on the connection of `upgrade`."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        target_metadata=metadata,
        version_table_schema=attributes["schema"],
        include_schemas=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _create_schema(connection: Connection, schema: str) -> None:
    """Create the schema where the set-up has not; `IF NOT EXISTS` would need the right to create one."""
    if connection.scalar(text(IS_THERE), {"name": schema}) is None:
        connection.execute(CreateSchema(schema))


def _age(connection: Connection, schema: str) -> tuple[str | None, str]:
    if connection.scalar(text(IS_MIGRATED), {"name": f"{schema}.alembic_version"}) is None:
        return None, ""
    row = connection.execute(age_in(schema)).one()
    return age_of(row.found, row.remark)


def _remark(connection: Connection, schema: str, oldest_code: str) -> None:
    remark = f"{OLDEST_CODE}{oldest_code}" if oldest_code else None
    versions = Table("alembic_version", MetaData(), schema=schema, comment=remark)
    connection.execute(SetTableComment(versions) if remark else DropTableComment(versions))


def _lock_key(migrations: Migrations) -> int:
    """Return the same number for the same schema on every machine."""
    return int.from_bytes(hashlib.sha256(migrations.schema.encode()).digest()[:7], "big")
