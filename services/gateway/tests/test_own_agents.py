"""Agents of a workspace, through the public interface: made, changed, named by workflows, deleted."""

import httpx
import pytest

from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.testing.triggered import published, saved

CRITIC = {"kind": "qa", "role": "Critic", "goal": "Find what is wrong", "tools": ["qa.assert"]}
SOURCE = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: review}
steps:
  judge: {agent: critic, prompt: Judge it.}
"""


async def _put(client: httpx.AsyncClient, name: str = "critic", **changes: object) -> httpx.Response:
    return await client.put(f"/v1/agents/{name}", json={**CRITIC, **changes})


async def test_asks_who_wants_to_change_agents(stranger: httpx.AsyncClient, as_member: AsMember) -> None:
    assert (await _put(stranger)).status_code == 401
    assert (await stranger.delete("/v1/agents/critic")).status_code == 401
    for role, status in ((Role.VIEWER, 403), (Role.OPERATOR, 403), (Role.EDITOR, 201)):
        member = await as_member(f"{role}@example.org", role)
        assert (await _put(member)).status_code == status


async def test_lists_them_beside_those_of_the_platform(owner: httpx.AsyncClient) -> None:
    made = await _put(owner, model="large", temperature=0.2)
    assert (made.status_code, made.headers["etag"]) == (201, made.json()["etag"])
    assert made.json() | CRITIC | {"model": "large", "temperature": 0.2} == made.json()
    assert (made.json()["scope"], made.json()["state"]) == ("workspace", "unwell")
    listed = (await owner.get("/v1/agents")).json()["items"]
    assert [one["name"] for one in listed] == ["research", "analysis", "implementation", "qa", "critic"]
    assert (listed[0]["scope"], listed[-1]) == ("platform", made.json())
    read = await owner.get("/v1/agents/critic")
    assert read.json() == made.json()
    tag = {"if-match": read.headers["etag"]}
    assert (await owner.put("/v1/agents/critic", json=CRITIC, headers=tag)).status_code == 200


async def test_replaces_only_the_state_that_was_read(owner: httpx.AsyncClient) -> None:
    first = {"if-match": (await _put(owner)).headers["etag"]}
    body = {**CRITIC, "goal": "Praise"}
    blind = await owner.put("/v1/agents/critic", json=body)
    assert (blind.status_code, blind.json()["type"]) == (428, "/problems/agent-if-match-required")
    saved_again = await owner.put("/v1/agents/critic", json=body, headers=first)
    assert (saved_again.status_code, saved_again.json()["goal"]) == (200, "Praise")
    for answer in (
        await owner.put("/v1/agents/critic", json=body, headers=first),
        await owner.put("/v1/agents/other", json=body, headers=first),
        await owner.delete("/v1/agents/critic", headers=first),
    ):
        assert (answer.status_code, answer.json()["type"]) == (412, "/problems/stale-agent")
    last = {"if-match": saved_again.headers["etag"]}
    assert (await owner.delete("/v1/agents/critic", headers=last)).status_code == 204
    assert (await owner.get("/v1/agents/critic")).status_code == 404
    assert (await owner.delete("/v1/agents/critic")).json()["type"] == "/problems/agent-not-found"


async def test_leaves_the_platform_s_own_alone(owner: httpx.AsyncClient) -> None:
    refused = await _put(owner, "research")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/built-in-agent")
    assert "my-research" in refused.json()["detail"]
    assert (await owner.delete("/v1/agents/research")).status_code == 409


@pytest.mark.parametrize(
    ("name", "change", "wrong"),
    [
        ("Critic", {}, "name"),
        ("critic", {"tools": ["qa.assert", "qa.asert"]}, "tools.1"),
        ("critic", {"tools": ["table.query"]}, "tools.0"),
        ("critic", {"kind": "cook"}, "kind"),
        ("critic", {"role": ""}, "role"),
        ("critic", {"goal": None}, "goal"),
        ("critic", {"allow_delegation": True}, "allow_delegation"),
    ],
)
async def test_says_what_is_wrong_with_an_agent(
    owner: httpx.AsyncClient, name: str, change: dict[str, object], wrong: str
) -> None:
    answer = await _put(owner, name, **change)
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert problem["path"] == wrong
    if "qa.asert" in str(change):
        assert problem["message"].endswith("Did you mean qa.assert?")


async def test_has_a_limit(owner: httpx.AsyncClient) -> None:
    made = [(await _put(owner, f"critic-{number}")).status_code for number in range(101)]
    assert made == [201] * 100 + [409]


async def test_documents_name_them_and_runs_take_them_along(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    unknown = (await owner.post("/v1/validate", json={"source": SOURCE})).json()["problems"]
    assert [one["code"] for one in unknown] == ["unknown_agent"]
    draft = await saved(owner, SOURCE)
    refused = await owner.post(f"/v1/workflows/{draft}/runs", json={})
    assert (refused.status_code, refused.json()["problems"][0]["code"]) == (422, "unknown_agent")
    assert (await owner.post(f"/v1/workflows/{draft}/publish", json={})).status_code == 422
    await _put(owner)
    await _put(owner, "unnamed")
    assert (await owner.post("/v1/validate", json={"source": SOURCE})).json() == {"problems": []}
    assert (await owner.post(f"/v1/workflows/{draft}/runs", json={})).status_code == 202
    assert (await owner.post(f"/v1/workflows/{draft}/publish", json={})).status_code == 201
    wrong_tool = SOURCE.replace("Judge it.", "Judge it., tools: [table.query]")
    problems = (await owner.post("/v1/validate", json={"source": wrong_tool})).json()["problems"]
    assert [(one["code"], one["path"]) for one in problems] == [("unknown_tool", "steps.judge.tools[0]")]
    (started,) = gateway.runs.started
    assert {name: one.goal for name, one in started.agents.items()} == {"critic": "Find what is wrong"}


async def test_what_starts_by_itself_takes_them_along(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    await _put(owner)
    hook = SOURCE.replace("steps:", "triggers: [{id: hook, webhook: {auth: none}}]\nsteps:")
    await published(owner, hook)
    path = (await owner.get("/v1/webhooks")).json()["items"][0]["path"]
    assert (await owner.post(path, json={})).status_code == 202
    await gateway.relay()
    (started,) = gateway.runs.started
    assert list(started.agents) == ["critic"]


async def test_conversations_are_held_with_them_too(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    await _put(owner)
    target = {"target": {"kind": "agent", "agent": "critic"}}
    talk = (await owner.post("/v1/conversations", json=target)).json()["id"]
    assert (await owner.post(f"/v1/conversations/{talk}/messages", json={"text": "Hi"})).status_code == 202
    (started,) = gateway.runs.started
    assert list(started.agents) == ["critic"]


async def test_workspaces_keep_their_agents_to_themselves(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    await _put(owner)
    other = await as_member("b@example.org", Role.OWNER)
    assert (await other.get("/v1/agents/critic")).status_code == 404
    assert (await other.delete("/v1/agents/critic")).status_code == 404
    assert len((await other.get("/v1/agents")).json()["items"]) == 4
    assert (await other.post("/v1/validate", json={"source": SOURCE})).json()["problems"]
    assert (await _put(other, goal="Ours")).status_code == 201
    assert (await owner.get("/v1/agents/critic")).json()["goal"] == CRITIC["goal"]


async def test_starting_runs_asks_the_database_once_a_second_for_them(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    await _put(owner)
    draft = await saved(owner, SOURCE)
    before = gateway.desk.agents.reads
    for _ in range(3):
        await owner.post(f"/v1/workflows/{draft}/runs", json={})
    assert gateway.desk.agents.reads == before
    gateway.clock.advance(1)
    await owner.post(f"/v1/workflows/{draft}/runs", json={})
    assert gateway.desk.agents.reads == before + 1
