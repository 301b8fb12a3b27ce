"""S17, S18 and S23: what another workspace has is out of reach by sockets, inside bodies and in exports."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import httpx
import pytest
import socketio

from flowloom_contracts.runs import RunStatus
from gateway.domain.permissions import Role
from gateway.permission_table import described_app, inventory
from gateway.testing.triggered import hook_path, published

from .gateways import listening
from .people import People, belongings, people

CANARY: Final = "canary-6b1f0c"


@dataclass
class TwoOwners:
    """Ada with everything there is, and Bob, who knows all of Ada's ids."""

    people: People
    ada: httpx.AsyncClient
    bob: httpx.AsyncClient
    theirs: dict[str, str]


@pytest.fixture
async def two() -> AsyncIterator[TwoOwners]:
    async with people() as opened:
        ada, bob = await opened.member(Role.OWNER), await opened.member(Role.OWNER)
        yield TwoOwners(opened, ada, bob, await belongings(opened.gateway, ada))


def _token(client: httpx.AsyncClient) -> str:
    return client.headers["authorization"].removeprefix("Bearer ")


class Listener:
    """A page of Bob's: what it was told, whatever it was."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.socket = socketio.AsyncClient(reconnection=False)
        for name in ("event", "problem"):
            self.socket.on(name, self.told.append)


@asynccontextmanager
async def _page(url: str, client: httpx.AsyncClient) -> AsyncIterator[Listener]:
    page = Listener()
    await page.socket.connect(url, auth={"token": _token(client)}, transports=["websocket"])
    yield page
    await page.socket.disconnect()


def _wishes(theirs: dict[str, str]) -> list[dict[str, object]]:
    streams = [f"run:{theirs['run_id']}", f"user:{theirs['user_id']}", f"chat:{theirs['run_id']}"]
    streams += [f"run:{theirs['run_id'].upper()}", f"run: {theirs['run_id']}", f"run:{theirs['run_id']}/../x"]
    ways: list[dict[str, object]] = [{}, {"after": "0"}, {"after": "1:1"}, {"mode": "head"}, {"mode": "full"}]
    return [{"stream": stream, **way} for stream in streams for way in ways]


async def test_s17_nobody_joins_or_replays_what_another_workspace_runs(two: TwoOwners) -> None:
    gateway, run_id = two.people.gateway, two.theirs["run_id"]
    await gateway.runs.happen(run_id, "run.started.v1", RunStatus.RUNNING)
    async with listening(gateway) as server, _page(server.url, two.bob) as page:
        for wish in _wishes(two.theirs):
            answer = await page.socket.call("subscribe", wish, timeout=5)
            assert answer["ok"] is False, wish
            assert answer["problem"]["status"] in (404, 422), wish
            assert "events" not in answer and "snapshot" not in answer
        await gateway.runs.say(run_id, CANARY)
        await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.SUCCEEDED)
        assert await page.socket.call("renew", {"token": _token(two.bob)}, timeout=5) == {"ok": True}
        assert page.told == []
        assert gateway.app.state.sockets.open_streams == 0


async def test_s17_plain_sockets_hear_nothing_of_it_either(two: TwoOwners) -> None:
    gateway = two.people.gateway
    await gateway.runs.happen(two.theirs["run_id"], "run.started.v1", RunStatus.RUNNING)
    async with (
        listening(gateway) as server,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.url}/v1/ws", protocols=["flowloom.v1"]) as socket,
    ):
        await socket.send_json({"auth": {"token": _token(two.bob)}})
        assert (await socket.receive_json(timeout=5))["event"] == "ready"
        for number, wish in enumerate(_wishes(two.theirs)):
            await socket.send_json({"id": str(number), "call": "subscribe", **wish})
            answer = await socket.receive_json(timeout=5)
            assert (answer["id"], answer["ok"]) == (str(number), False), wish
            assert answer["problem"]["status"] in (404, 422)
        await gateway.runs.say(two.theirs["run_id"], CANARY)
        await socket.send_json({"id": "last", "call": "renew", "auth": {"token": _token(two.bob)}})
        assert await socket.receive_json(timeout=5) == {"id": "last", "ok": True}


@pytest.mark.parametrize("call", ["cancel", "approve", "decide", "kill", "pause", "start", "fork"])
async def test_s17_sockets_carry_no_commands(two: TwoOwners, call: str) -> None:
    gateway, theirs = two.people.gateway, two.theirs
    before = [(await two.ada.get(path)).text for path in _moved(theirs)]
    message = {"run_id": theirs["run_id"], "approval_id": theirs["approval_id"], "decision": "approve"}
    async with listening(gateway) as server, _page(server.url, two.ada) as page:
        with pytest.raises(socketio.exceptions.TimeoutError):
            await page.socket.call(call, message, timeout=0.3)
    assert [(await two.ada.get(path)).text for path in _moved(theirs)] == before


def _moved(theirs: dict[str, str]) -> list[str]:
    return [f"/v1/runs/{theirs['run_id']}", f"/v1/approvals/{theirs['approval_id']}"]


async def test_s18_ids_inside_bodies_and_queries_reach_nothing(two: TwoOwners) -> None:
    theirs = two.theirs
    bodies: list[tuple[str, dict[str, object]]] = [
        (f"/v1/workflows/{theirs['workflow_id']}/runs", {"inputs": {}}),
        (f"/v1/workflows/{theirs['workflow_id']}/restore", {"version": 1}),
        (f"/v1/runs/{theirs['run_id']}/fork", {"from_step": "greet"}),
        (f"/v1/workspaces/{theirs['workspace_id']}/api-keys", {"name": "k", "scopes": ["runs:read"]}),
        (f"/v1/workspaces/{theirs['workspace_id']}/switch", {}),
    ]
    for path, body in bodies:
        answer = await two.bob.post(path, json=body)
        assert answer.status_code in (403, 404), (path, answer.text[:300])
    for name in ("workflow_id", "run_id", "user_id", "endpoint_id", "cursor", "resource_id"):
        for path in ("/v1/runs", "/v1/approvals", "/v1/schedules", "/v1/webhooks", "/v1/audit", "/v1/usage"):
            value = theirs.get(name, theirs["run_id"])
            answer = await two.bob.get(path, params={name: value})
            assert answer.status_code in (200, 422), (path, name)
            if answer.status_code == 200:
                assert [
                    one for one in theirs.values() if len(one) > 30 and one in _without(answer, value)
                ] == []


def _without(answer: httpx.Response, value: str) -> str:
    """Return an answer without what the caller sent and got back."""
    return answer.text.replace(value, "")


NAMED: Final = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {{name: borrowed}}
secrets: [token]
steps:
  use: {{{step}}}
"""


@pytest.mark.parametrize(
    "step",
    [
        "workflow: orders",
        'http: {url: "https://example.org", headers: {authorization: "${secrets.token}"}}',
        'llm: large, prompt: "Say"',
    ],
)
async def test_s18_names_in_documents_mean_what_ones_own_workspace_has(two: TwoOwners, step: str) -> None:
    made = await two.bob.post("/v1/import", json={"source": NAMED.format(step=step)})
    assert made.status_code == 201, made.text
    answer = await two.bob.post(f"/v1/workflows/{made.json()['workflow']['id']}/publish", json={})
    if answer.status_code == 201:
        versions = await two.bob.get(f"/v1/workflows/{made.json()['workflow']['id']}/versions/1")
        assert two.theirs["workflow_id"] not in versions.text
    else:
        assert answer.status_code == 422, answer.text


async def test_s18_what_one_workspace_sent_before_answers_nobody_else(two: TwoOwners) -> None:
    """One idempotency key in two workspaces, and a cursor of another's list."""
    own = await published(two.bob)
    headers = {"idempotency-key": "the-same-key"}
    runs = [
        await client.post(f"/v1/workflows/{workflow}/runs", json={"inputs": {}}, headers=headers)
        for client, workflow in ((two.ada, two.theirs["workflow_id"]), (two.bob, own))
    ]
    assert [answer.status_code for answer in runs] == [202, 202]
    assert runs[0].json()["id"] != runs[1].json()["id"]
    first = (await two.ada.get("/v1/runs", params={"limit": 1})).json()
    if first["next_cursor"]:
        page = await two.bob.get("/v1/runs", params={"cursor": first["next_cursor"]})
        assert two.theirs["run_id"] not in page.text


async def test_s23_an_export_has_names_of_secrets_and_no_credentials(two: TwoOwners) -> None:
    await two.ada.put("/v1/secrets/token", json={"value": CANARY})
    source = NAMED.format(
        step='http: {url: "https://example.org", headers: {authorization: "${secrets.token}"}}'
    )
    made = (await two.ada.post("/v1/workflows", json={"source": source})).json()
    export = await two.ada.get(f"/v1/workflows/{made['id']}/export")
    assert export.json()["secrets"] == ["token"]
    assert CANARY not in export.text
    for path in ("/v1/usage/export", "/v1/audit/export?format=jsonl", "/v1/audit/export?format=csv"):
        ours, others = await two.ada.get(path), await two.bob.get(path)
        assert CANARY not in ours.text
        assert two.theirs["workspace_id"] not in others.text
        assert (await (await two.people.stranger()).get(path)).status_code == 401


async def test_s23_no_route_shares_anything_with_strangers() -> None:
    """There are no public links: what strangers can call is signing in, health, keys, docs and webhooks."""
    paths = {access.path for access in inventory(described_app()) if access.asks == "-"}
    assert not [path for path in paths if "share" in path or "public" in path or "preview" in path]


async def test_s23_a_public_trigger_can_be_taken_back_and_says_nothing(two: TwoOwners) -> None:
    stranger = await two.people.stranger()
    address = await hook_path(two.ada, "hook")
    hook_id = address.rpartition("/")[2]
    accepted = await stranger.post(address, json={"topic": CANARY})
    assert accepted.status_code == 202
    assert set(accepted.json()) <= {"delivery_id", "status", "run_id", "duplicate"}
    for verb in ("GET", "PUT", "DELETE", "PATCH"):
        assert (await stranger.request(verb, address)).status_code in (401, 404, 405)
    assert (await stranger.get(f"/v1/webhooks/{hook_id}/deliveries")).status_code == 401
    await two.ada.delete(f"/v1/workflows/{two.theirs['workflow_id']}")
    two.people.gateway.clock.advance(2)
    assert (await stranger.post(address, json={"topic": "t"})).status_code == 404


async def test_s23_a_signed_trigger_forgets_its_old_secret(two: TwoOwners) -> None:
    address = await hook_path(two.ada, "signed")
    hook_id = address.rpartition("/")[2]
    shown: list[dict[str, Any]] = []
    for _ in range(2):
        answer = await two.ada.post(f"/v1/webhooks/{hook_id}/secret")
        assert answer.status_code in (200, 201), answer.text
        shown.append(answer.json())
    secrets = [json.dumps(one, sort_keys=True) for one in shown]
    assert secrets[0] != secrets[1]
    listed = await two.ada.get("/v1/webhooks")
    for one in shown:
        assert str(one["secret"]) not in listed.text, "it is shown once"
