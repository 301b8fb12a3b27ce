"""The edge and the interface agree: what needs a sign-in meets one, what strangers may ask gets through."""

import json
import re
from pathlib import Path

import pytest
import yaml

from flowloom_cli.secrets import ensure_keys
from scripts.render_kong import render
from tests.security.kong_model import Json, Router

ROOT = Path(__file__).resolve().parents[2]
OPENAPI: Json = json.loads((ROOT / "services" / "gateway" / "openapi.json").read_text())
OPERATIONS = [
    pytest.param(method.upper(), path, operation, id=operation["operationId"])
    for path, methods in OPENAPI["paths"].items()
    for method, operation in methods.items()
]


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> Router:
    keys = tmp_path_factory.mktemp("keys")
    ensure_keys(keys)
    environment = {
        "FLOWLOOM_EDGE_GATEWAYS": "gateway:8000",
        "FLOWLOOM_EDGE_ORIGINS": "https://flowloom.example",
        "FLOWLOOM_EDGE_SECRET": "s" * 40,
        "FLOWLOOM_EDGE_KEYS_DIR": str(keys),
        "FLOWLOOM_EDGE_MACHINES": "",
    }
    return Router(yaml.safe_load(render((ROOT / "kong" / "kong.yml").read_text(), environment)))


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_each_operation_is_reached_and_signed_in_where_it_must_be(
    router: Router, method: str, path: str, operation: Json
) -> None:
    target = re.sub(r"{[^}]+}", "0190a1b2-0000-7000-8000-000000000001", path)
    found, plugins = router.find(method, target), router.plugins(method, target)
    assert found is not None
    assert found.service is not None, "closed at the edge"
    assert found.route["name"] != "page", "the route of the pages meets no sign-in"
    if operation.get("security"):
        assert {"jwt", "key-auth"} <= set(plugins)
    else:
        assert not {"jwt", "key-auth"} & set(plugins)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_streams_are_not_held_back_and_everything_else_is_limited(
    router: Router, method: str, path: str, operation: Json
) -> None:
    target = re.sub(r"{[^}]+}", "1", path)
    found, plugins = router.find(method, target), router.plugins(method, target)
    assert found is not None
    assert plugins["rate-limiting"]["policy"] == "local"
    assert plugins["request-size-limiting"]["allowed_payload_size"] <= 20
    content = operation["responses"].get("200", {}).get("content", {})
    if "text/event-stream" in content:
        assert found.route.get("response_buffering") is False


def test_what_is_called_inside_is_closed_at_the_edge(router: Router) -> None:
    for path in (
        "/internal/runs/start",
        "/dapr/subscribe",
        "/job/x",
        "/subscriptions/run-events",
        "/metrics",
    ):
        assert "request-termination" in router.plugins("POST", path)
