"""The second lock: raw SQL of a service that acts for one workspace reaches no row of another (S22)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import asyncpg
import pytest

from flowloom_servicekit.tenancy import SETTING
from flowloom_servicekit.testing.postgres import ServiceDatabase, running_postgres, service_database
from gateway.migrate import migrate as migrate_gateway
from memory.migrate import migrate as migrate_memory
from orchestrator.migrate import migrate as migrate_orchestrator

from .tenant_rows import TENANT_TABLES, TwoTenants, plain_address, superuser_address, two_tenants

pytestmark = pytest.mark.integration


async def _memory(url: str) -> None:
    await asyncio.to_thread(migrate_memory, url)


MIGRATIONS: dict[str, Callable[[str], Awaitable[None]]] = {
    "gateway": migrate_gateway,
    "orchestrator": migrate_orchestrator,
    "memory": _memory,
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running_postgres() as port:
        yield port


@pytest.fixture(scope="module", params=sorted(MIGRATIONS))
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def _filled(port: int, service: str) -> TwoTenants:
    extension = "vector" if service == "memory" else None
    addresses: ServiceDatabase = await service_database(port, service, extension=extension)
    await MIGRATIONS[service](addresses.owner_url)
    return await two_tenants(addresses, service)


@pytest.fixture(scope="module")
def tenants(port: int, service: str) -> TwoTenants:
    """Give a database with rows of two workspaces in every table."""
    return asyncio.run(_filled(port, service))


@pytest.fixture
async def as_ours(tenants: TwoTenants) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Give a connection of the service that acts for one of them."""
    connection = await asyncpg.connect(
        plain_address(tenants.addresses.url), server_settings={SETTING: tenants.ours}
    )
    yield connection
    await connection.close()


async def test_s22_every_table_with_rows_of_workspaces_is_locked(tenants: TwoTenants, service: str) -> None:
    connection = await asyncpg.connect(superuser_address(tenants.addresses))
    open_tables = [
        str(row["name"])
        for row in await connection.fetch(TENANT_TABLES, service)
        if not await connection.fetchval(
            "SELECT relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)"
            " FROM pg_class WHERE oid = $1::regclass",
            row["name"],
        )
    ]
    await connection.close()
    assert len(tenants.tables) >= 4
    assert open_tables == [], "add `policies(…)` of servicekit.tenancy to the migration that makes the table"


async def test_s22_raw_sql_reads_no_row_of_another_workspace(
    tenants: TwoTenants, as_ours: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    for table, column in tenants.tables.items():
        seen = {str(row[0]) for row in await as_ours.fetch(f"SELECT {column} FROM {table}")}
        assert seen == {tenants.ours}, table


async def test_s22_raw_sql_changes_no_row_of_another_workspace(
    tenants: TwoTenants, as_ours: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    for table, column in tenants.tables.items():
        theirs = f"{column}::text = '{tenants.theirs}'"
        if not table.endswith("audit_entries"):
            assert (
                await as_ours.execute(f"UPDATE {table} SET {column} = {column} WHERE {theirs}") == "UPDATE 0"
            )
            assert await as_ours.execute(f"DELETE FROM {table} WHERE {theirs}") == "DELETE 0"


async def test_s22_raw_sql_gives_no_row_to_another_workspace(
    tenants: TwoTenants, as_ours: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    for table, column in tenants.tables.items():
        if table.endswith(("audit_entries", ".versions")):
            continue
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await as_ours.execute(f"UPDATE {table} SET {column} = '{tenants.theirs}'")


async def test_s22_without_a_workspace_nothing_is_seen(tenants: TwoTenants) -> None:
    connection = await asyncpg.connect(plain_address(tenants.addresses.url))
    counts = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tenants.tables}
    await connection.close()
    assert set(counts.values()) == {0}, counts


async def test_s22_the_service_owns_nothing_and_cannot_pass_the_lock(
    tenants: TwoTenants, service: str
) -> None:
    connection = await asyncpg.connect(plain_address(tenants.addresses.url))
    (role,) = await connection.fetch(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    )
    owned = await connection.fetchval(
        "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
    )
    has_rights = await connection.fetchval(
        "SELECT pg_has_role(current_user, $1, 'USAGE')", f"flowloom_{service}_platform"
    )
    for statement in ("ALTER TABLE {} DISABLE ROW LEVEL SECURITY", "TRUNCATE {}", "DROP TABLE {}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement.format(next(iter(tenants.tables))))
    await connection.close()
    assert (tuple(role), owned, has_rights) == ((False,) * 4, 0, False)


async def test_s22_a_part_of_a_table_is_no_way_around(port: int) -> None:
    tenants = await _filled(port, "orchestrator")
    connection = await asyncpg.connect(
        plain_address(tenants.addresses.url), server_settings={SETTING: tenants.ours}
    )
    months = await connection.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits"
        " WHERE inhparent = 'orchestrator.run_events'::regclass"
    )
    counts = [await connection.fetchval(f"SELECT count(*) FROM {month['name']}") for month in months]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("SELECT orchestrator.drop_month('run_events_2026_01')")
    await connection.close()
    assert counts == [0] * len(months) and len(months) >= 4
