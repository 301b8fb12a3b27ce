"""Migrations of a schema on a real Postgres, and what code says of a schema that is not its own."""

import asyncio
import textwrap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from flowloom_servicekit.database import Database
from flowloom_servicekit.migrations import upgrade
from flowloom_servicekit.schema_versions import Migrations, SchemaOfService, UnfitDatabaseError
from flowloom_servicekit.testing.postgres import (
    SUPERUSER,
    ServiceDatabase,
    running_postgres,
    service_database,
)

ENV = "from flowloom_servicekit.migrations import run_env\nrun_env()\n"
CHANGE = """
    from alembic import op
    revision = "{number}"
    down_revision = {before}
    {more}
    def upgrade():
        op.execute("CREATE TABLE notes.pages_{number} (id bigserial)")
"""


def version_of_code(folder: Path, changes: int, *, oldest_code: str = "") -> Migrations:
    """Write what the code of a version brings along: so many changes, the last of which may take away."""
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "migrations" / "env.py").write_text(ENV)
    for n in range(1, changes + 1):
        number, before = f"{n:04}", repr(f"{n - 1:04}" if n > 1 else None)
        more = f'oldest_code = "{oldest_code}"' if n == changes and oldest_code else ""
        text = CHANGE.format(number=number, before=before, more=more)
        (versions / f"{number}_change.py").write_text(textwrap.dedent(text))
    return Migrations("notes", folder / "migrations")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running_postgres() as port:
        yield port


@pytest.fixture
def addresses(port: int) -> ServiceDatabase:
    """Give an empty database with the roles of a service."""
    return asyncio.run(service_database(port, "notes"))


@pytest.fixture
async def database(addresses: ServiceDatabase) -> AsyncIterator[Database]:
    database = Database(addresses.url, pool_size=2)
    yield database
    await database.close()


async def as_superuser(addresses: ServiceDatabase, statement: str) -> list[tuple[object, ...]]:
    address = make_url(addresses.url).set(drivername="postgresql", username=SUPERUSER)
    connection = await asyncpg.connect(address.render_as_string(hide_password=False))
    rows = [tuple(row) for row in await connection.fetch(statement)]
    await connection.close()
    return rows


async def test_migrations_run_once_however_often_they_are_started(
    addresses: ServiceDatabase, tmp_path: Path
) -> None:
    code = version_of_code(tmp_path, 2)
    await asyncio.gather(*(upgrade(addresses.owner_url, code) for _ in range(3)))
    assert await as_superuser(addresses, "SELECT version_num FROM notes.alembic_version") == [("0002",)]
    assert await as_superuser(addresses, "SELECT * FROM notes.pages_0002") == []


async def test_code_works_on_the_schema_that_its_own_migrations_made(
    addresses: ServiceDatabase, database: Database, tmp_path: Path
) -> None:
    code = version_of_code(tmp_path, 2)
    await upgrade(addresses.owner_url, code)
    schema = SchemaOfService(addresses.url, code)
    await schema.ensure_fit()
    assert await schema.unfit(database) == []


async def test_code_refuses_an_older_schema_and_says_what_to_run(
    addresses: ServiceDatabase, database: Database, tmp_path: Path
) -> None:
    older, code = version_of_code(tmp_path / "older", 1), version_of_code(tmp_path / "code", 2)
    schema = SchemaOfService(addresses.url, code)
    with pytest.raises(UnfitDatabaseError, match=r"'notes' is empty and this version needs 0002: run"):
        await schema.ensure_fit()
    await upgrade(addresses.owner_url, older)
    with pytest.raises(
        UnfitDatabaseError, match=r"'notes' is at 0001 and this version needs 0002: run `pyth"
    ):
        await schema.ensure_fit()
    (said,) = await schema.unfit(database)
    assert "at 0001" in said and "python -m notes.migrate" in said
    assert await as_superuser(addresses, "SELECT version_num FROM notes.alembic_version") == [("0001",)]
    await upgrade(addresses.owner_url, code)
    await schema.ensure_fit()
    assert await schema.unfit(database) == []


async def test_older_code_works_on_a_schema_that_only_grew_and_leaves_it(
    addresses: ServiceDatabase, database: Database, tmp_path: Path
) -> None:
    older, newer = version_of_code(tmp_path / "older", 1), version_of_code(tmp_path / "newer", 2)
    await upgrade(addresses.owner_url, newer)
    await upgrade(addresses.owner_url, older)
    assert await as_superuser(addresses, "SELECT version_num FROM notes.alembic_version") == [("0002",)]
    schema = SchemaOfService(addresses.url, older)
    await schema.ensure_fit()
    assert await schema.unfit(database) == []


async def test_code_refuses_a_schema_that_has_lost_what_it_works_with(
    addresses: ServiceDatabase, database: Database, tmp_path: Path
) -> None:
    older = version_of_code(tmp_path / "older", 1)
    newer = version_of_code(tmp_path / "newer", 3, oldest_code="0002")
    schema = SchemaOfService(addresses.url, older)
    await upgrade(addresses.owner_url, older)
    await schema.ensure_fit()
    await upgrade(addresses.owner_url, newer)
    said = r"at 0003 and serves code from 0002 on, but this version ends at 0001: start a newer version"
    (running,) = await schema.unfit(database)
    assert "serves code from 0002 on" in running, "it goes on working, and says that it should not"
    with pytest.raises(UnfitDatabaseError, match=said):
        await schema.ensure_fit()
    with pytest.raises(UnfitDatabaseError, match=said):
        await upgrade(addresses.owner_url, older)
    await SchemaOfService(addresses.url, newer).ensure_fit()


@pytest.mark.parametrize(
    ("taken", "lacking"),
    [
        (
            "REVOKE INSERT, DELETE ON notes.pages_0001 FROM flowloom_notes",
            "may not insert, delete pages_0001",
        ),
        (
            "REVOKE USAGE ON SEQUENCE notes.pages_0001_id_seq FROM flowloom_notes_platform",
            "usage pages_0001_",
        ),
        ("REVOKE USAGE ON SCHEMA notes FROM flowloom_notes_platform", "may not use the schema notes"),
        ("REVOKE USAGE ON SCHEMA notes FROM flowloom_notes", "flowloom_notes may not read its tables"),
        ("REVOKE SELECT ON notes.alembic_version FROM flowloom_notes", "may not read its tables"),
    ],
)
async def test_code_refuses_a_schema_whose_rights_are_missing(
    addresses: ServiceDatabase, database: Database, tmp_path: Path, *, taken: str, lacking: str
) -> None:
    code = version_of_code(tmp_path, 1)
    await upgrade(addresses.owner_url, code)
    await as_superuser(addresses, taken)
    schema = SchemaOfService(addresses.url, code)
    with pytest.raises(UnfitDatabaseError, match=lacking):
        await schema.ensure_fit()
    (said,) = await schema.unfit(database)
    assert lacking in said and "10-roles.sh" in said


async def test_code_refuses_a_database_whose_roles_are_not_bound(
    port: int, addresses: ServiceDatabase, tmp_path: Path
) -> None:
    code = version_of_code(tmp_path, 1)
    await upgrade(addresses.owner_url, code)
    await as_superuser(addresses, "REVOKE flowloom_notes_platform FROM flowloom_notes")
    try:
        with pytest.raises(UnfitDatabaseError, match="may not take the role flowloom_notes_platform"):
            await SchemaOfService(addresses.url, code).ensure_fit()
    finally:
        await as_superuser(
            addresses, "GRANT flowloom_notes_platform TO flowloom_notes WITH INHERIT FALSE, SET TRUE"
        )


async def test_a_server_that_is_away_is_no_reason_not_to_start(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://flowloom_notes@127.0.0.1:1/none"
    schema, database = SchemaOfService(url, version_of_code(tmp_path, 1)), Database(url, pool_size=1)
    await schema.ensure_fit()
    assert await schema.unfit(database) == ["the database cannot be reached"]
    await database.close()
