"""The sidecars' rules of who may call whom are those of the routes, in both directions."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.routing import APIRoute

from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from gateway.adapters.platform import NEEDED
from tests.contract.test_internal_interface import ROUTERS

ROOT = Path(__file__).resolve().parents[2]
READY = "/readyz"
OWNERS = {"orchestrator": AppId.ORCHESTRATOR, "memory": AppId.MEMORY, "gateway": AppId.GATEWAY}
ROUTES = [
    pytest.param(OWNERS[route.endpoint.__module__.partition(".")[0]], route, id=route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
]


def policies(app_id: str) -> Any:  # Dapr's own document
    text = (ROOT / "dapr" / "configuration" / f"{app_id}.yaml").read_text()
    return yaml.safe_load(text)["spec"]["accessControl"]


def allows(app_id: str, caller: str, path: str) -> bool:
    """Judge as the sidecar does: `*` stands for one part of a path and `**` for all that follow."""
    found = [one for one in policies(app_id).get("policies", []) if one["appId"] == caller]
    patterns = [operation["name"] for policy in found for operation in policy["operations"]]
    return any(_fits(pattern.split("/"), path.split("/")) for pattern in patterns)


def _fits(pattern: list[str], path: list[str]) -> bool:
    for number, part in enumerate(pattern):
        if part == "**":
            return len(path) > number
        if number >= len(path) or part not in ("*", path[number]):
            return False
    return len(pattern) == len(path)


def callers(route: APIRoute) -> set[str]:
    """Return the app-ids that a route's own dependency lets pass."""
    for dependency in route.dependencies:
        function = dependency.dependency
        if getattr(function, "__qualname__", "").startswith("caller."):
            names = function.__code__.co_freevars
            cells = dict(zip(names, function.__closure__ or (), strict=True))
            return {str(app_id) for app_id in cells["allowed"].cell_contents}
    raise AssertionError(f"{route.path} asks nobody who they are")


@pytest.mark.parametrize(("owner", "route"), ROUTES)
def test_a_route_can_be_reached_by_those_who_may_call_it(owner: AppId, route: APIRoute) -> None:
    refused = [caller for caller in callers(route) if not allows(owner, caller, route.path)]
    assert refused == [], f"add them to dapr/configuration/{owner}.yaml"


@pytest.mark.parametrize(("owner", "route"), ROUTES)
def test_a_sidecar_lets_nobody_pass_whom_the_route_would_refuse(owner: AppId, route: APIRoute) -> None:
    others = {app_id.value for app_id in AppId} - callers(route) - {owner.value}
    assert [caller for caller in sorted(others) if allows(owner, caller, route.path)] == []


@pytest.mark.parametrize("app_id", list(AppId))
def test_whatever_is_not_allowed_is_denied(app_id: AppId) -> None:
    control = policies(app_id)
    assert control["defaultAction"] == "deny"
    for policy in control.get("policies", []):
        assert (policy["defaultAction"], policy["trustDomain"]) == ("deny", "public")
        for operation in policy["operations"]:
            if operation["name"] == READY:
                assert (policy["appId"], operation["httpVerb"]) == (AppId.GATEWAY, ["GET"])
            else:
                assert operation["name"].startswith("/internal/")
                assert set(operation["httpVerb"]) == _verbs(app_id, operation["name"])


def _verbs(owner: AppId, name: str) -> set[str]:
    """Return the verbs of the routes that a rule names; a rule for many is for commands alone."""
    if "*" in name:
        return {"POST"}
    named = [route for of, route in (one.values for one in ROUTES) if (of, route.path) == (owner, name)]
    return {verb for route in named for verb in route.methods}


@pytest.mark.parametrize("app_id", AGENT_APP_IDS)
def test_nobody_calls_an_agent_but_the_gateway_that_asks_whether_it_is_well(app_id: AppId) -> None:
    [only] = policies(app_id)["policies"]
    assert only["appId"] == AppId.GATEWAY
    assert [operation["name"] for operation in only["operations"]] == [READY]


def test_the_gateway_can_ask_everybody_it_needs() -> None:
    for app_id in NEEDED:
        assert allows(app_id, AppId.GATEWAY, READY)


def allowed_interfaces(app_id: str) -> set[str]:
    text = (ROOT / "dapr" / "configuration" / f"{app_id}.yaml").read_text()
    return {rule["name"] for rule in yaml.safe_load(text)["spec"]["api"]["allowed"]}


def test_s47_only_the_orchestrator_may_use_workflows_and_jobs() -> None:
    for app_id in AppId:
        powers = allowed_interfaces(app_id) & {"workflows", "jobs", "actors", "shutdown", "bindings", "lock"}
        assert powers == ({"workflows", "jobs"} if app_id is AppId.ORCHESTRATOR else set()), app_id
