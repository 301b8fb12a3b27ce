"""What only the store in Postgres has: its migration, its start-up check, its second lock."""

import asyncio
from copy import copy

import pytest
from sqlalchemy import text

from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from flowloom_servicekit.testing.postgres import ServiceDatabase
from memory.adapters import statements
from memory.adapters.postgres_memory_store import PostgresMemoryStore, UnfitDatabaseError
from memory.adapters.postgres_passage_index import PostgresPassageIndex
from memory.domain.search import Question, Scope
from memory.domain.texts import ForeignTextError, ensure_own
from memory.migrate import migrate


async def test_migrates_as_often_as_asked(addresses: ServiceDatabase, database: Database) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, addresses.owner_url) for _ in range(2)))
    async with database.transaction() as session:
        kept = await session.scalar(text("SELECT version_num FROM memory.alembic_version"))
    assert kept == "0006"


async def test_is_fit_when_pgvector_is_new_enough(database: Database) -> None:
    await PostgresMemoryStore(database).ensure_fit()


async def test_refuses_a_database_without_pgvector(postgres_port: int) -> None:
    database = Database(f"postgresql+asyncpg://postgres@127.0.0.1:{postgres_port}/postgres")
    with pytest.raises(UnfitDatabaseError, match="CREATE EXTENSION vector"):
        await PostgresMemoryStore(database).ensure_fit()
    await database.close()


async def test_says_that_storage_is_unavailable_when_nothing_listens() -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailableError):
        await PostgresMemoryStore(database).find("w1", "k")
    await database.close()


async def test_large_scopes_are_served_by_the_index(database: Database) -> None:
    zeros = "[" + ",".join(["0.1"] * 384) + "]"
    question = Question(Scope("w1", ("notes",), 1, "m"), 10, 3)
    names = {"workspace_id", "collections", "metadata", "document_ids", "media_types", "after", "before"}
    parameters = dict.fromkeys(names) | {"workspace_id": "w1", "collections": ["notes"], "embedding": zeros}
    parameters |= {"open": [], "closed": None, "depth": question.depth, "per_document": 3, "candidates": 100}
    nearest = statements.nearest_by_index(1)
    explained = copy(nearest)
    explained.sql = f"EXPLAIN {nearest.sql}"
    settings = (*statements.by_index(100), ("enable_seqscan", "off"))
    plan = await database.rows(explained, parameters, workspace=EVERY_WORKSPACE, settings=settings)
    assert any("vectors_1_by_embedding" in str(row["QUERY PLAN"]) for row in plan)


async def test_small_scopes_are_planned_anew_however_often_they_are_asked(database: Database) -> None:
    index = PostgresPassageIndex(database, exact_up_to=10)
    question = Question(Scope("w1", ("notes",), 1, "m"), 10, 3)
    for _ in range(8):
        assert await index.by_meaning(question, (0.1,) * 384) == []
    plans = Statement("SELECT statement, generic_plans FROM pg_prepared_statements")
    kept = await database.rows(plans, {}, workspace=EVERY_WORKSPACE, settings=statements.PLANNED_ANEW)
    searches = {row["statement"]: row["generic_plans"] for row in kept}
    assert searches[statements.nearest_exact(1).sql] == searches[statements.COUNT_PASSAGES.sql] == 0


def test_never_answers_with_a_text_of_another_workspace() -> None:
    ensure_own("w1", found_in="w1")
    with pytest.raises(ForeignTextError):
        ensure_own("w1", found_in="w2")
