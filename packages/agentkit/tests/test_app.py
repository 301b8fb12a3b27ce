"""The public face of an agent process."""

from pathlib import Path

import httpx

from flowloom_agentkit.app import agent_app
from flowloom_agentkit.definition import AgentDefinition
from flowloom_agentkit.memory_tools import search_memory
from flowloom_agentkit.settings import AgentSettings

QA = AgentDefinition(name="qa", role="Reviewer", goal="Check", tools=["memory.search"])


def client_of(home: Path) -> httpx.AsyncClient:
    settings = AgentSettings(
        home=home,
        redis_url="redis://127.0.0.1:1/0",
        dapr_api_token="d-8f3b1c6e0a2d7f94",
        app_api_token="a-8f3b1c6e0a2d7f94",
        model_base_url="http://127.0.0.1:1/v1",
        model_name="tiny",
    )
    app = agent_app(QA, [search_memory], settings)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://agent")


async def test_says_who_it_is(tmp_path: Path) -> None:
    async with client_of(tmp_path) as client:
        card = (await client.get("/v1/card")).json()
    assert card == {
        "name": "qa",
        "role": "Reviewer",
        "goal": "Check",
        "tools": ["memory.search"],
        "state": "idle",
        "running": 0,
    }


async def test_is_well_but_not_ready_before_its_engine_is_connected(tmp_path: Path) -> None:
    async with client_of(tmp_path) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
