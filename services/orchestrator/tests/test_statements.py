"""Single statements outside of a transaction block, on a real Postgres."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.errors import StorageFullError, StorageUnavailableError

SETTING = Statement("select current_setting('synchronous_commit') as value")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, pool_size=2, pool_timeout_s=2)
    yield database
    await database.close()


async def fail(database: Database, state: str) -> None:
    await database.rows(Statement(f"do $$ begin raise exception using errcode = '{state}'; end $$"), {})


def test_numbers_parameters_when_a_name_comes_twice() -> None:
    statement = Statement("select :a::text, cast(:b as int) where :a <> ''")
    assert statement.sql == "select $1::text, cast($2 as int) where $1 <> ''"
    assert statement.arguments({"b": 2, "a": "x", "other": 3}) == ["x", 2]


async def test_gives_values_when_a_column_is_json(database: Database) -> None:
    rows = await database.rows(Statement("select cast(:given as jsonb) as value"), {"given": '{"a": [1]}'})
    assert rows[0]["value"] == {"a": [1]}


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("53100", StorageFullError),
        ("57P01", StorageUnavailableError),
        ("40P01", StorageUnavailableError),
        ("23505", asyncpg.UniqueViolationError),
    ],
)
async def test_says_what_failed_when_the_server_refuses(
    database: Database, state: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await fail(database, state)
    assert (await database.rows(SETTING, {}))[0]["value"] == "on"


async def test_gives_the_next_one_its_own_answer_when_a_statement_was_interrupted(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await database.rows(Statement("select pg_sleep(60)"), {})
    assert (await database.rows(SETTING, {}))[0]["value"] == "on"


async def test_relaxes_only_itself_when_a_statement_need_not_survive_a_power_cut(database: Database) -> None:
    relaxed = Statement("""
        select current_setting('synchronous_commit') as value
        from (select set_config('synchronous_commit', 'off', true)) as relaxed
    """)
    assert (await database.rows(relaxed, {}))[0]["value"] == "off"
    assert (await database.rows(SETTING, {}))[0]["value"] == "on"


async def test_says_that_storage_is_away_when_nobody_listens() -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailableError):
        await database.rows(SETTING, {})
    await database.close()
