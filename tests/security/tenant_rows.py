"""A database of a service in which every table has one row of each of two workspaces."""

from dataclasses import dataclass
from typing import Final

import asyncpg

from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.postgres import SUPERUSER, ServiceDatabase

TENANT_TABLES: Final = """
SELECT c.oid::regclass::text AS name, a.attname AS column
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid
    AND a.attname = CASE WHEN c.relname = 'workspaces' THEN 'id' ELSE 'workspace_id' END
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY 1
"""
COLUMNS: Final = """
SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attnum
"""
CHECKS: Final = """
SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name FROM pg_constraint
WHERE contype = 'c' AND connamespace = $1::regnamespace AND conislocal
"""
VALUES: Final = {
    "uuid": "gen_random_uuid()",
    "text": "to_json(gen_random_uuid())::text",
    "integer": "1",
    "smallint": "1",
    "bigint": "(random() * 1e15)::bigint",
    "double precision": "1",
    "numeric": "1",
    "boolean": "false",
    "timestamp with time zone": "now()",
    "date": "current_date",
    "json": "'{}'",
    "jsonb": "'{}'",
    "bytea": "gen_random_uuid()::text::bytea",
    "text[]": "'{}'",
    "integer[]": "'{1}'",
    "tsvector": "''",
}


@dataclass(frozen=True, slots=True)
class TwoTenants:
    """The tables that have rows of workspaces, with the column that says whose they are."""

    addresses: ServiceDatabase
    tables: dict[str, str]
    ours: str
    theirs: str


async def two_tenants(addresses: ServiceDatabase, schema: str) -> TwoTenants:
    """Fill every table as only a superuser can: without references, checks and triggers."""
    ours, theirs = new_id(), new_id()
    connection = await asyncpg.connect(superuser_address(addresses))
    try:
        tables = {
            str(row["name"]): str(row["column"]) for row in await connection.fetch(TENANT_TABLES, schema)
        }
        for check in await connection.fetch(CHECKS, schema):
            await connection.execute(f"ALTER TABLE {check['table']} DROP CONSTRAINT {check['name']}")
        await connection.execute("SET session_replication_role = replica")
        for table, column in tables.items():
            for workspace in (ours, theirs):
                await _add_row(connection, table, {column: f"'{workspace}'"})
    finally:
        await connection.close()
    return TwoTenants(addresses, tables, ours, theirs)


async def _add_row(
    connection: "asyncpg.Connection[asyncpg.Record]", table: str, known: dict[str, str]
) -> None:
    values = {
        str(column["name"]): known.get(str(column["name"])) or _value(str(column["type"]))
        for column in await connection.fetch(COLUMNS, table)
    }
    names = ", ".join(f'"{name}"' for name in values)
    await connection.execute(
        f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({', '.join(values.values())})"
    )


def _value(kind: str) -> str:
    if "vector(" in kind:
        size = int(kind.partition("(")[2].rstrip(")"))
        return f"array_fill(0.1, ARRAY[{size}])::public.vector"
    return VALUES[kind]


def superuser_address(addresses: ServiceDatabase) -> str:
    """Return the address under which a superuser reaches the database."""
    _, _, place = addresses.url.partition("@")
    return f"postgresql://{SUPERUSER}@{place}"


def plain_address(url: str) -> str:
    """Return an address as the driver itself takes it."""
    return url.replace("+asyncpg", "")
