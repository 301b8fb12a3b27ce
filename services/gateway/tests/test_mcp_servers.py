"""MCP servers of a workspace, through the public interface, and as the orchestrator sees them."""

import httpx
import pytest

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.mcp import McpToolSeen, ResolveMcpServer
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.usecases.mcp_servers import resolve_server

CANARY = "canary-of-the-crm-never-to-be-seen"
PATH = "/v1/mcp-servers"
SERVER: JsonObject = {"name": "crm", "url": "https://crm.example/mcp"}
HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"


def a_tool(name: str = "add", *, digest: str = "a") -> McpToolSeen:
    schema: JsonObject = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    return McpToolSeen(
        name=name, digest=digest * 64, description=f"{name}s.", input_schema=schema, suggested_effect="none"
    )


def agreed(*tools: McpToolSeen, **more: JsonValue) -> JsonObject:
    return {**SERVER, "tools": [{"name": one.name, "digest": one.digest} for one in tools], **more}


async def _resolved(client: httpx.AsyncClient, gateway: FakeGateway, name: str = "crm") -> JsonObject | None:
    workspace_id = (await client.get("/v1/me")).json()["workspace"]["id"]
    request = ResolveMcpServer(workspace_id=workspace_id, name=name)
    return (await resolve_server(request, book=gateway.opened.mcp)).endpoint


async def test_asks_who_wants_to_know(stranger: httpx.AsyncClient) -> None:
    asked = [
        await stranger.get(PATH),
        await stranger.post(PATH, json=SERVER),
        await stranger.post(f"{PATH}/check", json=SERVER),
        await stranger.post(f"{PATH}/x/check"),
        await stranger.post("/internal/mcp/resolve", json={"workspace_id": "x", "name": "crm"}),
    ]
    assert [answer.status_code for answer in asked] == [401] * 5


async def test_s66_sends_a_secret_to_its_server_and_shows_it_to_nobody(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    await owner.put("/v1/secrets/crm_token", json={"value": CANARY})
    body = {**SERVER, "credential": {"secret": "crm_token"}}
    made = await owner.post(PATH, json=body)
    assert made.status_code == 201
    shown = [made, await owner.get(PATH), await owner.get(f"{PATH}/{made.json()['id']}")]
    assert shown[2].headers["etag"].startswith(made.headers["etag"][:-1])
    assert all("crm_token" in one.text and CANARY not in one.text for one in shown)
    assert CANARY not in repr(gateway.desk.mcp_servers.kept)
    endpoint = await _resolved(owner, gateway)
    assert endpoint is not None and endpoint["headers"] == {"Authorization": f"Bearer {CANARY}"}
    await owner.delete("/v1/secrets/crm_token")
    endpoint = await _resolved(owner, gateway)
    assert endpoint is not None
    assert (endpoint["headers"], endpoint["missing_secret"]) == ({}, "crm_token")
    assert await _resolved(owner, gateway, "other") is None


async def test_agrees_only_to_what_the_server_says_now(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    calls = gateway.desk.mcp_calls
    calls.offered = [a_tool(), a_tool("drop")]
    refused = await owner.post(PATH, json=agreed(a_tool(digest="b")))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/mcp-tool-not-as-shown")
    assert "check the server again" in refused.json()["detail"]
    made = await owner.post(PATH, json=agreed(a_tool()))
    assert (made.status_code, made.json()["tools"][0]["effect"]) == (201, "once")
    endpoint = await _resolved(owner, gateway)
    assert endpoint is not None and isinstance(endpoint["tools"], list)
    assert [tool["description"] for tool in endpoint["tools"] if isinstance(tool, dict)] == ["adds."]
    one = f"{PATH}/{made.json()['id']}"
    calls.offered = [a_tool(digest="c"), a_tool("new")]
    seen = {tool["name"]: tool["state"] for tool in (await owner.post(f"{one}/check")).json()["tools"]}
    assert seen == {"add": "changed", "new": "new"}
    calls.offered, count = [], len(calls.checked)
    assert (await owner.post(f"{one}/check")).json()["tools"][0]["state"] == "gone"
    # What is agreed to already needs no answer of the server.
    calls.away = True
    slower = agreed(a_tool(), calls_per_minute=5)
    saved = await owner.put(one, json=slower, headers={"if-match": made.json()["etag"]})
    assert (saved.status_code, saved.json()["calls_per_minute"]) == (200, 5)
    calls.away = False
    moved = agreed(a_tool(), url="https://elsewhere.example/mcp")
    away = await owner.put(one, json=moved, headers={"if-match": saved.json()["etag"]})
    assert away.status_code == 409, "another server has to say it anew"
    assert len(calls.checked) == count + 2


async def test_says_why_a_server_cannot_be_asked(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    gateway.desk.mcp_calls.problem = "auth"
    tried = await owner.post(f"{PATH}/check", json=SERVER)
    assert (tried.status_code, tried.json()["ok"], tried.json()["code"]) == (200, False, "auth")
    refused = await owner.post(PATH, json=agreed(a_tool()))
    assert refused.status_code == 409 and "It did not work." in refused.json()["detail"]
    gateway.desk.mcp_calls.away = True
    assert (await owner.post(f"{PATH}/check", json=SERVER)).status_code == 503


async def test_replaces_only_what_was_read(owner: httpx.AsyncClient) -> None:
    made = (await owner.post(PATH, json=SERVER)).json()
    await owner.post(PATH, json={**SERVER, "name": "other"})
    path = f"{PATH}/{made['id']}"
    without = await owner.put(path, json=SERVER)
    stale = await owner.put(path, json=SERVER, headers={"if-match": '"r9"'})
    taken = await owner.put(path, json={**SERVER, "name": "other"}, headers={"if-match": "*"})
    again = await owner.post(PATH, json=SERVER)
    assert [one.status_code for one in (without, stale, taken, again)] == [428, 412, 409, 409]
    assert (await owner.delete(path)).status_code == 204
    gone = [await owner.delete(path), await owner.get(path), await owner.post(f"{PATH}/none/check")]
    assert [one.status_code for one in gone] == [404] * 3


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": "Crm"}, "name"),
        ({"name": "a.b"}, "name"),
        ({"url": "http://crm.example/mcp"}, "url"),
        ({"url": "stdio://sh"}, "url"),
        ({"url": "https://user:pass@crm.example/mcp"}, "url"),
        ({"url": "https://crm.example/mcp?key=1"}, "url"),
        ({"command": "npx", "args": ["-y", "evil"]}, "args"),
        ({"credential": {"secret": "none_such"}}, "credential.secret"),
        ({"credential": {"secret": "a", "header": "Host"}}, "credential.header"),
        ({"credential": {"secret": "a", "header": "X-A\r\nX-B"}}, "credential.header"),
        ({"tools": [{"name": "add", "digest": "x"}]}, "tools.0.digest"),
        ({"tools": [{"name": "add", "digest": "a" * 64}] * 2}, "tools"),
        ({"calls_per_minute": 0}, "calls_per_minute"),
        ({"timeout_s": 3_600}, "timeout_s"),
    ],
)
async def test_s66_refuses_what_cannot_be_a_remote_server(
    owner: httpx.AsyncClient, change: JsonObject, path: str
) -> None:
    for where in (PATH, f"{PATH}/check"):
        answer = await owner.post(where, json={**SERVER, **change})
        assert answer.status_code == 422
        assert path in [wrong["path"] for wrong in answer.json()["errors"]]


async def test_documents_may_name_what_is_agreed_to(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    gateway.desk.mcp_calls.offered = [a_tool()]
    source = f"{HEAD}steps: {{a: {{tool: mcp/crm.add, with: {{n: 1}}}}}}\n"
    before = await owner.post("/v1/validate", json={"source": source})
    assert [one["code"] for one in before.json()["problems"]] == ["unknown_tool"]
    await owner.post(PATH, json=agreed(a_tool()))
    made = (await owner.post("/v1/workflows", json={"source": source})).json()
    assert made["draft_valid"] is True
    wrong = {
        f"{HEAD}steps: {{a: {{tool: mcp/crm.ad, with: {{n: 1}}}}}}\n": "unknown_tool",
        f"{HEAD}steps: {{a: {{tool: mcp/crm.add, with: {{n: x}}}}}}\n": "wrong_type",
        f"{HEAD}steps: {{a: {{tool: mcp/crm.add}}}}\n": "missing_field",
        f"{HEAD}steps: {{a: {{agent: qa, prompt: x, tools: [mcp/crm.drop]}}}}\n": "unknown_tool",
    }
    for text, code in wrong.items():
        found = (await owner.post("/v1/validate", json={"source": text})).json()["problems"]
        assert [one["code"] for one in found] == [code]
    named = f"{HEAD}steps: {{a: {{agent: qa, prompt: x, tools: [mcp/crm.add]}}}}\n"
    assert (await owner.post("/v1/validate", json={"source": named})).json()["problems"] == []
    assert (await owner.post(f"/v1/workflows/{made['id']}/publish", json={})).status_code == 201


async def test_lets_only_administrators_change_servers_of_their_own_workspace(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    made = (await owner.post(PATH, json=SERVER)).json()
    for role, status in ((Role.VIEWER, 403), (Role.EDITOR, 403), (Role.ADMIN, 201)):
        client = await as_member(f"{role}@example.org", role)
        assert (await client.post(PATH, json=SERVER)).status_code == status
        assert (await client.get(f"{PATH}/{made['id']}")).status_code == 404
