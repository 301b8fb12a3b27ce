"""S21 and S31: answers have what they declare and no secret, and no browser takes one for a page."""

import re
from collections.abc import AsyncIterator, Mapping
from copy import deepcopy
from typing import Any, Final

import httpx
import jsonschema
import pytest

from flowloom_contracts.base import JsonValue
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.permission_table import OPEN, SOCKET, Access, described_app, inventory

from .people import ENDPOINT, MCP_SERVER, MODEL, PASSWORD, People, belongings, people

APP: Final = described_app()
DOCUMENT: Final[dict[str, Any]] = APP.openapi()
CANARY: Final = "canary-a91f3e7c50"
ACTIVE: Final = ("html", "svg", "xml", "javascript", "xhtml", "pdf", "wasm", "css")
"""Kinds of content that a browser would run or draw."""

LIVE: Final = "/v1/runs/{run_id}/stream"
SCRIPTED: Final = "/v1/runs/{run_id}/events"
"""What happens in runs is made up by the fake; the contract of events is tested where they are written."""

SIGNING_IN: Final = "/v1/workspaces/{workspace_id}/switch"
"""It renews the cookie of the session, which is what it is for."""
ENDING: Final = ("DELETE", "/v1/sessions")
PAGES: Final = ("/v1/docs",)
"""Our own page; S55 looks at its policy."""

ACTED: Final = [
    access
    for access in inventory(APP)
    if access.asks not in (OPEN, SOCKET) and access.path.startswith("/v1/") and access.path != LIVE
]


@pytest.fixture
async def everybody() -> AsyncIterator[People]:
    async with people() as opened:
        yield opened


def _closed(schema: JsonValue) -> JsonValue:
    """Return a schema that lets an object have no field but those it declares."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(inner) for name, inner in schema.items()}
    if "properties" in closed and "additionalProperties" not in closed:
        closed["additionalProperties"] = False
    return closed


COMPONENTS: Final = _closed(deepcopy(DOCUMENT["components"]))


def _undeclared(access: Access, answer: httpx.Response) -> list[str]:
    """Return what an answer has and its schema does not."""
    # A converter of the router, as in `{path:path}`, is no part of the documented path.
    operation = DOCUMENT["paths"][re.sub(r":[a-z]+}", "}", access.path)][access.method.lower()]
    content = operation["responses"].get(str(answer.status_code), {}).get("content", {})
    kind = answer.headers["content-type"].partition(";")[0]
    schema = content.get(kind, {}).get("schema")
    if schema is None or not kind.endswith("json"):
        return []
    closed = {"allOf": [_closed(deepcopy(schema))], "components": COMPONENTS}
    found = jsonschema.Draft202012Validator(closed).iter_errors(answer.json())
    return [f"{access.method} {access.path}: {error.json_path}: {error.message[:200]}" for error in found]


def _body(access: Access) -> JsonValue:
    operation = DOCUMENT["paths"].get(access.path, {}).get(access.method.lower(), {})
    example: JsonValue = (
        operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    )
    known = {
        "/v1/models/{model_id}": MODEL,
        "/v1/mcp-servers/{server_id}": MCP_SERVER,
        "/v1/webhook-endpoints/{endpoint_id}": ENDPOINT,
    }
    return dict(known[access.path]) if access.path in known and access.method == "PUT" else example


async def _answers(
    client: httpx.AsyncClient, ids: Mapping[str, str]
) -> AsyncIterator[tuple[Access, httpx.Response]]:
    """Call everything once; what takes things away comes last."""
    for access in sorted(ACTED, key=lambda one: (one.method == "DELETE", one.path)):
        if (access.method, access.path) == ENDING:
            continue
        path = re.sub(r"{(\w+)(?::\w+)?}", lambda match: ids.get(match[1], new_id()), access.path)
        queries = {"before": "1", "after": "1"} if path.endswith("/diff") else {}
        headers = {"if-match": "*"}
        yield (
            access,
            await client.request(access.method, path, json=_body(access), headers=headers, params=queries),
        )


async def _hide(owner: httpx.AsyncClient, ids: Mapping[str, str]) -> None:
    """Put a canary into everything that is kept and must never come back."""
    await owner.put("/v1/secrets/token", json={"value": f"{CANARY}-secret"})
    model = {**MODEL, "api_key": f"{CANARY}-model"}
    answer = await owner.put(f"/v1/models/{ids['model_id']}", json=model, headers={"if-match": "*"})
    assert answer.status_code == 200, answer.text


async def test_s21_answers_have_declared_fields_and_no_secret(everybody: People) -> None:
    owner = await everybody.member(Role.OWNER)
    ids = await belongings(everybody.gateway, owner)
    await _hide(owner, ids)
    hidden = [CANARY, PASSWORD, *await _shown_once(owner, ids)]
    hidden += [owner.headers["authorization"].removeprefix("Bearer ")]
    leaks, undeclared, seen = [], [], 0
    async for access, answer in _answers(owner, ids):
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            leaks += [f"{access.method} {access.path}" for one in hidden if one in answer.text]
            has_schema = answer.is_success and answer.content and access.path != SCRIPTED
            undeclared += _undeclared(access, answer) if has_schema else []
            seen += answer.is_success
    assert leaks == []
    assert undeclared == []
    assert seen > 60, "most of the interface was looked at"


async def _shown_once(owner: httpx.AsyncClient, ids: Mapping[str, str]) -> list[str]:
    """Make what is shown only when it is made, and return it."""
    key = await owner.post("/v1/api-keys", json={"name": "once", "scopes": ["runs:read"]})
    client = await owner.post("/v1/api-clients", json={"name": "once", "scopes": ["runs:read"]})
    rotated = await owner.post(f"/v1/api-clients/{client.json()['id']}/rotate")
    endpoint = await owner.post("/v1/webhook-endpoints", json=ENDPOINT)
    invited = await owner.post("/v1/invitations", json={"email": "y@example.org", "role": "viewer"})
    shown = [
        key.json()["key"],
        client.json()["client_secret"],
        rotated.json()["client_secret"],
        endpoint.json()["secret"],
        invited.json()["link"],
    ]
    assert all(len(one) >= 20 for one in shown)
    return shown


async def test_s21_problems_say_nothing_of_the_inside(everybody: People) -> None:
    owner = await everybody.member(Role.OWNER)
    agreed = {"type", "title", "status", "detail", "instance", "trace_id", "errors", "problems", "rule"}
    for access in ACTED:
        path = re.sub(r"{(\w+)(?::\w+)?}", CANARY, access.path)
        if (access.method, access.path) == ENDING:
            continue
        answer = await owner.request(access.method, path, content=b'{"' + CANARY.encode() + b'": 1}')
        if answer.status_code >= 400:
            problem = answer.json()
            assert set(problem) <= agreed, (access.path, problem)
            assert not re.search(r"Traceback|sqlalchemy|asyncpg|/src/|\.py\b", answer.text), access.path


async def test_s31_no_answer_is_a_page(everybody: People) -> None:
    owner = await everybody.member(Role.OWNER)
    ids = await belongings(everybody.gateway, owner)
    polyglot = "RIFF\x24\x00<script>alert(1)</script><svg onload=alert(1)>"
    source = (
        f"# {polyglot!r}\napiVersion: flowloom/v1\nkind: Workflow\nmetadata: {{name: poly}}\nsteps: {{}}\n"
    )
    await owner.post("/v1/workflows", json={"source": source})
    async for access, answer in _answers(owner, ids):
        kind = answer.headers.get("content-type", "")
        if access.path.startswith(PAGES) or not answer.content:
            continue
        assert not any(word in kind.lower() for word in ACTIVE), (access.path, kind)
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"].split("; ")
        assert "default-src 'none'" in policy and "sandbox" in policy, access.path
        assert "set-cookie" not in answer.headers or access.path == SIGNING_IN, access.path
        if "export" in access.path and not kind.startswith(("application/json", "application/problem+json")):
            assert answer.headers["content-disposition"].startswith("attachment"), access.path


@pytest.mark.parametrize("accept", ["text/html", "image/svg+xml", "text/csv", "*/*"])
async def test_s31_a_client_cannot_choose_how_text_is_read(everybody: People, accept: str) -> None:
    owner = await everybody.member(Role.OWNER)
    ids = await belongings(everybody.gateway, owner)
    paths = ("/v1/runs", f"/v1/workflows/{ids['workflow_id']}/export", "/v1/audit/export?format=csv")
    for path in paths:
        answer = await owner.get(path, headers={"accept": accept})
        kind = answer.headers["content-type"]
        assert not any(word in kind for word in ACTIVE), (path, kind)
        if kind.startswith("text/"):
            assert answer.headers["content-disposition"].startswith("attachment")
