"""Webhooks: who may call, what is kept, what is started, what is given up."""

import asyncio
import json
from collections.abc import Mapping

import httpx
import pytest

from flowloom_servicekit.errors import StorageUnavailableError, UpstreamError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.waiting import wait_until
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.testing.runs import refused
from gateway.testing.triggered import BARE, changed, hook_path, published
from gateway.usecases.hook_requests import sign


async def _deliveries(client: httpx.AsyncClient, path: str, **query: str) -> list[dict[str, object]]:
    hook_id = path.removeprefix("/hooks/")
    answer = await client.get(f"/v1/webhooks/{hook_id}/deliveries", params=query)
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def test_starts_one_run_for_one_call(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    workflow_id = await published(owner)
    path = await hook_path(owner, "hook")
    answer = await stranger.post(f"{path}?page=2", json={"topic": "tea"})
    assert (answer.status_code, answer.json()["duplicate"]) == (202, False)
    await gateway.relay()
    await gateway.relay()
    (request,) = gateway.runs.started
    delivery_id = answer.json()["delivery_id"]
    assert (request.inputs, request.version) == ({"topic": "tea", "page": "2"}, 1)
    assert (request.idempotency_key, request.workflow.id) == (f"hook:{delivery_id}", workflow_id)
    assert isinstance(request.trigger, dict) and request.trigger["body"] == {"topic": "tea"}
    (delivery,) = await _deliveries(owner, path, status="started")
    assert (delivery["id"], delivery["attempts"], delivery["reason"]) == (delivery_id, 1, None)
    assert (await owner.get(f"/v1/runs/{delivery['run_id']}")).status_code == 200


BODIES = [
    (b'{"topic": "\\u00e4"}', "application/json; charset=utf-8", {"topic": "ä"}),
    (b"[1, 2.5, null]", "application/vnd.x+json", [1, 2.5, None]),
    (
        b"topic=tea&topic=milk&page=",
        "application/x-www-form-urlencoded",
        {"topic": ["tea", "milk"], "page": ""},
    ),
    ("grün".encode("latin-1"), "text/plain; charset=latin-1", "grün"),
    (b"plain", "", "plain"),
    (b"", "application/json", None),
]


@pytest.mark.parametrize(("body", "kind", "seen"), BODIES)
async def test_takes_json_forms_and_text(
    owner: httpx.AsyncClient, gateway: FakeGateway, *, body: bytes, kind: str, seen: object
) -> None:
    await published(owner)
    path = await hook_path(owner, "hook")
    headers = {"content-type": kind, "x-secret-thing": "kept", "cookie": "a=b", "authorization": "Bearer x"}
    assert (await owner.post(path, content=body, headers=headers)).status_code == 202
    (due,) = await gateway.deliveries.due(10, now=gateway.clock.now())
    data = json.loads(due.data)
    assert data["body"] == seen
    assert data["headers"]["x-secret-thing"] == "kept"
    assert {"cookie", "authorization"}.isdisjoint(data["headers"])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b'{"a": NaN}', "application/json", 422),
        (b'"\\ud800"', "application/json", 422),
        (b"[" * 5_000, "application/json", 422),
        (b"\xff", "text/plain", 422),
        (b"x", "text/plain; charset=odd", 422),
        (b"\xff=1", "application/x-www-form-urlencoded", 422),
        (b"x", "multipart/form-data; boundary=b", 415),
        (b"x" * 1_000_001, "text/plain", 413),
    ],
)
async def test_refuses_bodies_it_cannot_read(
    owner: httpx.AsyncClient, *, body: bytes, kind: str, status: int
) -> None:
    await published(owner)
    answer = await owner.post(await hook_path(owner, "hook"), content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("hook_id", ["01a205b2-e84e-74ab-9aa3-7b1bd90c2187", "nothing", "%00", "x" * 500])
async def test_answers_404_where_there_is_no_webhook(stranger: httpx.AsyncClient, hook_id: str) -> None:
    answer = await stranger.post(f"/hooks/{hook_id}", json={})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/webhook-not-found")


async def test_asks_for_an_api_key_that_may_start_runs(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, as_member: AsMember
) -> None:
    await published(owner)
    path = await hook_path(owner, "keyed")
    other = await as_member("bob@example.org", Role.OWNER)

    async def key(client: httpx.AsyncClient, *scopes: str) -> str:
        made = await client.post("/v1/api-keys", json={"name": "k", "scopes": scopes})
        return str(made.json()["key"])

    good = await key(owner, "runs:start")
    event = {"x-event-id": "1"}
    refusals: list[Mapping[str, str]] = [
        {},
        {"x-api-key": "flk_local_x"},
        {"x-api-key": await key(owner, "runs:read")},
        {"x-api-key": await key(other, "*")},
    ]
    for headers in refusals:
        assert (await stranger.post(path, json={}, headers={**event, **headers})).status_code == 401
    bearer = {**event, "authorization": f"Bearer {good}"}
    assert (await stranger.post(path, json={}, headers=bearer)).status_code == 202
    assert (await stranger.post(path, json={}, headers={**event, "x-api-key": good})).status_code == 202


async def test_takes_equal_deliveries_once(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    await published(owner)
    path = await hook_path(owner, "keyed")
    made = await owner.post("/v1/api-keys", json={"name": "k", "scopes": ["runs:start"]})

    async def call(event_id: str | None) -> httpx.Response:
        headers = {"x-api-key": made.json()["key"]} | ({"x-event-id": event_id} if event_id else {})
        return await owner.post(path, json={}, headers=headers)

    together = await asyncio.gather(*(call("a") for _ in range(5)))
    later = await call("a")
    other = await call("b")
    ids = {answer.json()["delivery_id"] for answer in (*together, later)}
    assert len(ids) == 1 and other.json()["delivery_id"] not in ids
    assert sum(answer.json()["duplicate"] for answer in together) == 4
    assert later.json()["duplicate"] and not other.json()["duplicate"]
    untold = await call(None)
    assert (untold.status_code, untold.json()["errors"][0]["path"]) == (422, "dedupe")
    await gateway.relay()
    assert len(gateway.runs.started) == 2


async def test_takes_signed_calls_within_five_minutes(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    await published(owner)
    path = await hook_path(owner, "signed")
    hook_id = path.removeprefix("/hooks/")
    body = b'{"total": 1}'
    now = str(int(gateway.clock.now().timestamp()))

    async def call(secret: str, *, timestamp: str = now, content: bytes = body) -> httpx.Response:
        headers = {
            "content-type": "application/json",
            "x-flowloom-timestamp": timestamp,
            "x-flowloom-signature": f"sha256={sign(secret, timestamp, body)}",
        }
        return await stranger.post(path, content=content, headers=headers)

    assert (await call("guess")).status_code == 401
    made = await owner.post(f"/v1/webhooks/{hook_id}/secret")
    secret = made.json()["secret"]
    assert (made.status_code, secret.startswith("whsec_")) == (201, True)
    first, again = await call(secret), await call(secret)
    assert (first.status_code, again.json()["duplicate"]) == (202, True)
    refusals = [
        await call("guess"),
        await call(secret, content=body + b" "),
        await call(secret, timestamp=str(int(now) - 301)),
        await call(secret, timestamp=str(int(now) + 301)),
        await call(secret, timestamp="soon"),
        await stranger.post(path, content=body),
    ]
    assert [answer.status_code for answer in refusals] == [401] * 6
    assert secret not in (await owner.get("/v1/webhooks")).text
    newer = (await owner.post(f"/v1/webhooks/{hook_id}/secret")).json()["secret"]
    assert (await call(secret, timestamp=str(int(now) + 1))).status_code == 401
    assert (await call(newer, timestamp=str(int(now) + 1))).status_code == 202


async def test_keeps_its_address_and_is_off_while_no_version_has_it(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    workflow_id = await published(owner)
    path = await hook_path(owner, "hook")
    assert (await stranger.post(path, json={"topic": "kept"})).status_code == 202
    source = (await owner.get(f"/v1/workflows/{workflow_id}")).json()["source"]
    await changed(owner, workflow_id, BARE)
    await owner.post(f"/v1/workflows/{workflow_id}/publish")
    assert (await stranger.post(path, json={"topic": "t"})).status_code == 404
    assert not any(item["active"] for item in (await owner.get("/v1/webhooks")).json()["items"])
    await gateway.relay()
    assert [request.inputs["topic"] for request in gateway.runs.started] == ["kept"]
    await changed(owner, workflow_id, source)
    await owner.post(f"/v1/workflows/{workflow_id}/publish")
    assert await hook_path(owner, "hook") == path
    assert (await stranger.post(path, json={"topic": "t"})).status_code == 202


async def test_accepts_nothing_that_cannot_be_kept(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    await published(owner)
    path = await hook_path(owner, "hook")
    gateway.deliveries.failure = StorageUnavailableError("the database is away")
    answers = await asyncio.gather(*(owner.post(path, json={}) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [503] * 3
    assert {answer.headers["retry-after"] for answer in answers} == {"1"}
    gateway.deliveries.failure = None
    assert (await owner.post(path, json={})).status_code == 202


async def test_commits_many_calls_together(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    await published(owner)
    path = await hook_path(owner, "hook")
    answers = await asyncio.gather(*(owner.post(path, json={"topic": str(n)}) for n in range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["delivery_id"] for answer in answers}) == 50
    assert gateway.deliveries.commits < 50


async def test_tries_again_when_the_orchestrator_is_away(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    await published(owner)
    path = await hook_path(owner, "hook")
    await owner.post(path, json={"topic": "t"})
    gateway.runs.refusals += [UpstreamError("away"), UpstreamError("away"), refused("too-many-runs", 429)]
    for pause in (1, 2, 4):
        await gateway.relay()
        (delivery,) = await _deliveries(owner, path)
        assert delivery["status"] == "pending" and delivery["reason"]
        gateway.clock.advance(pause - 0.5)
        await gateway.relay()
        gateway.clock.advance(0.5)
    await gateway.relay()
    (delivery,) = await _deliveries(owner, path)
    assert (delivery["status"], delivery["attempts"], delivery["reason"]) == ("started", 4, None)


async def test_finds_the_run_again_when_the_mapping_has_changed_meanwhile(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    workflow_id = await published(owner)
    path = await hook_path(owner, "hook")
    await owner.post(path, json={"topic": "t"})
    (due,) = await gateway.deliveries.due(1, now=gateway.clock.now())
    await gateway.relay()
    source = (await owner.get(f"/v1/workflows/{workflow_id}")).json()["source"]
    await changed(owner, workflow_id, source.replace("'1'", "'first'"))
    await owner.post(f"/v1/workflows/{workflow_id}/publish")
    await gateway.deliveries.repeat(due.id)
    await gateway.relay()
    (delivery,) = await _deliveries(owner, path)
    assert (delivery["status"], len(gateway.runs.started)) == ("started", 1)


async def test_gives_way_while_calls_come_in_fast(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    await published(owner)
    path = await hook_path(owner, "hook")
    await asyncio.gather(*(owner.post(path, json={"topic": str(n)}) for n in range(20)))
    gateway.arriving = 500.0
    sleepers = gateway.clock.sleepers
    relaying = asyncio.create_task(gateway.relay())
    await wait_until(lambda: gateway.clock.sleepers > sleepers)
    assert 0 < len(gateway.runs.started) < 20
    gateway.clock.advance(10)
    await relaying
    gateway.arriving = 0.0
    await gateway.relay()
    assert len(gateway.runs.started) == 20


async def test_gives_up_with_the_reason_and_replays(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    await published(owner)
    path = await hook_path(owner, "hook")
    await owner.post(path, json={"other": "t"})
    await gateway.relay()
    (dead,) = await _deliveries(owner, path, status="dead")
    assert "topic" in str(dead["reason"])
    await owner.post(path, json={"topic": "t"})
    gateway.runs.refusals.append(refused("invalid-inputs", 422, "inputs.topic is too short"))
    await gateway.relay()
    refused_one = (await _deliveries(owner, path, status="dead"))[0]
    assert "inputs.topic is too short" in str(refused_one["reason"])
    hook_id = path.removeprefix("/hooks/")
    replay = await owner.post(f"/v1/webhooks/{hook_id}/deliveries/{refused_one['id']}/replay")
    await gateway.relay()
    (started,) = await _deliveries(owner, path, status="started")
    assert (replay.status_code, started["id"]) == (202, replay.json()["delivery_id"])
    assert len(await _deliveries(owner, path, status="dead")) == 2


async def test_gives_up_when_the_workflow_was_deleted(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    workflow_id = await published(owner)
    path = await hook_path(owner, "hook")
    await stranger.post(path, json={"topic": "t"})
    await owner.delete(f"/v1/workflows/{workflow_id}")
    gateway.clock.advance(2)
    await gateway.relay()
    (dead,) = await _deliveries(owner, path)
    assert (dead["status"], dead["reason"]) == ("dead", "The workflow was deleted.")
    assert (await stranger.post(path, json={"topic": "t"})).status_code == 404


async def test_does_not_show_webhooks_to_other_workspaces_or_everybody(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    await published(owner)
    hook_id = (await hook_path(owner, "hook")).removeprefix("/hooks/")
    other = await as_member("bob@example.org", Role.OWNER)
    viewer = await as_member("viewer@example.org", Role.VIEWER)
    assert (await other.get("/v1/webhooks")).json()["items"] == []
    for named in (hook_id, new_id(), "%00"):
        base = f"/v1/webhooks/{named}"
        assert (await other.get(f"{base}/deliveries")).json()["type"] == "/problems/webhook-not-found"
        assert (await other.post(f"{base}/secret")).status_code == 404
        assert (await other.post(f"{base}/deliveries/{new_id()}/replay")).status_code == 404
        assert (await viewer.post(f"{base}/secret")).status_code == 403
        assert (await viewer.post(f"{base}/deliveries/{new_id()}/replay")).status_code == 403
    answer = await owner.post(f"/v1/webhooks/{hook_id}/deliveries/{new_id()}/replay")
    assert answer.json()["type"] == "/problems/delivery-not-found"
    assert (await owner.get(f"/v1/webhooks/{hook_id}/deliveries?status=odd")).status_code == 422


async def test_lists_webhooks_page_by_page(owner: httpx.AsyncClient) -> None:
    await published(owner)
    first = (await owner.get("/v1/webhooks", params={"limit": 2})).json()
    rest = (await owner.get("/v1/webhooks", params={"cursor": first["next_cursor"]})).json()
    items = first["items"] + rest["items"]
    assert sorted(item["auth"] for item in items) == ["api_key", "none", "signature"]
    assert (rest["next_cursor"], {item["version"] for item in items}) == (None, {1})
