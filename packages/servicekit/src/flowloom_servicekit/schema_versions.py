"""Whether a database is as the code needs it: migrated far enough, not too far, and open to its roles."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import asyncpg
import structlog
from sqlalchemy import Select, String, column, func, literal_column, select, table
from sqlalchemy.engine import make_url

from flowloom_servicekit.database import Database
from flowloom_servicekit.direct_connections import CONNECT_SECONDS
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.queries import Query
from flowloom_servicekit.tenancy import EVERY_WORKSPACE, NO_WORKSPACE, Scope

log = structlog.get_logger(__name__)

OLDEST_CODE: Final = "oldest code: "
"""What the comment on the version table says before the number that code has to know at least."""

# Who may not see a table reads of it here all the same.
STATE: Final = """
SELECT table_.oid IS NOT NULL AS is_migrated,
       coalesce(has_table_privilege(table_.oid, 'SELECT'), false)
           AND has_schema_privilege(schema_.oid, 'USAGE') AS is_readable
FROM pg_namespace AS schema_
LEFT JOIN pg_class AS table_ ON table_.relnamespace = schema_.oid AND table_.relname = 'alembic_version'
WHERE schema_.nspname = $1
"""
MISSING_GRANTS: Final = """
SELECT $2::text || ' may not take the role ' || $3::text AS lacking
WHERE NOT coalesce(pg_has_role($2::name, to_regrole($3::text), 'SET'), false)
UNION ALL
SELECT wanted.role || ' may not use the schema ' || $1::text
FROM (VALUES ($2::text), ($3::text)) AS wanted (role)
WHERE to_regrole(wanted.role) IS NOT NULL AND NOT has_schema_privilege(wanted.role, $1::text, 'USAGE')
UNION ALL
SELECT held.role || ' may not ' || lower(string_agg(held.kind, ', ' ORDER BY held.place)) || ' ' || held.name
FROM (
    SELECT wanted.role, right_.place, right_.kind, class.relname AS name, CASE class.relkind
        WHEN 'S' THEN has_sequence_privilege(wanted.role, class.oid, right_.kind)
        ELSE has_table_privilege(wanted.role, class.oid, right_.kind) END AS is_given
    FROM (VALUES ($2::text), ($3::text)) AS wanted (role)
    JOIN pg_class AS class ON class.relnamespace = to_regnamespace($1::text)
        AND class.relkind IN ('r', 'p', 'S') AND class.relname <> 'alembic_version'
    JOIN (VALUES (1, 'SELECT', false), (2, 'INSERT', false), (3, 'UPDATE', false), (4, 'DELETE', false),
        (5, 'USAGE', true)
    ) AS right_ (place, kind, of_sequence) ON right_.of_sequence = (class.relkind = 'S')
    WHERE to_regrole(wanted.role) IS NOT NULL
) AS held
WHERE NOT held.is_given
GROUP BY held.role, held.name
ORDER BY lacking
"""
NAMED_GRANTS: Final = 3
"""As many missing rights are named; all have one remedy."""

_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class UnfitDatabaseError(RuntimeError):
    """The database lacks what the service is built on; the process stops before it listens."""


@dataclass(frozen=True, slots=True)
class Migrations:
    """The changes of a service's schema: a folder with a file each, whose name begins with its number."""

    schema: str
    location: Path

    @property
    def newest(self) -> str:
        """The number of the last change, which the code relies on."""
        return max(path.name[:4] for path in (self.location / "versions").glob("[0-9]*.py"))

    def fault_of(self, found: str | None, oldest_code: str = "") -> str:
        """Return why this code cannot work on a schema with the change `found` as its last, or nothing.

        A newer schema serves older code too, down to the one that knows the change `oldest_code`.
        """
        wanted = self.newest
        if found is None or found < wanted:
            state = "empty" if found is None else f"at {found}"
            return (
                f"the schema {self.schema!r} is {state} and this version needs {wanted}: "
                f"run `python -m {self.schema}.migrate` of this version as the owner of the tables"
            )
        if oldest_code > wanted:
            return (
                f"the schema {self.schema!r} is at {found} and serves code from {oldest_code} on, but this "
                f"version ends at {wanted}: start a newer version, or restore a backup of this one"
            )
        return ""


class SchemaOfService:
    """The schema of one service as the service itself sees it."""

    def __init__(self, url: str, migrations: Migrations) -> None:
        self._url = url
        self._migrations = migrations
        self._age = Query(age_in(migrations.schema))
        self._is_known_fit = False

    async def ensure_fit(self) -> None:
        """Raise `UnfitDatabaseError` with cause and remedy unless this code may work on the database.

        Where Postgres does not answer nothing is known: `unfit` tells it as soon as something is.
        """
        try:
            fault = await self._fault()
        except UpstreamError as error:
            log.warning("the age of the schema is not known yet", error=error.detail)
            return
        if fault:
            log.critical("the service does not start", cause=fault)
            raise UnfitDatabaseError(fault)

    async def unfit(self, database: Database) -> Sequence[str]:
        """Return what is missing, in words, for the answer to whether the service is ready."""
        try:
            await database.check()
            fault = await (self._fault_of_age(database) if self._is_known_fit else self._fault())
        except UpstreamError as error:
            return [error.detail]
        return [fault] if fault else []

    async def _fault_of_age(self, database: Database) -> str:
        """Look only at what another version may have changed meanwhile."""
        try:
            (row,) = await database.found(self._age, {}, workspace=NO_WORKSPACE)
        except asyncpg.PostgresError as error:
            self._is_known_fit = False
            return f"the schema {self._migrations.schema!r} cannot be read: {error}"
        return self._migrations.fault_of(*age_of(row.found, row.remark))

    async def _fault(self) -> str:
        connection = await _opened(self._url)
        try:
            fault = await self._fault_seen_by(connection)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise UpstreamError(f"the schema {self._migrations.schema!r} cannot be looked at") from error
        finally:
            await connection.close(timeout=CONNECT_SECONDS)
        self._is_known_fit = not fault
        return fault

    async def _fault_seen_by(self, connection: _Connection) -> str:
        schema = self._migrations.schema
        state = await connection.fetchrow(STATE, schema)
        if state is None or not state["is_migrated"]:
            return self._migrations.fault_of(None)
        if not state["is_readable"]:
            return _lacking(schema, [f"{_signed_in(self._url)} may not read its tables"])
        age = await connection.fetchrow(self._age.sql, *self._age.arguments({}))
        fault = self._migrations.fault_of(*age_of(age["found"], age["remark"])) if age else ""
        if fault:
            return fault
        platform = Scope.of(EVERY_WORKSPACE, self._url).role
        lacking = await connection.fetch(MISSING_GRANTS, schema, _signed_in(self._url), platform)
        return _lacking(schema, [row["lacking"] for row in lacking]) if lacking else ""


def age_in(schema: str) -> Select[*tuple[object, ...]]:
    """Select a schema's last change, and what the comment on its version table says."""
    versions = table("alembic_version", column("version_num"), schema=schema)
    remark = literal_column("obj_description(tableoid, 'pg_class')", String)
    found = func.max(versions.c.version_num).label("found")
    return select(found, func.max(remark).label("remark")).select_from(versions)


def age_of(found: object, remark: object) -> tuple[str | None, str]:
    """Return a schema's last change and the number that code has to know, from what `age_in` finds."""
    return None if found is None else str(found), str(remark or "").partition(OLDEST_CODE)[2]


def _lacking(schema: str, rights: Sequence[str]) -> str:
    rest = len(rights) - NAMED_GRANTS
    more = f" and {rest} more" if rest > 0 else ""
    return (
        f"rights in the schema {schema!r} are missing ({'; '.join(rights[:NAMED_GRANTS])}{more}): "
        "give them as deploy/compose/postgres/10-roles.sh does, tables that are there included"
    )


def _signed_in(url: str) -> str:
    return Scope.of(NO_WORKSPACE, url).role


async def _opened(url: str) -> _Connection:
    """Connect as whom the address says and in no other role: that may be what is missing."""
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise UpstreamError("the database cannot be reached") from error
