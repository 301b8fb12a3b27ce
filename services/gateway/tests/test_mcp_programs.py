"""Programs of the operator's file, as a workspace sees them: names and limits, never what they are."""

import httpx
import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.mcp_programs import McpProgram
from gateway.testing.gateway import FakeGateway

HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"
CANARY = "/opt/canary-of-the-operator"


@pytest.fixture
def program(gateway: FakeGateway) -> McpProgram:
    made = McpProgram.model_validate(
        {
            "name": "files",
            "command": CANARY,
            "arguments": [CANARY],
            "environment": {"ROOT": CANARY},
            "tools": [{"name": "read", "effect": "none"}, {"name": "append"}],
        }
    )
    gateway.desk.mcp_programs.append(made)
    return made


async def _problems(client: httpx.AsyncClient, tool: str) -> list[JsonObject]:
    source = f"{HEAD}steps: {{s: {{tool: {tool}, with: {{path: a}}}}}}\n"
    problems: list[JsonObject] = (await client.post("/v1/validate", json={"source": source})).json()[
        "problems"
    ]
    return problems


async def test_a_document_may_name_the_tools_of_the_file(
    owner: httpx.AsyncClient, program: McpProgram
) -> None:
    assert await _problems(owner, "mcp/files.read") == []
    assert await _problems(owner, "mcp/files.append") == []
    assert [one["code"] for one in await _problems(owner, "mcp/files.drop")] == ["unknown_tool"]


async def test_a_program_of_other_workspaces_is_not_there(
    owner: httpx.AsyncClient, gateway: FakeGateway, program: McpProgram
) -> None:
    gateway.desk.mcp_programs[:] = [program.model_copy(update={"workspaces": ["another"]})]
    assert [one["code"] for one in await _problems(owner, "mcp/files.read")] == ["unknown_tool"]
    assert (await owner.get("/v1/mcp-servers")).json()["programs"] == []
    body = {"name": "files", "url": "https://files.example/mcp"}
    assert (await owner.post("/v1/mcp-servers", json=body)).status_code == 201


async def test_a_workspace_sees_names_and_limits_and_nothing_of_the_command(
    owner: httpx.AsyncClient, program: McpProgram
) -> None:
    shown = await owner.get("/v1/mcp-servers")
    assert shown.json() == {
        "items": [],
        "programs": [
            {
                "name": "files",
                "tools": [{"name": "read", "effect": "none"}, {"name": "append", "effect": "once"}],
                "calls_per_minute": 60,
                "timeout_s": 30,
            }
        ],
    }
    assert CANARY not in shown.text


async def test_a_name_of_the_file_is_not_a_workspace_s(owner: httpx.AsyncClient, program: McpProgram) -> None:
    body = {"name": "files", "url": "https://files.example/mcp"}
    for path in ("/v1/mcp-servers", "/v1/mcp-servers/check"):
        answer = await owner.post(path, json=body)
        assert (answer.status_code, "of the operator" in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize(
    "more", [{"command": "/bin/sh"}, {"command": "/bin/sh", "arguments": ["-c", "id"]}, {"program": "sh"}]
)
async def test_s66_no_request_can_name_a_program(owner: httpx.AsyncClient, more: JsonObject) -> None:
    body = {"name": "files", "url": "https://files.example/mcp", **more}
    for path in ("/v1/mcp-servers", "/v1/mcp-servers/check"):
        assert (await owner.post(path, json=body)).status_code == 422
    local: JsonObject = {"name": "files", "url": "stdio:///bin/sh"}
    assert (await owner.post("/v1/mcp-servers", json=local)).status_code == 422
