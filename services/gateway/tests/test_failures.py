"""What is remembered of failed runs: with the run, with its workflow, and in searches."""

from datetime import UTC, datetime

import httpx

from flowloom_contracts.run_memory import RUN_MEMORY, KnownFailure, Remedy
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.testing.triggered import BARE, saved

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def _failed(owner: httpx.AsyncClient, gateway: FakeGateway) -> tuple[str, str]:
    """Return the ids of a workflow and of a run of it whose failure is known."""
    workflow_id = await saved(owner, BARE)
    run_id = str((await owner.post(f"/v1/workflows/{workflow_id}/runs", json={})).json()["id"])
    workspace_id = (await owner.get("/v1/me")).json()["workspace"]["id"]
    helped = Remedy(kind="document", runs=3, last_run_id=new_id(), last_version=4, last_at=NOON)
    failure = KnownFailure(
        workflow_id=workflow_id,
        signature="5f3a",
        code="upstream",
        message="The mail server does not answer.",
        step="send",
        seen=14,
        first_seen=NOON,
        last_seen=NOON,
        last_run_id=run_id,
        remedies=[helped],
    )
    gateway.desk.knowledge.known[(workspace_id, workflow_id)] = [failure]
    return workflow_id, run_id


async def test_a_failed_run_is_shown_with_what_is_known(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    workflow_id, run_id = await _failed(owner, gateway)
    (known,) = (await owner.get(f"/v1/runs/{run_id}/failures")).json()["items"]
    assert (known["seen"], known["code"], known["step"]) == (14, "upstream", "send")
    assert [(one["kind"], one["runs"], one["last_version"]) for one in known["remedies"]] == [
        ("document", 3, 4)
    ]
    assert (await owner.get(f"/v1/workflows/{workflow_id}/failures")).json()["items"] == [known]


async def test_a_run_of_which_nothing_is_known_has_no_failures(owner: httpx.AsyncClient) -> None:
    workflow_id = await saved(owner, BARE)
    run = (await owner.post(f"/v1/workflows/{workflow_id}/runs", json={})).json()
    assert (await owner.get(f"/v1/runs/{run['id']}/failures")).json() == {"items": []}


async def test_others_find_neither_run_nor_workflow(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, gateway: FakeGateway, as_member: AsMember
) -> None:
    workflow_id, run_id = await _failed(owner, gateway)
    other = await as_member("bob@example.org", Role.OWNER)
    for path in (f"/v1/runs/{run_id}/failures", f"/v1/workflows/{workflow_id}/failures"):
        assert [(await one.get(path)).status_code for one in (stranger, other)] == [401, 404]


async def test_searches_name_what_is_closed_and_run_memory_only_when_asked(
    owner: httpx.AsyncClient, gateway: FakeGateway, as_colleague: AsMember
) -> None:
    workflow_id, _ = await _failed(owner, gateway)
    for name in (RUN_MEMORY, "manuals"):
        await owner.post("/v1/collections", json={"name": name})
    sharing = f"/v1/workflows/{workflow_id}/sharing"
    await owner.put(sharing, json={"restricted": True}, headers={"if-match": "*"})
    editor = await as_colleague("editor@example.org", Role.EDITOR)
    for client in (owner, editor):
        await client.post("/v1/memory/search", json={"query": "mail", "collections": [RUN_MEMORY]})
        await client.post("/v1/memory/search", json={"query": "mail"})
    asked = [(one.collections, one.sight.all_but) for one in gateway.desk.knowledge.searches]
    assert asked == [
        ([RUN_MEMORY], []),
        (["manuals"], []),
        ([RUN_MEMORY], [workflow_id]),
        (["manuals"], [workflow_id]),
    ]


async def test_who_may_not_read_runs_finds_no_run_memory(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    await owner.post("/v1/collections", json={"name": RUN_MEMORY})
    key = (await owner.post("/v1/api-keys", json={"name": "k", "scopes": ["memory:read"]})).json()["key"]
    body = {"query": "mail", "collections": [RUN_MEMORY]}
    assert (
        await stranger.post("/v1/memory/search", json=body, headers={"x-api-key": key})
    ).status_code == 200
    (asked,) = gateway.desk.knowledge.searches
    assert (asked.sight.all_but, asked.sight.only) == (None, [])
