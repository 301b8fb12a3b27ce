"""Transactions and migrations on a real Postgres, and what its failures are called."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    LargeBinary,
    Uuid,
    bindparam,
    column,
    event,
    literal,
    literal_column,
    select,
    text,
    values,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.errors import ConflictError, StorageFullError, StorageUnavailableError
from flowloom_servicekit.queries import Query

from .conftest import free_port
from .postgres_server import PostgresServer

ID = "0190a2f2-7a51-7c7e-8b11-3f2d5a6b7c8d"
KINDS = Query(
    select(
        literal(ID, Uuid(as_uuid=False)).label("id"),
        literal_column("""'{"a": ["\\u0000"]}'::json""", JSON).label("kept"),
        literal_column("""'["b"]'::jsonb""", JSONB).label("read"),
        literal_column("null::json", JSON).label("nothing"),
        literal(b"\x00", LargeBinary).label("raw"),
    )
)
NUMBERS = Query(
    select(column("n", BigInteger))
    .select_from(values(column("n", BigInteger), name="given").data([(1,), (2,), (3,)]))
    .where(column("n", BigInteger) > bindparam("above"))
    .order_by(column("n"))
)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = PostgresServer.create(free_port())
    server.start()
    yield server
    server.kill()
    server.remove()


@pytest.fixture
async def database(server: PostgresServer) -> AsyncIterator[Database]:
    database = Database(server.url, pool_size=2)
    async with database.transaction() as session:
        await session.execute(text("create table if not exists notes (id int primary key)"))
        await session.execute(text("delete from notes"))
    yield database
    await database.close()


async def insert(database: Database, id: int) -> None:
    async with database.transaction() as session:
        await session.execute(text("insert into notes values (:id)"), {"id": id})


async def insert_and_refuse(database: Database, id: int) -> None:
    async with database.transaction() as session:
        await session.execute(text("insert into notes values (:id)"), {"id": id})
        raise ConflictError("no")


async def count(database: Database) -> int:
    async with database.transaction() as session:
        return int((await session.execute(text("select count(*) from notes"))).scalar_one())


async def test_commits_at_the_end_and_rolls_back_on_an_error(database: Database) -> None:
    await insert(database, 1)
    with pytest.raises(ConflictError):
        await insert_and_refuse(database, 2)
    assert await count(database) == 1


async def test_a_broken_constraint_passes_unchanged(database: Database) -> None:
    await insert(database, 1)
    with pytest.raises(IntegrityError):
        await insert(database, 1)
    assert await count(database) == 1


async def test_an_error_of_the_block_is_not_blamed_on_the_database(database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with database.transaction():
            raise FileNotFoundError("mine")


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("53100", StorageFullError),
        ("53300", StorageUnavailableError),
        ("57P01", StorageUnavailableError),
        ("40P01", StorageUnavailableError),
        ("22023", DBAPIError),
    ],
)
async def test_the_state_decides_the_failure(database: Database, state: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        async with database.transaction() as session:
            await session.execute(text(f"do $$ begin raise exception 'x' using errcode = '{state}'; end $$"))
    assert await count(database) == 0


async def test_a_full_pool_is_a_storage_failure(server: PostgresServer) -> None:
    database = Database(server.url, pool_size=1, pool_timeout_s=0.1)
    async with database.transaction():
        with pytest.raises(StorageUnavailableError, match="in use"):
            await database.check()
    await database.close()


async def test_nobody_who_waits_is_overtaken(server: PostgresServer) -> None:
    database = Database(server.url, pool_size=1)
    asked: list[int] = []
    served: list[int] = []

    async def work(number: int) -> None:
        asked.append(number)
        async with database.transaction() as session:
            served.append(number)
            await session.execute(text("select 1"))

    async with asyncio.TaskGroup() as tasks:
        for number in range(200):
            tasks.create_task(work(number))
            await asyncio.sleep(0)  # so that somebody asks just when a connection comes back
    await database.close()
    assert served == asked


async def test_no_database_is_a_storage_failure() -> None:
    database = Database(f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/none")
    with pytest.raises(StorageUnavailableError):
        await database.check()
    await database.close()


async def test_fails_while_postgres_is_away_and_works_when_it_is_back(
    server: PostgresServer, database: Database
) -> None:
    async with database.transaction() as first, database.transaction() as second:
        await first.execute(text("select 1"))
        await second.execute(text("select 1"))
    server.kill()
    failures = await asyncio.gather(*(insert(database, n) for n in range(6)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [StorageUnavailableError] * 6
    server.start()
    await insert(database, 7)
    assert await count(database) == 1


async def test_connections_that_broke_while_idle_are_not_given(
    server: PostgresServer, database: Database
) -> None:
    async with database.transaction() as first, database.transaction() as second:
        await first.execute(text("select 1"))
        await second.execute(text("select 1"))
    await database.found(NUMBERS, {"above": 1})
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
    assert await asyncio.gather(*(count(database) for _ in range(4))) == [0] * 4
    assert [row.n for row in await database.found(NUMBERS, {"above": 1})] == [2, 3]


async def test_connections_that_break_before_they_are_given_are_a_storage_failure(database: Database) -> None:
    """A Postgres that recovers closes what it has only just accepted."""

    def _break(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.driver_connection.terminate()

    await database.engine.dispose()
    event.listen(database.engine.sync_engine, "connect", _break)
    with pytest.raises(StorageUnavailableError, match="cannot be reached"):
        await count(database)
    event.remove(database.engine.sync_engine, "connect", _break)
    assert await count(database) == 0


async def test_gives_values_of_the_columns_types_when_a_query_is_run(database: Database) -> None:
    (row,) = await database.found(KINDS, {})
    assert (row.id, row.kept, row.read, row.nothing, row.raw) == (ID, {"a": ["\x00"]}, ["b"], None, b"\x00")


async def test_takes_other_parameters_each_time_when_a_query_is_run(database: Database) -> None:
    assert [row.n for row in await database.found(NUMBERS, {"above": 1})] == [2, 3]
    assert [row.n for row in await database.found(NUMBERS, {"above": 2})] == [3]


async def test_says_what_the_server_refuses_when_a_query_is_run(database: Database) -> None:
    query = Query(select(literal(1) / bindparam("by", type_=BigInteger)))
    with pytest.raises(asyncpg.DivisionByZeroError):
        await database.found(query, {"by": 0})


async def test_settings_of_one_statement_are_not_those_of_the_next(server: PostgresServer) -> None:
    database = Database(server.url, pool_size=1)
    read = Statement("SELECT current_setting('enable_sort') AS sort, current_setting('work_mem') AS memory")
    unsorted, own = (("enable_sort", "off"),), (("work_mem", "8MB"),)
    try:
        (before,) = await database.rows(read, {})
        (first,) = await database.rows(read, {}, settings=unsorted)
        (second,) = await database.rows(read, {}, settings=own)
        (after,) = await database.rows(read, {})
    finally:
        await database.close()
    assert (first["sort"], first["memory"]) == ("off", before["memory"])
    assert (second["sort"], second["memory"]) == ("on", "8MB")
    assert dict(after) == dict(before)


def test_refuses_to_run_a_query_without_a_parameter() -> None:
    with pytest.raises(KeyError):
        NUMBERS.arguments({})
