"""Who looks for work all the time opens a transaction only where there is some."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from flowloom_servicekit.database import Database
from orchestrator.testing.world import Stores, a_world, workflow

AGENT = workflow("s: {agent: research, prompt: Hi}")
HELLO = workflow("s: {llm: default, prompt: Hi}")


@pytest.fixture
def opened(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with each transaction block."""
    found: list[str] = []
    transaction = database.transaction

    @asynccontextmanager
    async def noted(*workspace: str) -> AsyncIterator[object]:
        found.append("transaction")
        async with transaction(*workspace) as session:
            yield session

    monkeypatch.setattr(database, "transaction", noted)
    return found


async def test_sums_open_a_transaction_only_when_a_run_has_ended(
    postgres_stores: Stores, opened: list[str]
) -> None:
    stats = postgres_stores.stats
    async with a_world(postgres_stores) as world:
        while await stats.tally(limit=100):
            continue
        opened.clear()
        assert (await stats.tally(limit=100), opened) == (0, [])
        await world.advance(await world.start(HELLO))
        assert await stats.tally(limit=100) == 1


async def test_the_reaper_opens_a_transaction_only_when_something_is_overdue(
    postgres_stores: Stores, opened: list[str]
) -> None:
    reaper = postgres_stores.reaper
    async with a_world(postgres_stores) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s")
        opened.clear()
        assert (list(await reaper.overdue(world.clock.now())), opened) == ([], [])
        (lost,) = await reaper.overdue(world.clock.now() + timedelta(minutes=1))
        assert (lost.run_id, lost.reason, len(opened)) == (run.id, "lost", 1)


async def test_the_relay_looks_without_a_transaction(postgres_stores: Stores, opened: list[str]) -> None:
    outbox = postgres_stores.outbox
    async with a_world(postgres_stores) as world:
        found = await outbox.waiting(older_than=world.clock.now() - timedelta(days=1), limit=10)
        assert (list(found), opened) == ([], [])
