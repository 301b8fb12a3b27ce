"""The list of workflows: found by text, label and state, in four orders, page by page while others write."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from flowloom_contracts.api import WorkflowFilter, WorkflowOrder
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_workflows import PostgresWorkflowStore
from gateway.domain.paging import Place
from gateway.domain.workflow_order import sort_key
from gateway.ports import Draft, NewOwner, WorkflowRow, WorkflowStore
from gateway.testing.triggered import saved
from gateway.testing.workflows import InMemoryWorkflows

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROWS = 1_000
LABELLED = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: NAME, title: TITLE, labels: {team: TEAM}}
steps: {a: {transform: 1}}
"""


class Shelf:
    """A store with a thousand workflows of one workspace, and some of another."""

    def __init__(
        self, store: WorkflowStore, owner: NewOwner, *, accounts: PostgresAccountStore | None = None
    ) -> None:
        self.store = store
        self.owner = owner
        self._accounts = accounts
        self.made = 0

    async def fill(self) -> None:
        """Store the thousand."""
        if self._accounts is not None:
            await self._accounts.create_owner(self.owner, now=NOW)
        for _ in range(ROWS):
            await self.add()

    async def add(self) -> None:
        """Store the next workflow."""
        n = self.made = self.made + 1
        draft = Draft(
            name=f"w{n * 7919 % 100_003}",
            title=f"Report {n}" if n % 3 else "100 % plain_text",
            source="a: 1",
            layout={},
            tests="",
            problems=(),
            is_valid=n % 4 != 0,
            labels={"team": f"t{n % 10}"},
        )
        saved_at = NOW + timedelta(seconds=n * 31 % 1_009)
        workspace = self.owner.workspace_id
        await self.store.add(workspace, new_id(), draft, user_id=self.owner.user_id, now=saved_at)

    async def page(self, wanted: WorkflowFilter, after: Place | None, limit: int = 90) -> list[WorkflowRow]:
        """Return a page of the owner's workspace."""
        return await self.store.page(self.owner.workspace_id, wanted, after=after, limit=limit)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    owner = NewOwner(
        user_id=new_id(), email="a@example.org", password_hash="h", workspace_id=new_id(), workspace="A"
    )
    if request.param == "postgres":
        database: Database = request.getfixturevalue("database")
        return Shelf(PostgresWorkflowStore(database), owner, accounts=PostgresAccountStore(database))
    return Shelf(InMemoryWorkflows(), owner)


async def test_every_order_goes_through_a_thousand_rows_while_others_are_added(shelf: Shelf) -> None:
    await shelf.fill()
    orders: list[WorkflowOrder] = ["newest", "oldest", "edited", "name"]
    for order in orders:
        wanted = WorkflowFilter(order=order)
        before = {row.id for row in await shelf.page(wanted, None, limit=5_000)}
        seen = list[WorkflowRow]()
        after: Place | None = None
        while page := await shelf.page(wanted, after):
            seen += page
            after = Place(sort_key(order, page[-1]), page[-1].id)
            if len(seen) < ROWS // 2:
                await shelf.add()
        ids = [row.id for row in seen]
        assert len(set(ids)) == len(ids)
        assert before <= set(ids)
        keys = [(sort_key(order, row), row.id) for row in seen]
        assert keys == sorted(keys, reverse=order in ("newest", "edited"))


async def test_finds_rows_by_text_label_and_state(shelf: Shelf) -> None:
    await shelf.fill()

    async def count(**wanted: object) -> int:
        return len(await shelf.page(WorkflowFilter.model_validate(wanted), None, limit=5_000))

    assert await count(text="rePORT") == ROWS - ROWS // 3
    assert await count(text="100 % plain_") == ROWS // 3
    assert await count(text="1%0") == 0
    assert await count(label="team=t3") == ROWS // 10
    assert await count(label="team=") == 0
    assert await count(states=["invalid"]) == ROWS // 4
    assert await count(states=["published"]) == 0
    assert await count(states=["unpublished", "invalid"]) == ROWS
    assert await count(label="team=t3", text="report", states=["invalid"]) == 0


@pytest.mark.integration
async def test_every_order_has_an_index(database: Database) -> None:
    workspace = new_id()
    mine = f"workspace_id = '{workspace}'"
    asked = {
        "uq_workflows_workspace_id_name": f"{mine} order by name",
        "ix_workflows_edited": f"{mine} order by updated_at desc, id desc",
        "ix_workflows_workspace_id_id": f"{mine} order by id desc",
    }
    async with database.transaction(workspace) as session:
        await session.execute(text("set local enable_seqscan = off"))
        for index, query in asked.items():
            plan = f"explain select id from gateway.workflows where {query} limit 50"
            lines = "\n".join(str(row[0]) for row in await session.execute(text(plan)))
            assert index in lines, lines
            assert "Seq Scan" not in lines


async def test_lists_what_the_query_asks_for(owner: httpx.AsyncClient) -> None:
    for name, title, team in (("b-one", "Bees", "x"), ("a-two", "Ants", "y"), ("c-three", "Cats", "x")):
        source = LABELLED.replace("NAME", name).replace("TITLE", title).replace("TEAM", team)
        await saved(owner, source)
    await saved(owner, "no document")

    async def names(query: str) -> list[str]:
        answer = await owner.get(f"/v1/workflows?{query}")
        assert answer.status_code == 200, answer.text
        return [row["name"].split("-")[0] for row in answer.json()["items"]]

    assert await names("label=team%3Dx&order=name") == ["b", "c"]
    assert await names("text=ants") == ["a"]
    assert await names("state=invalid") == ["untitled"]
    assert await names("order=oldest") == ["b", "a", "c", "untitled"]
    first = (await owner.get("/v1/workflows?order=name&limit=2")).json()
    assert first["items"][0]["labels"] == {"team": "y"}
    cursor = first["next_cursor"]
    assert await names(f"order=name&cursor={cursor}") == ["c", "untitled"]
    for other in ("newest", "oldest", "edited"):
        refused = await owner.get(f"/v1/workflows?order={other}&cursor={cursor}")
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-cursor")


@pytest.mark.parametrize("query", ["state=odd", "order=size", "label=x", "text=%00", "cursor=%2A", "limit=0"])
async def test_refuses_questions_that_make_no_sense(owner: httpx.AsyncClient, query: str) -> None:
    assert (await owner.get(f"/v1/workflows?{query}")).status_code == 422


async def test_a_list_that_is_known_is_not_sent_again(owner: httpx.AsyncClient) -> None:
    await saved(owner, LABELLED)
    first = await owner.get("/v1/workflows")
    tag = first.headers["etag"]
    again = await owner.get("/v1/workflows", headers={"if-none-match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    await saved(owner, "no document")
    changed = await owner.get("/v1/workflows", headers={"if-none-match": tag})
    assert (changed.status_code, len(changed.json()["items"])) == (200, 2)
    assert changed.headers["etag"] != tag


async def test_a_document_that_is_known_is_not_sent_again(owner: httpx.AsyncClient) -> None:
    path = f"/v1/workflows/{await saved(owner, LABELLED)}"
    tag = (await owner.get(path)).headers["etag"]
    assert (await owner.get(path, headers={"if-none-match": tag})).status_code == 304
    assert (await owner.put(path, json={"source": "x"}, headers={"if-match": tag})).status_code == 200
    assert (await owner.get(path, headers={"if-none-match": tag})).status_code == 200


async def test_failures_and_changes_are_never_taken_for_known(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    everything = {"if-none-match": "*"}
    assert (await owner.get("/v1/workflows/none", headers=everything)).status_code == 404
    assert (await stranger.get("/v1/workflows", headers=everything)).status_code == 401
    made = await owner.post("/v1/workflows", json={"source": LABELLED}, headers=everything)
    assert made.status_code == 201
