"""A migration only adds to what the last release knows, so that this release works on the schema after it."""

import re
import subprocess
import tomllib
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from flowloom_servicekit.migrations import upgrade_on
from flowloom_servicekit.schema_versions import Migrations
from flowloom_servicekit.testing.postgres import ServiceDatabase, running_postgres, service_database

from .schema_shape import Shape, shape_of, taken_away

pytestmark = pytest.mark.integration
ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "deploy" / "released-schemas.toml"
RELEASED: Final[dict[str, str]] = tomllib.loads(FILE.read_text())
OLDEST_CODE: Final = re.compile(r'^oldest_code = "(\d{4})"$', re.MULTILINE)
BEGINNING: Final = """
CREATE TABLE notes.pages (id int PRIMARY KEY, title text, said text NOT NULL DEFAULT '' CHECK (said <> '.'));
CREATE FUNCTION notes.ends(page int) RETURNS bool LANGUAGE sql AS 'SELECT true';
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running_postgres() as port:
        yield port


def _changes(migrations: Migrations) -> Sequence[str]:
    return sorted(path.name[:4] for path in (migrations.location / "versions").glob("[0-9]*.py"))


def _oldest_code(migrations: Migrations, change: str) -> str:
    (path,) = (migrations.location / "versions").glob(f"{change}_*.py")
    said = OLDEST_CODE.search(path.read_text())
    return said[1] if said else ""


async def _shapes(addresses: ServiceDatabase, migrations: Migrations, since: str) -> dict[str, Shape]:
    """Return the schema after the release and after each change since."""
    shapes = {}

    def upgraded(connection: Connection, change: str) -> None:
        upgrade_on(connection, migrations, to=change)
        shapes[change] = shape_of(connection, migrations.schema)

    engine = create_async_engine(addresses.owner_url)
    async with engine.begin() as connection:
        for change in _changes(migrations):
            if change >= since:
                await connection.run_sync(upgraded, change)
    await engine.dispose()
    return shapes


@pytest.mark.parametrize("service", sorted(RELEASED))
async def test_changes_since_the_last_release_only_add(service: str, port: int) -> None:
    migrations: Migrations = import_module(f"{service}.schema").MIGRATIONS
    extension = "vector" if service == "memory" else None
    addresses = await service_database(port, service, extension=extension)
    released = RELEASED[service]
    shapes = await _shapes(addresses, migrations, released)
    assert released in shapes, f"{FILE.name} names a change that {service} does not have"
    before = shapes[released]
    for change, after in list(shapes.items())[1:]:
        gone = taken_away(before, after)
        allowed = _oldest_code(migrations, change)
        assert not gone or allowed, f"{service} {change}: {gone}; see docs/operations/upgrade.md"
        assert allowed <= released, f"{service} {change} ends the last release, which ends at {released}"
        before = after


def test_every_schema_has_its_release() -> None:
    assert set(RELEASED) == {path.parts[-2] for path in ROOT.glob("services/*/src/*/migrations")}


def test_the_newest_tag_says_what_was_released() -> None:
    """The file is written with the release: a tag whose tree has later changes forgot it."""
    tags = _git("tag", "--list", "v*", "--sort=-v:refname").split()
    for service, change in RELEASED.items() if tags else ():
        files = _git("ls-tree", "-r", "--name-only", tags[0], f"services/{service}").splitlines()
        numbers = [name.rpartition("/")[2][:4] for name in files if "/migrations/versions/0" in name]
        assert max(numbers) == change, f"{tags[0]} of {service}"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DROP TABLE notes.pages", "table pages is gone"),
        ("ALTER TABLE notes.pages DROP COLUMN title", "column pages.title is gone"),
        ("ALTER TABLE notes.pages RENAME COLUMN title TO name", "column pages.title is gone"),
        ("ALTER TABLE notes.pages ALTER id TYPE bigint", "column pages.id was int4 and is int8"),
        ("ALTER TABLE notes.pages ALTER title SET NOT NULL", "column pages.title wants a value"),
        ("ALTER TABLE notes.pages ALTER said DROP DEFAULT", "column pages.said wants a value"),
        ("ALTER TABLE notes.pages ADD owner text NOT NULL", "column pages.owner is new and wants a value"),
        ("ALTER TABLE notes.pages ADD CHECK (length(title) > 3)", "pages_title_check on pages is new: CHECK"),
        ("CREATE UNIQUE INDEX one_title ON notes.pages (title)", "one_title on pages is new: CREATE UNIQUE"),
        ("ALTER TABLE notes.pages DROP CONSTRAINT pages_pkey", "pages_pkey on pages is gone, which ON CON"),
        ("DROP FUNCTION notes.ends", "function ends(page integer) is gone"),
    ],
)
async def test_what_older_code_cannot_work_with_is_found(port: int, change: str, says: str) -> None:
    (found,) = await _found(port, change)
    assert found.startswith(says)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE notes.more (id int PRIMARY KEY, title text NOT NULL CHECK (title <> ''))",
        "ALTER TABLE notes.pages ADD owner text, ADD is_read bool NOT NULL DEFAULT false",
        "ALTER TABLE notes.pages ALTER said DROP NOT NULL",
        "ALTER TABLE notes.pages DROP CONSTRAINT pages_said_check",
        "CREATE INDEX by_title ON notes.pages (title)",
        "CREATE FUNCTION notes.begins(page int) RETURNS bool LANGUAGE sql AS 'SELECT true'",
    ],
)
async def test_what_older_code_does_not_notice_is_let_through(port: int, change: str) -> None:
    assert await _found(port, change) == []


async def _found(port: int, change: str) -> list[str]:
    addresses = await service_database(port, "notes")
    engine = create_async_engine(addresses.owner_url)
    async with engine.connect() as connection:
        shapes = []
        for statement in (*filter(str.strip, BEGINNING.split(";\n")), change):
            await connection.execute(text(statement))
            shapes.append(await connection.run_sync(shape_of, "notes"))
    await engine.dispose()
    return taken_away(shapes[-2], shapes[-1])
