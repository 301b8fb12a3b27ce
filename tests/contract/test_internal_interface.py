"""What services ask of each other: internal routes take and give contracts, from known callers only."""

import inspect
from typing import get_type_hints

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from flowloom_contracts.base import Request, Response
from flowloom_contracts.scopes import RUN_READING, STEP_WORK
from flowloom_servicekit.purposes import INTERNAL, scope_of
from gateway.routes.internal import router as gateway
from gateway.routes.model_endpoints import router as model_endpoints
from memory.document_routes import router as documents
from memory.memory_routes import router as memories
from memory.routes import router as memory
from memory.table_routes import router as tables
from orchestrator.routes.approvals import approvals
from orchestrator.routes.budgets import budgets
from orchestrator.routes.calls import calls
from orchestrator.routes.control import control
from orchestrator.routes.files import files, files_of_runs
from orchestrator.routes.mcp import mcp_of_agents, mcp_servers
from orchestrator.routes.models import models
from orchestrator.routes.policies import policies
from orchestrator.routes.runs import runs
from orchestrator.routes.schedules import schedules
from orchestrator.routes.stats import stats
from orchestrator.routes.steps import steps
from orchestrator.routes.values import large_values

ORCHESTRATOR: tuple[APIRouter, ...] = (
    runs,
    control,
    steps,
    calls,
    files,
    files_of_runs,
    approvals,
    schedules,
    large_values,
    stats,
    policies,
    models,
    budgets,
    mcp_servers,
    mcp_of_agents,
)
ROUTERS: tuple[APIRouter, ...] = (
    *ORCHESTRATOR,
    memory,
    documents,
    memories,
    tables,
    gateway,
    model_endpoints,
)
EVERY_ROUTE = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
PART = "/internal/memory/documents/part"
"""The one path whose body is not a contract: the bytes of a part of a document."""

ROUTES = [route for route in EVERY_ROUTE if route.path != PART]
WIRE = {
    *(f"/internal/runs/{verb}" for verb in ("start", "list", "get", "steps", "events", "snapshot")),
    *(f"/internal/runs/{verb}" for verb in ("cancel", "kill", "pause", "resume", "retry", "fork")),
    *(
        f"/internal/runs/{verb}"
        for verb in ("save-as-test", "record", "value", "value-part", "files", "file-part")
    ),
    *(f"/internal/approvals/{verb}" for verb in ("list", "get", "decide")),
    *(f"/internal/{what}" for what in ("stats/overview", "usage/report", "policies/set")),
    *(f"/internal/budgets/{verb}" for verb in ("list", "replace")),
    *(f"/internal/models/{verb}" for verb in ("platform", "test", "resolve")),
    *(f"/internal/mcp/{verb}" for verb in ("check", "resolve")),
    *(f"/internal/mcp-tools/{verb}" for verb in ("describe", "call")),
    *(f"/internal/schedules/{verb}" for verb in ("sync", "list", "pause")),
    *(f"/internal/steps/{verb}" for verb in ("claim", "heartbeat", "complete")),
    *(f"/internal/calls/{verb}" for verb in ("begin", "end")),
    *(f"/internal/files/{verb}" for verb in ("write", "written", "list", "read")),
    *(f"/internal/memory/{verb}" for verb in ("store", "search", "passages/search", "compare")),
    "/internal/memory/runs/failures",
    *(f"/internal/memory/generations/{verb}" for verb in ("list", "start")),
    *(f"/internal/memory/collections/{verb}" for verb in ("put", "list", "delete", "get")),
    *(f"/internal/memory/documents/{verb}" for verb in ("add", "complete", "get", "list", "text")),
    *(f"/internal/memory/documents/{verb}" for verb in ("passages", "retry", "quarantine")),
    *(f"/internal/memory/memories/{verb}" for verb in ("list", "get", "correct", "forget")),
    *(f"/internal/memory/tables/{verb}" for verb in ("list", "read")),
    "/internal/memory/forget",
    *(f"/internal/{what}" for what in ("workflows/resolve", "secrets/open", "rules/list", "triggers/fire")),
}


OF_NO_WORKSPACE = {
    *(f"/internal/models/{verb}" for verb in ("platform", "test")),
    *(f"/internal/memory/generations/{verb}" for verb in ("list", "start")),
}
"""What an operator asks about the installation; every other request says for whom it is."""


def test_the_calls_are_those_of_the_wire() -> None:
    assert {route.path for route in ROUTES} == WIRE
    assert {tuple(sorted(route.methods)) for route in ROUTES} == {("POST",)}
    assert sorted(verb for route in EVERY_ROUTE if route.path == PART for verb in route.methods) == [
        "GET",
        "PUT",
    ]


@pytest.mark.parametrize("together", [STEP_WORK, RUN_READING], ids=["step work", "run reading"])
def test_one_token_is_for_operations_that_there_are_of_one_service(together: frozenset[str]) -> None:
    of_run = {
        scope_of("POST", route.path.removeprefix(INTERNAL))
        for router in ORCHESTRATOR
        for route in router.routes
        if isinstance(route, APIRoute) and any("run_id" in fields for fields in _fields(route))
    }
    assert together <= of_run, "each names the run to which the token is tied"


def _fields(route: APIRoute) -> list[set[str]]:
    hints = get_type_hints(route.endpoint).values()
    return [set(hint.model_fields) for hint in hints if inspect.isclass(hint) and issubclass(hint, Request)]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_takes_a_request_and_gives_a_response(route: APIRoute) -> None:
    hints = get_type_hints(route.endpoint)
    hints.pop("return")
    answer = route.response_model  # the return type, unless the JSON of what it says is sent as it is kept
    assert inspect.isclass(answer)
    assert issubclass(answer, Response)
    bodies = [hint for hint in hints.values() if inspect.isclass(hint) and issubclass(hint, Request)]
    assert len(bodies) == 1, "one object in, so that fields can be added"


@pytest.mark.parametrize("route", EVERY_ROUTE, ids=lambda route: route.path)
def test_says_for_whom_it_is_so_that_its_token_can(route: APIRoute) -> None:
    fields: set[str] = set()
    for hint in get_type_hints(route.endpoint).values():
        if inspect.isclass(hint) and issubclass(hint, Request):
            fields |= set(hint.model_fields)
    names = fields & {"actor", "workspace_id"}
    assert len(names) <= 1, "one place for the workspace, see flowloom_servicekit.purposes"
    assert bool(names or "run_id" in fields) is (route.path not in OF_NO_WORKSPACE)


@pytest.mark.parametrize("route", EVERY_ROUTE, ids=lambda route: route.path)
def test_asks_who_is_calling(route: APIRoute) -> None:
    asked = [dependency.dependency for dependency in route.dependencies]
    assert any(getattr(one, "__qualname__", "").startswith("caller.") for one in asked), "Depends(caller(…))"
