"""The list of agents, and errors of the page, through the public interface."""

import httpx
import pytest

from gateway.domain.permissions import Role
from gateway.testing.gateway import APP_TOKEN, AsMember, FakeGateway
from gateway.usecases.client_errors import PAGE_ERRORS, harmless

SIDECAR = {"dapr-api-token": APP_TOKEN}


async def _says(client: httpx.AsyncClient, gateway: FakeGateway, **changes: object) -> str:
    status = {
        "name": "research",
        "instance": "0",
        "role": "Research analyst",
        "goal": "Find",
        "tools": ["memory.search"],
        "state": "busy",
        "running": 2,
        "at": gateway.clock.now().isoformat(),
        **changes,
    }
    event = {"id": "e", "type": "agent.status.v1", "source": "agent-research", "data": status}
    answer = await client.post("/subscriptions/agent-status", json=event, headers=SIDECAR)
    outcome: str = answer.json()["status"]
    return outcome


async def _agent(client: httpx.AsyncClient, name: str = "research") -> tuple[str, int, int]:
    found = (await client.get(f"/v1/agents/{name}")).json()
    return found["state"], found["running"], found["instances"]


@pytest.mark.parametrize("path", ["/v1/agents", "/v1/agents/qa"])
async def test_asks_who_wants_to_know(stranger: httpx.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code == 401
    assert (await stranger.post("/v1/client-errors", json={"message": "x"})).status_code == 401
    assert (await stranger.post("/subscriptions/agent-status", json={})).status_code == 401


async def test_shows_what_agents_say_of_themselves(
    stranger: httpx.AsyncClient, as_member: AsMember, gateway: FakeGateway
) -> None:
    viewer = await as_member("v@example.org", Role.VIEWER)
    items = (await viewer.get("/v1/agents")).json()["items"]
    assert [(one["name"], one["state"]) for one in items] == [
        ("research", "unwell"),
        ("analysis", "unwell"),
        ("implementation", "unwell"),
        ("qa", "unwell"),
    ]
    assert await _says(stranger, gateway) == "SUCCESS"
    assert await _says(stranger, gateway, instance="1", state="idle", running=0) == "SUCCESS"
    assert await _agent(viewer) == ("busy", 2, 2)
    shown = (await viewer.get("/v1/agents/research")).json()
    assert (shown["role"], shown["tools"], shown["missing"]) == ("Research analyst", ["memory.search"], [])
    assert (await viewer.get("/v1/agents/nobody")).json()["type"] == "/problems/agent-not-found"


async def test_calls_an_agent_unwell_that_says_nothing_any_more(
    stranger: httpx.AsyncClient, owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    await _says(stranger, gateway)
    gateway.clock.advance(20)
    await _says(stranger, gateway, instance="1", state="unwell", running=0, missing=["the engine"])
    assert await _agent(owner) == ("busy", 2, 2)
    gateway.clock.advance(20)
    assert await _agent(owner) == ("unwell", 0, 1)
    gateway.clock.advance(20)
    assert await _agent(owner) == ("unwell", 0, 0)
    assert (await owner.get("/v1/agents/research")).json()["role"] == "Research analyst"


async def test_does_not_let_an_older_saying_win(
    stranger: httpx.AsyncClient, owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    old = gateway.clock.now().isoformat()
    gateway.clock.advance(5)
    await _says(stranger, gateway, state="idle", running=0)
    await _says(stranger, gateway, at=old)
    assert await _agent(owner) == ("idle", 0, 1)
    assert await _says(stranger, gateway, name="nobody") == "SUCCESS"
    assert await _says(stranger, gateway, state="odd") == "DROP"


async def test_writes_errors_of_the_page_down_without_secrets(
    owner: httpx.AsyncClient, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    report = {
        "message": "refused\u2028 flk_local_abcdefgh_0123456789",
        "stack": "at f (https://h.example/x.js?token=canary:1:2)\nAuthorization: Bearer canary",
        "page": "/runs/1?key=canary#canary",
        "kind": "render",
        "commands": ["palette", "step"],
        "count": 3,
    }
    counted = PAGE_ERRORS.labels("render")._value.get()
    answer = await owner.post("/v1/client-errors", json=report)
    written = capsys.readouterr().out + caplog.text
    assert answer.status_code == 202
    assert answer.json()["id"] in written
    assert "refused" in written
    assert "palette" in written
    assert PAGE_ERRORS.labels("render")._value.get() == counted + 3
    assert not [secret for secret in ("canary", "flk_", "\u2028") if secret in written]


async def test_takes_only_so_many_reports_and_none_that_is_too_large(owner: httpx.AsyncClient) -> None:
    sent = [await owner.post("/v1/client-errors", json={"message": "x"}) for _ in range(4)]
    assert [answer.status_code for answer in sent] == [202, 202, 202, 429]
    assert sent[-1].headers["retry-after"] == "60"
    for wrong in ({"message": "x" * 3_000}, {"message": "x", "commands": ["Show what Ada wrote"]}):
        assert (await owner.post("/v1/client-errors", json=wrong)).status_code == 422


@pytest.mark.parametrize("text", ["a@" * 8_000, "eyJ" * 5_000, "token=" * 2_500, "." * 16_000, "A" * 16_000])
def test_reads_hostile_reports_quickly(text: str) -> None:
    assert len(harmless(text)) <= len(text) + 10
