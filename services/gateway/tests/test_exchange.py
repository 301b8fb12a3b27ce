"""Workflows that come and go, through the public interface."""

import json

import httpx
import pytest

from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember
from gateway.testing.triggered import BARE, saved

CREW = {
    "format": "crewai",
    "agents": "r: {role: Analyst, goal: Find, verbose: true}",
    "source": "t: {description: 'Look into {topic}', agent: r}",
}


async def test_asks_who_brings_something(stranger: httpx.AsyncClient, as_member: AsMember) -> None:
    assert (await stranger.post("/v1/import", json={"source": BARE})).status_code == 401
    assert (await stranger.get("/v1/workflows/x/export")).status_code == 401
    viewer = await as_member("v@example.org", Role.VIEWER)
    assert (await viewer.post("/v1/import", json={"source": BARE})).status_code == 403
    assert (await viewer.get("/v1/workflows/x/export")).status_code == 404


N8N = {
    "name": "From n8n",
    "nodes": [
        {"name": "Go", "type": "n8n-nodes-base.manualTrigger", "parameters": {}},
        {"name": "Ask", "type": "n8n-nodes-base.httpRequest", "parameters": {"url": "https://example.com"}},
        {"name": "Tell", "type": "n8n-nodes-base.slack", "parameters": {}},
    ],
    "connections": {
        "Go": {"main": [[{"node": "Ask", "type": "main", "index": 0}]]},
        "Ask": {"main": [[{"node": "Tell", "type": "main", "index": 0}]]},
    },
}


async def test_takes_a_workflow_of_another_program_and_lists_what_is_missing(
    owner: httpx.AsyncClient,
) -> None:
    body = {"format": "n8n", "source": json.dumps(N8N)}
    made = await owner.post("/v1/import", json=body)
    workflow = made.json()["workflow"]
    assert (made.status_code, workflow["name"], workflow["draft_valid"]) == (201, "from-n8n", True)
    assert made.json()["problems"] == [
        {
            "where": "Tell",
            "step": "tell",
            "what": "slack has no counterpart here.",
            "to_do": "Replace the step, for example by `http`, `tool` or `code`.",
        }
    ]
    assert (await owner.post("/v1/import", json={**body, "name": "mine"})).json()["workflow"][
        "name"
    ] == "mine"


@pytest.mark.parametrize("program", ["n8n", "dify", "flowise", "langflow"])
async def test_refuses_what_is_no_such_workflow_or_starts_programs(
    owner: httpx.AsyncClient, program: str
) -> None:
    refused = await owner.post("/v1/import", json={"format": program, "source": "nothing"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "invalid_value")
    source = json.dumps({**N8N, "server": {"command": "npx", "args": ["x"]}})
    refused = await owner.post("/v1/import", json={"format": program, "source": source})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "stdio_refused")
    assert (await owner.get("/v1/workflows")).json()["items"] == []


async def test_exports_what_can_be_imported_again(owner: httpx.AsyncClient, as_member: AsMember) -> None:
    exported = (await owner.get(f"/v1/workflows/{await saved(owner, BARE)}/export")).json()
    assert (exported["source"], exported["secrets"]) == (BARE, [])
    assert exported["file_name"].endswith(".yaml")
    other = await as_member("bob@example.org", Role.EDITOR)
    body = {name: exported[name] for name in ("source", "tests", "layout")}
    imported = await other.post("/v1/import", json=body)
    assert (imported.status_code, imported.json()["notes"]) == (201, [])
    assert imported.json()["workflow"]["source"] == BARE
    assert (await other.post("/v1/import", json=body)).status_code == 409


async def test_makes_a_workflow_of_a_crew_and_says_what_is_missing(owner: httpx.AsyncClient) -> None:
    made = await owner.post("/v1/import", json={**CREW, "name": "my-crew"})
    workflow = made.json()["workflow"]
    assert (made.status_code, workflow["name"], workflow["draft_valid"]) == (201, "my-crew", True)
    assert made.json()["notes"] == ["Agent 'r': 'verbose' was left out."]
    refused = await owner.post("/v1/import", json={**CREW, "agents": "[]"})
    assert refused.status_code == 422
    assert [wrong["path"] for wrong in refused.json()["errors"]] == ["agents"]
    assert (await owner.post("/v1/import", json={**CREW, "format": "odd"})).status_code == 422
