"""Services to each other: a message that is forged, old or for something else is refused (S65)."""

import inspect
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, get_type_hints

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import SecretStr

import memory.bootstrap
import memory.settings
import orchestrator.bootstrap
import orchestrator.settings
from flowloom_contracts.base import Request
from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from flowloom_servicekit.callers import MANDATE_HEADER
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.purposes import INTERNAL, Purpose, scope_of
from gateway.routes.internal import router as of_gateway
from gateway.routes.model_endpoints import router as model_endpoints
from gateway.testing.gateway import APP_TOKEN, FakeGateway
from memory.document_routes import router as documents
from memory.memory_routes import router as memories
from memory.routes import router as of_memory
from memory.table_routes import router as tables
from orchestrator.routes.approvals import approvals
from orchestrator.routes.budgets import budgets
from orchestrator.routes.calls import calls
from orchestrator.routes.control import control
from orchestrator.routes.files import files, files_of_runs
from orchestrator.routes.models import models
from orchestrator.routes.policies import policies
from orchestrator.routes.runs import runs
from orchestrator.routes.schedules import schedules
from orchestrator.routes.stats import stats
from orchestrator.routes.steps import steps
from orchestrator.routes.values import large_values

SIDECAR: Final = APP_TOKEN
ROUTERS: Final = {
    AppId.GATEWAY: (of_gateway, model_endpoints),
    AppId.MEMORY: (of_memory, documents, memories, tables),
    AppId.ORCHESTRATOR: (
        *(runs, control, steps, calls, files, files_of_runs, approvals, schedules, large_values),
        *(stats, policies, models, budgets),
    ),
}
OURS: Final = Purpose("", "ws-a", "01a204e9-d9fe-73d0-acbe-b2a6d7555cba")
ROUTES: Final = [
    (app_id, route)
    for app_id, routers in ROUTERS.items()
    for router in routers
    for route in router.routes
    if isinstance(route, APIRoute)
]


@pytest.fixture(scope="module")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    for app_id in AppId:
        key = ECKey.generate_key("P-256")
        (folder / f"{app_id}.key.pem").write_bytes(key.as_pem(private=True))
        (folder / f"{app_id}.pub.pem").write_bytes(key.as_pem(private=False))
    return folder


@pytest.fixture(scope="module")
def apps(keys_dir: Path) -> Mapping[AppId, FastAPI]:
    """Give the real applications; what refuses comes before anything that they would have to open."""
    given = {
        "database_url": SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/none"),
        "keys_dir": keys_dir,
        "redis_url": SecretStr("redis://127.0.0.1:1/0"),
        "dapr_api_token": SecretStr("d-8f3b1c6e0a2d7f94"),
        "app_api_token": SecretStr(SIDECAR),
    }
    gateway = FakeGateway().app
    gateway.state.identity = ServiceIdentity(AppId.GATEWAY, keys_dir)
    apps = {
        AppId.GATEWAY: gateway,
        AppId.MEMORY: memory.bootstrap.build(memory.settings.Settings.model_validate(given)),
        AppId.ORCHESTRATOR: orchestrator.bootstrap.build(
            orchestrator.settings.Settings.model_validate(given)
        ),
    }
    gateway.state.parts = apps[AppId.MEMORY].state.parts = None
    apps[AppId.ORCHESTRATOR].state.dependencies = None
    return apps


def _allowed(route: APIRoute) -> set[str]:
    """Return who may call a route, as its guard has it."""
    for needed in route.dependencies:
        call = needed.dependency
        if inspect.isfunction(call) and call.__qualname__.startswith("caller."):
            return {str(name) for name in inspect.getclosurevars(call).nonlocals["allowed"]}
    return set()


def _verb(route: APIRoute) -> str:
    return next(iter(route.methods))


def _scope(route: APIRoute) -> str:
    return scope_of(_verb(route), route.path.removeprefix(INTERNAL))


def _named(route: APIRoute) -> dict[str, object]:
    """Return of a request that nobody would take the fields that say for whom it is."""
    hints = get_type_hints(route.endpoint)
    fields: set[str] = set()
    for hint in hints.values():
        if inspect.isclass(hint) and issubclass(hint, Request):
            fields |= set(hint.model_fields)
    ours: dict[str, object] = {
        "actor": {"workspace_id": OURS.workspace_id},
        "workspace_id": OURS.workspace_id,
        "run_id": OURS.run_id,
    }
    return {name: value for name, value in ours.items() if name in fields} | {"no such field": 1}


def _claims(named: Mapping[str, object]) -> dict[str, object]:
    """Return what the token of such a request says of it."""
    said: dict[str, object] = {}
    if "actor" in named or "workspace_id" in named:
        said["tid"] = OURS.workspace_id
    if "run_id" in named:
        said["run"] = OURS.run_id
    return said


def _mandated(route: APIRoute) -> set[str]:
    """Return who needs a mandate of the orchestrator for a route."""
    for needed in route.dependencies:
        call = needed.dependency
        if inspect.isfunction(call) and call.__qualname__.startswith("caller."):
            return {str(name) for name in inspect.getclosurevars(call).nonlocals["mandated"]}
    return set()


def _token(keys_dir: Path, callee: str, **changes: object) -> str:
    """Return what an allowed caller would send, changed, and signed by the one who says so."""
    signer = str(changes.pop("signed_by", AppId.ORCHESTRATOR))
    now = int(time.time())
    claims = {
        "iss": signer,
        "sub": signer,
        "aud": callee,
        "iat": now,
        "exp": now + 300,
        "scopes": [],
    } | changes
    key = ECKey.import_key((keys_dir / f"{signer}.key.pem").read_bytes())
    return jwt.encode({"alg": "ES256"}, claims, key, algorithms=["ES256"])


async def _call(
    app: FastAPI,
    route: APIRoute,
    token: str | None,
    *,
    sidecar: str = SIDECAR,
    body: Mapping[str, object] | None = None,
    mandate: str | None = None,
) -> int:
    headers = {"dapr-api-token": sidecar}
    if mandate is not None:
        headers[MANDATE_HEADER] = mandate
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        if _verb(route) == "POST":
            return (await client.post(route.path, json=body or {}, headers=headers)).status_code
        query = {name: str(value) for name, value in (body or {}).items()}
        return (await client.request(_verb(route), route.path, params=query, headers=headers)).status_code


def _name(value: object) -> str:
    return value.path if isinstance(value, APIRoute) else str(value)


@pytest.mark.parametrize(("callee", "route"), ROUTES, ids=_name)
async def test_s65_a_service_calls_only_what_lists_it(
    apps: Mapping[AppId, FastAPI], keys_dir: Path, callee: AppId, route: APIRoute
) -> None:
    allowed = _allowed(route)
    assert allowed and allowed < set(AppId), "every internal route names its callers"
    for app_id in AppId:
        if app_id not in allowed:
            token = ServiceIdentity(app_id, keys_dir).token_for(callee, Purpose(_scope(route)))
            assert await _call(apps[callee], route, token) == 403, app_id


@pytest.mark.parametrize(("callee", "route"), ROUTES, ids=_name)
async def test_s65_refuses_a_forged_message(
    apps: Mapping[AppId, FastAPI], keys_dir: Path, callee: AppId, route: APIRoute
) -> None:
    caller, now = next(iter(_allowed(route))), int(time.time())
    another = next(app_id for app_id in AppId if app_id not in {callee, caller})
    forged = {
        "none": None,
        "not a token": "eyJ.eyJ.e",
        "signed by somebody else": _token(keys_dir, callee, signed_by=another, iss=caller, sub=caller),
        "for somebody else": _token(keys_dir, another, signed_by=caller),
        "in the name of another": _token(keys_dir, callee, signed_by=caller, sub=another),
        "old": _token(keys_dir, callee, signed_by=caller, iat=now - 900, exp=now - 600),
        "too long": _token(keys_dir, callee, signed_by=caller, exp=now + 86_400),
        "for nothing": _token(keys_dir, callee, signed_by=caller, scopes=None),
        "by nobody we know": _token(keys_dir, callee, signed_by=caller, iss="../../etc", sub="../../etc"),
    }
    found = {what: await _call(apps[callee], route, token) for what, token in forged.items()}
    assert found == dict.fromkeys(forged, 401)


@pytest.mark.parametrize(("callee", "route"), ROUTES, ids=_name)
async def test_s65_refuses_whoever_is_not_the_sidecar(
    apps: Mapping[AppId, FastAPI], keys_dir: Path, callee: AppId, route: APIRoute
) -> None:
    token = _token(keys_dir, callee, signed_by=next(iter(_allowed(route))), scopes=[_scope(route)])
    assert await _call(apps[callee], route, token, sidecar="guessed") == 401


@pytest.mark.parametrize(("callee", "route"), ROUTES, ids=_name)
async def test_s65_refuses_a_token_that_is_for_something_else(
    apps: Mapping[AppId, FastAPI], keys_dir: Path, callee: AppId, route: APIRoute
) -> None:
    body, scope = _named(route), _scope(route)
    said = _claims(body)
    others: dict[str, dict[str, object]] = {
        "another operation": {"scopes": ["runs:none", f"{scope}:more", scope[:-1], "*", "runs:*"]},
        "no operation": {"scopes": []},
        "another workspace": {"tid": "ws-b"},
        "another run": {"run": "01a204e9-d9fe-73d0-acbe-b2a6d7555cbb"},
    }
    if "tid" in said:
        others["every workspace"] = {"tid": None}
    if "run" in said:
        others["every run"] = {"run": None}
    signed_by = min(_allowed(route), key=lambda app_id: (app_id in _mandated(route), app_id))
    genuine: dict[str, object] = {"signed_by": signed_by, "scopes": [scope], **said}
    found = {}
    for what, change in others.items():
        token = _token(keys_dir, callee, **(genuine | change))
        found[what] = await _call(apps[callee], route, token, body=body)
    assert found == dict.fromkeys(others, 403)
    # The same request with the token that is for it gets as far as the check of its fields.
    token, mandate = _token(keys_dir, callee, **genuine), None
    if signed_by in _mandated(route):
        mandate = _token(keys_dir, callee, sub=signed_by, scopes=None, tid=OURS.workspace_id)
    assert await _call(apps[callee], route, token, body=body, mandate=mandate) == 422


MANDATED: Final = [(callee, route) for callee, route in ROUTES if _mandated(route)]


def test_s65_agents_need_a_mandate_wherever_they_act_for_a_workspace() -> None:
    for callee, route in ROUTES:
        agents = _allowed(route) & set(AGENT_APP_IDS)
        assert _mandated(route) == (set() if callee is AppId.ORCHESTRATOR else agents), route.path
    assert {callee for callee, _ in MANDATED} == {AppId.GATEWAY, AppId.MEMORY}


def _qa_first(app_id: str) -> bool:
    """Order agents so that the one that works on most routes comes first."""
    return app_id != AppId.AGENT_QA


@pytest.mark.parametrize(("callee", "route"), MANDATED, ids=_name)
async def test_s65_an_agent_acts_only_for_the_workspace_of_a_step_it_was_given(
    apps: Mapping[AppId, FastAPI], keys_dir: Path, callee: AppId, route: APIRoute
) -> None:
    agent, body, now = min(_mandated(route), key=_qa_first), _named(route), int(time.time())
    token = _token(keys_dir, callee, signed_by=agent, scopes=[_scope(route)], **_claims(body))
    given: dict[str, object] = {"sub": agent, "scopes": None, "tid": OURS.workspace_id, "run": OURS.run_id}
    forged = {
        "none": None,
        "its own token": token,
        "signed by itself": _token(keys_dir, callee, **(given | {"signed_by": agent})),
        "in the orchestrator's name": _token(
            keys_dir, callee, **(given | {"signed_by": agent, "iss": AppId.ORCHESTRATOR})
        ),
        "of another agent": _token(keys_dir, callee, **(given | {"sub": AppId.AGENT_RESEARCH})),
        "for another workspace": _token(keys_dir, callee, **(given | {"tid": "ws-b"})),
        "for every workspace": _token(keys_dir, callee, **(given | {"tid": None})),
        "for another service": _token(keys_dir, AppId.ORCHESTRATOR, **given),
        "old": _token(keys_dir, callee, **given, iat=now - 900, exp=now - 600),
        "too long": _token(keys_dir, callee, **given, exp=now + 86_400),
    }
    found = {
        what: await _call(apps[callee], route, token, body=body, mandate=mandate)
        for what, mandate in forged.items()
    }
    assert found == dict.fromkeys(forged, 403)
    mandate = _token(keys_dir, callee, **given)
    assert await _call(apps[callee], route, token, body=body, mandate=mandate) == 422
    # What lets somebody act is no credential by itself.
    assert await _call(apps[callee], route, mandate, body=body, mandate=mandate) == 401


async def test_s65_a_request_names_its_workspace_once(apps: Mapping[AppId, FastAPI], keys_dir: Path) -> None:
    token = _token(keys_dir, "orchestrator", signed_by="gateway", scopes=["runs:start"], tid="ws-a")
    body: dict[str, object] = {"actor": {"workspace_id": "ws-a"}, "workspace_id": "ws-b"}
    route = next(route for callee, route in ROUTES if route.path == "/internal/runs/start")
    assert await _call(apps[AppId.ORCHESTRATOR], route, token, body=body) == 403
