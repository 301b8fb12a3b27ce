"""What runs have kept, through the public interface."""

import httpx
import pytest

from flowloom_contracts.memory import RunOrigin
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.testing.memories import SEALED

RESEARCH = RunOrigin(run_id="r1", step="find", workflow_id="wf1", agent="research")
ANALYSIS = RunOrigin(run_id="r2", step="sum", agent="analysis")


@pytest.fixture
async def editor(as_member: AsMember) -> httpx.AsyncClient:
    return await as_member("editor@example.org", Role.EDITOR)


async def home(client: httpx.AsyncClient) -> str:
    workspace_id: str = (await client.get("/v1/me")).json()["workspace"]["id"]
    return workspace_id


async def listed(client: httpx.AsyncClient, **wanted: str) -> list[str]:
    answer = await client.get("/v1/memories", params=wanted)
    assert answer.status_code == 200, answer.text
    return [item["text"] for item in answer.json()["items"]]


async def test_memories_are_listed_searched_and_read(editor: httpx.AsyncClient, gateway: FakeGateway) -> None:
    ours = await home(editor)
    first = gateway.desk.knowledge.keep(ours, "the turbine is old", RESEARCH)
    gateway.desk.knowledge.keep(ours, "orders rose", ANALYSIS)
    gateway.desk.knowledge.keep(new_id(), "of another workspace", RESEARCH)
    assert await listed(editor) == ["orders rose", "the turbine is old"]
    assert await listed(editor, agent="research") == ["the turbine is old"]
    assert await listed(editor, workflow_id="wf1", run_id="r2") == []
    assert await listed(editor, query="turbine") == ["the turbine is old"]
    page = (await editor.get("/v1/memories", params={"limit": 1})).json()
    assert await listed(editor, cursor=page["next_cursor"], limit="1") == ["the turbine is old"]
    one = await editor.get(f"/v1/memories/{first.id}")
    assert one.json()["origin"] == RESEARCH.model_dump()
    assert one.headers["etag"]
    assert (await editor.get("/v1/memories/no-id")).status_code == 404
    assert (await editor.get("/v1/memories?cursor=x")).status_code == 422


async def test_a_correction_says_who_and_knows_what_was_read(
    editor: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    path = f"/v1/memories/{gateway.desk.knowledge.keep(await home(editor), 'first', RESEARCH).id}"
    read = {"if-match": (await editor.get(path)).headers["etag"]}
    gateway.clock.advance(1)
    second = await editor.put(path, json={"text": "second"}, headers=read)
    assert (second.status_code, second.json()["corrected_by"]) == (200, "editor@example.org")
    stale = await editor.put(path, json={"text": "third"}, headers=read)
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale-memory")
    fresh = {"if-match": second.headers["etag"]}
    assert (await editor.put(path, json={"text": "third"}, headers=fresh)).json()["text"] == "third"
    assert (await editor.put(path, json={"text": ""})).status_code == 422


async def test_memories_are_forgotten_one_by_one_or_by_their_run(
    editor: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    ours = await home(editor)
    one, _, sealed = (
        gateway.desk.knowledge.keep(ours, "one", RESEARCH),
        gateway.desk.knowledge.keep(ours, "two", ANALYSIS),
        gateway.desk.knowledge.keep(ours, "three", ANALYSIS, collection=SEALED),
    )
    assert (await editor.delete(f"/v1/memories/{one.id}")).status_code == 204
    assert (await editor.delete(f"/v1/memories/{one.id}")).status_code == 404
    assert (await editor.delete(f"/v1/memories/{sealed.id}")).status_code == 403
    assert (await editor.post("/v1/memories/forget", json={})).status_code == 422
    assert (await editor.post("/v1/memories/forget", json={"collection": "unknown"})).status_code == 404
    assert (await editor.post("/v1/memories/forget", json={"run_id": "r2"})).json() == {"memories": 1}
    assert await listed(editor) == ["three"]


async def test_changes_are_written_down_without_the_text(
    editor: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    memory = gateway.desk.knowledge.keep(await home(editor), "a secret about Anna", RESEARCH)
    await editor.put(f"/v1/memories/{memory.id}", json={"text": "another secret"})
    await editor.delete(f"/v1/memories/{memory.id}")
    await editor.post("/v1/memories/forget", json={"agent": "research"})
    origin = {"collection": "notes", **RESEARCH.model_dump()}
    deeds = [deed for deed in gateway.audit.deeds if deed.target and deed.target.kind == "memory"]
    assert [(deed.action, deed.target and deed.target.id, deed.details) for deed in deeds] == [
        ("memory.corrected", memory.id, origin),
        ("memories.forgotten", memory.id, origin),
        ("memories.forgotten", "research", {"agent": "research", "memories": 0}),
    ]
    assert "secret" not in repr(deeds)


async def test_viewers_read_and_change_nothing(as_member: AsMember, gateway: FakeGateway) -> None:
    viewer = await as_member("viewer@example.org", Role.VIEWER)
    memory = gateway.desk.knowledge.keep(await home(viewer), "kept", RESEARCH)
    path = f"/v1/memories/{memory.id}"
    assert (await viewer.get(path)).status_code == 200
    refused = [
        await viewer.put(path, json={"text": "changed"}),
        await viewer.delete(path),
        await viewer.post("/v1/memories/forget", json={"run_id": "r1"}),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
