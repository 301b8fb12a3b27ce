"""Who may call what: every route of the gateway, as strangers, roles and people of another workspace."""

import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import httpx
import pytest

from flowloom_contracts.base import JsonValue
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.permission_table import OPEN, ROLES, SOCKET, Access, described_app, inventory, table

from .people import ENDPOINT, MCP_SERVER, MODEL, REF, People, belongings, people

ROOT: Final = Path(__file__).parents[2]
APP: Final = described_app()
ROUTES: Final = [access for access in inventory(APP) if access.asks != SOCKET]
ASKED: Final = [access for access in ROUTES if access.asks != OPEN]
GRANTED: Final = [access for access in ROUTES if access.permission is not None]
DOCUMENT: Final = APP.openapi()
WITHOUT_CREDENTIALS: Final = re.compile(
    r"/v1/auth/.*|/v1/oauth/token|/healthz|/readyz|/\.well-known/.*|/v1/openapi\.json|/v1/docs(/.*)?|/hooks/.*"
)
"""What a stranger may call, as the contract of the wire lists it."""

BODIES: Final[Mapping[str, JsonValue]] = {
    "/v1/models/{model_id}": dict(MODEL),
    "/v1/mcp-servers/{server_id}": dict(MCP_SERVER),
    "/v1/webhook-endpoints/{endpoint_id}": dict(ENDPOINT),
}
"""Where the document's example is good only in its own place."""

OWN: Final = {"/v1/workspaces/{workspace_id}/switch", "/v1/templates/{template_id}"}
"""They name something that the caller has or that everybody has."""


def _id(access: Access) -> str:
    return f"{access.method} {access.path}"


@pytest.fixture
async def everybody() -> AsyncIterator[People]:
    async with people() as opened:
        yield opened


def _path(access: Access, ids: Mapping[str, str]) -> str:
    return re.sub(r"{(\w+)(?::\w+)?}", lambda match: ids.get(match[1], new_id()), access.path)


def _example(access: Access) -> JsonValue:
    """Return the body that the document shows, so that only who asks can be a reason to refuse."""
    if access.method == "PUT" and access.path in BODIES:
        return BODIES[access.path]
    operation = DOCUMENT["paths"].get(access.path, {}).get(access.method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    found: JsonValue = content.get("application/json", {}).get("example")
    return found


async def _call(client: httpx.AsyncClient, access: Access, ids: Mapping[str, str]) -> httpx.Response:
    headers = {"if-match": "*"}
    queries = {"before": "1", "after": "1"} if access.path.endswith("/diff") else {}
    return await client.request(
        access.method, _path(access, ids), json=_example(access), headers=headers, params=queries
    )


def test_s57_the_committed_table_is_that_of_the_routes() -> None:
    committed = (ROOT / "services/gateway/permissions.md").read_text()
    assert committed == table(APP), "run `make contracts`"


def test_s01_strangers_may_call_only_what_the_wire_lists() -> None:
    open_paths = {access.path for access in ROUTES if access.asks == OPEN}
    assert {path for path in open_paths if not WITHOUT_CREDENTIALS.fullmatch(path)} == set()


async def test_s01_refuses_a_stranger_on_every_route(everybody: People) -> None:
    stranger = await everybody.stranger()
    for access in ASKED:
        answer = await _call(stranger, access, {})
        assert answer.status_code == 401, f"{_id(access)}: {answer.status_code}"
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("role", ROLES, ids=str)
async def test_s19_lets_a_role_in_as_the_table_says(everybody: People, role: Role) -> None:
    member = await everybody.member(role)
    ids = {"name": "token", "version": "1", "ref": REF}
    wrong = []
    for access in GRANTED:
        answer = await _call(member, access, ids)
        is_let_in = answer.json().get("type") != "/problems/forbidden" if answer.status_code == 403 else True
        if is_let_in != access.lets_in(role) or answer.status_code == 401:
            wrong.append(f"{_id(access)}: {answer.status_code}")
    assert wrong == []


async def test_s19_a_key_may_do_no_more_than_its_scopes(everybody: People) -> None:
    owner = await everybody.member(Role.OWNER)
    clients = {}
    for scope in ("rules:read", "runs:read"):
        clients[scope] = await everybody.stranger()
        made = await owner.post("/v1/api-keys", json={"name": "narrow", "scopes": [scope]})
        clients[scope].headers["x-api-key"] = made.json()["key"]
    for access in GRANTED:
        narrow = clients["rules:read" if access.asks != "rules:read" else "runs:read"]
        answer = await _call(narrow, access, {"name": "token", "version": "1", "ref": REF})
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden"), _id(access)


def _with_an_id() -> list[Access]:
    return [access for access in ASKED if "{" in access.path and access.path not in OWN]


async def test_s16_what_belongs_to_another_workspace_is_not_there(everybody: People) -> None:
    ada, bob = await everybody.member(Role.OWNER), await everybody.member(Role.OWNER)
    theirs = await belongings(everybody.gateway, ada)
    wrong = []
    for access in _with_an_id():
        names = set(re.findall(r"{(\w+)", access.path))
        assert names <= set(theirs), (
            f"say in `belongings` which {names - set(theirs)} of {access.path} is meant"
        )
        unknown = {name: new_id() if name.endswith("_id") else theirs[name] for name in theirs}
        answers = [await _call(bob, access, ids) for ids in (theirs, unknown)]
        shown = [_without_ids(answer, ids) for answer, ids in zip(answers, (theirs, unknown), strict=True)]
        if answers[0].status_code not in _REFUSALS.get(access.path, {404}) or shown[0] != shown[1]:
            wrong.append(f"{_id(access)}: {answers[0].status_code} {answers[0].text[:200]}")
    assert wrong == []


_REFUSALS: Final = {"/v1/secrets/{name}": {404, 412}, "/v1/agents/{name}": {404, 412}}
"""Secrets and agents are named, not found: everybody may have one of the same name."""


def _without_ids(answer: httpx.Response, ids: Mapping[str, str]) -> tuple[int, str]:
    text = answer.text
    for value in ids.values():
        text = text.replace(value, "…") if len(value) > 30 else text
    return answer.status_code, re.sub(r'"(trace_id|created_at|updated_at)":"[^"]*"', "", text)


_MOVING: Final = OWN | {"/v1/runs/{run_id}/stream", "/v1/audit", "/v1/audit/export"}


async def test_s16_nothing_of_another_workspace_was_touched(everybody: People) -> None:
    ada, bob = await everybody.member(Role.OWNER), await everybody.member(Role.OWNER)
    theirs = await belongings(everybody.gateway, ada)
    readable = [access for access in GRANTED if access.method == "GET" and access.path not in _MOVING]
    before = [(await _call(ada, access, theirs)).text for access in readable]
    for access in _with_an_id():
        await _call(bob, access, theirs)
    after = [(await _call(ada, access, theirs)).text for access in readable]
    differing = [
        _id(access)
        for access, old, new in zip(readable, before, after, strict=True)
        if _stable(old) != _stable(new)
    ]
    assert differing == []


def _stable(text: str) -> str:
    return re.sub(r'"(trace_id|last_used_at)":("[^"]*"|null)', "", text)


async def test_s16_lists_show_nothing_of_another_workspace(everybody: People) -> None:
    ada, bob = await everybody.member(Role.OWNER), await everybody.member(Role.OWNER)
    theirs = await belongings(everybody.gateway, ada)
    hidden = [value for name, value in theirs.items() if name.endswith("_id")]
    for access in ASKED:
        if access.method == "GET" and "{" not in access.path:
            answer = await _call(bob, access, {})
            assert [value for value in hidden if value in answer.text] == [], access.path
