"""What services ask of each other: internal routes take and give contracts, from known callers only."""

import inspect
from typing import get_type_hints

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from flowloom_contracts.base import Request, Response
from memory.routes import router as memory
from orchestrator import routes as orchestrator

ROUTERS: tuple[APIRouter, ...] = (orchestrator.runs, orchestrator.steps, orchestrator.calls, memory)
ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
WIRE = {
    *(f"/internal/runs/{verb}" for verb in ("start", "list", "get", "steps", "events", "snapshot", "cancel")),
    *(f"/internal/steps/{verb}" for verb in ("claim", "heartbeat", "complete")),
    *(f"/internal/calls/{verb}" for verb in ("begin", "end")),
    *(f"/internal/memory/{verb}" for verb in ("store", "search")),
}


def test_the_calls_are_those_of_the_wire() -> None:
    assert {route.path for route in ROUTES} == WIRE
    assert {tuple(sorted(route.methods)) for route in ROUTES} == {("POST",)}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_takes_a_request_and_gives_a_response(route: APIRoute) -> None:
    hints = get_type_hints(route.endpoint)
    answer = hints.pop("return")
    assert inspect.isclass(answer)
    assert issubclass(answer, Response)
    bodies = [hint for hint in hints.values() if inspect.isclass(hint) and issubclass(hint, Request)]
    assert len(bodies) == 1, "one object in, so that fields can be added"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_asks_who_is_calling(route: APIRoute) -> None:
    asked = [dependency.dependency for dependency in route.dependencies]
    assert any(getattr(one, "__qualname__", "").startswith("caller.") for one in asked), "Depends(caller(…))"
