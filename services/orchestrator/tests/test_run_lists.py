"""The list of a thousand runs: page by page while others are started, and through indexes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from flowloom_contracts.runs import Run, RunFilter, RunListQuery, RunStatus, WorkflowRef
from flowloom_contracts.starts import StartRun
from flowloom_servicekit.database import Database
from orchestrator.testing.stores import Stores
from orchestrator.testing.world import ACTOR, workflow
from orchestrator.usecases import read_runs
from orchestrator.usecases.start_run import new_run

ROWS = 1_000
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SOURCE = workflow("a: {transform: 1}").replace("{name: test}", "{name: test, labels: {team: TEAM}}")


async def add(stores: Stores, number: int, workspace: str = ACTOR.workspace_id) -> None:
    request = StartRun(
        actor=ACTOR.model_copy(update={"workspace_id": workspace}),
        workflow=WorkflowRef(id=f"wf-{number % 4}", name=f"report_{number % 10}"),
        version="draft",
        source=SOURCE.replace("TEAM", f"t{number % 5}"),
        inputs={},
        request_hash="h",
    )
    new = new_run(request, now=NOW)
    assert not isinstance(await stores.runs.create(new), str)


async def pages(stores: Stores, query: RunListQuery) -> AsyncIterator[list[Run]]:
    while True:
        page = await read_runs.list_runs(query, views=stores.views)
        yield page.items
        if page.next_cursor is None:
            return
        query = query.model_copy(update={"cursor": page.next_cursor})


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_goes_through_a_thousand_runs_while_others_start(stores: Stores, order: str) -> None:
    for number in range(ROWS):
        await add(stores, number)
    await add(stores, 0, workspace="ws-2")
    query = RunListQuery.model_validate({"actor": ACTOR, "order": order, "limit": 120})
    seen = list[str]()
    async for page in pages(stores, query):
        seen += [run.id for run in page]
        if len(seen) < ROWS // 2:
            await add(stores, len(seen))
    assert len(set(seen)) == len(seen) >= ROWS
    assert seen == sorted(seen, reverse=order == "newest")
    wanted = {
        ROWS // 5: RunFilter(label="team=t3"),
        ROWS // 10: RunFilter(text="T_7"),
        0: RunFilter(statuses=[RunStatus.FAILED]),
    }
    for least, only in wanted.items():
        found = [run async for page in pages(stores, query.model_copy(update={"only": only})) for run in page]
        assert least <= len(found) <= least + 5, only


async def test_statuses_and_ages_have_indexes(postgres_stores: Stores, database: Database) -> None:
    for number in range(20):
        await add(postgres_stores, number)
    mine = f"workspace_id = '{ACTOR.workspace_id}'"
    asked = {
        "runs_of_status": f"{mine} and status = any(array['queued', 'failed']) and workflow_id <> 'x'",
        "runs_of_workspace": f"{mine} order by id desc",
        "runs_of_workflow": f"{mine} and workflow_id = 'wf-1' order by id desc",
    }
    async with database.transaction(ACTOR.workspace_id) as session:
        await session.execute(text("set local enable_seqscan = off"))
        for index, query in asked.items():
            explain = text(f"explain select id from orchestrator.runs where {query} limit 50")
            lines = "\n".join(str(row[0]) for row in await session.execute(explain))
            assert index in lines, lines
