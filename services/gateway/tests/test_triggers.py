"""Events, schedules and what the orchestrator asks: through the public and the internal interface."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from joserfc.jwk import ECKey

from flowloom_contracts.automation import UserEvent
from flowloom_contracts.topics import AppId
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.callers import SignedCalls
from gateway.domain.permissions import Role
from gateway.testing.gateway import APP_TOKEN, PUBLIC_URL, SETUP_TOKEN, AsMember, FakeGateway, fake_settings
from gateway.testing.runs import refused
from gateway.testing.triggered import BARE, SOURCE, changed, published, saved

PAID = {"name": "order.paid", "data": {"total": 20, "order": "A1"}}


async def _workspace(client: httpx.AsyncClient) -> str:
    workspace_id: str = (await client.get("/v1/me")).json()["workspace"]["id"]
    return workspace_id


def _cloud_event(event: UserEvent) -> dict[str, object]:
    data = event.model_dump(mode="json", exclude_none=True)
    return {"id": event.event_id, "type": event.name, "source": "gateway", "data": data}


async def _hear(client: httpx.AsyncClient, event: UserEvent) -> str:
    headers = {"dapr-api-token": APP_TOKEN}
    answer = await client.post("/subscriptions/user-events", json=_cloud_event(event), headers=headers)
    status: str = answer.json()["status"]
    return status


async def test_publishes_an_event_once_for_a_key(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    key = {"idempotency-key": "k"}
    answers = [await owner.post("/v1/events", json=PAID, headers=key) for _ in range(2)]
    other = await owner.post("/v1/events", json={"name": "order.paid"}, headers=key)
    await gateway.relay()
    await gateway.relay()
    (published_one,) = gateway.bus.published
    assert [answer.status_code for answer in answers] == [202, 202]
    assert {answer.json()["event_id"] for answer in answers} == {published_one.event_id}
    assert (other.status_code, other.json()["type"]) == (409, "/problems/event-conflict")
    assert (published_one.topic, published_one.type) == ("user-events", "order.paid")
    assert isinstance(published_one.event, UserEvent)
    assert published_one.event.workspace_id == await _workspace(owner)


@pytest.mark.parametrize("body", [{}, {"name": "Order"}, {"name": "a" * 129}, {"name": "a", "extra": 1}])
async def test_refuses_events_of_another_form(owner: httpx.AsyncClient, body: dict[str, object]) -> None:
    assert (await owner.post("/v1/events", json=body)).status_code == 422


async def test_starts_what_an_event_fits_once(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    await published(owner)
    workspace_id = await _workspace(owner)
    now = gateway.clock.now()
    event = UserEvent(
        workspace_id=workspace_id, event_id=new_id(), at=now, name="order.paid", data=PAID["data"]
    )
    small = event.model_copy(update={"event_id": new_id(), "data": {"total": 1}})
    odd = event.model_copy(update={"event_id": new_id(), "data": None})
    foreign = event.model_copy(update={"event_id": new_id(), "workspace_id": new_id()})
    unnamed = event.model_copy(update={"event_id": new_id(), "name": "order.lost"})
    heard = [await _hear(owner, one) for one in (event, event, small, odd, foreign, unnamed)]
    await gateway.relay()
    (request,) = gateway.runs.started
    trigger_id = next(one.id for one in gateway.triggers.kept.values() if one.trigger == "paid")
    assert heard == ["SUCCESS"] * 6
    assert request.inputs == {"order": "A1"}
    assert request.idempotency_key == f"event:{trigger_id}:{event.event_id}"


async def test_hears_events_only_from_the_sidecar(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.post("/subscriptions/user-events", json={})).status_code == 401
    listed = await stranger.get("/dapr/subscribe", headers={"dapr-api-token": APP_TOKEN})
    assert [row["topic"] for row in listed.json()] == [
        "run-events",
        "notices",
        "agent-status",
        "user-events",
        "audit-events",
    ]


async def test_tells_schedules_also_when_the_orchestrator_was_away(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    gateway.schedules.failure = UpstreamError("away")
    workflow_id = await published(owner)
    await gateway.relay()
    gateway.schedules.failure = None
    await changed(owner, workflow_id, SOURCE.replace("0 7", "0 8"))
    await owner.post(f"/v1/workflows/{workflow_id}/publish")
    await gateway.relay()
    gateway.clock.advance(60)
    await gateway.relay()
    (told,) = gateway.schedules.synced
    assert [(spec.trigger, spec.cron, spec.zone) for spec in told.schedules] == [
        ("weekly", "0 8 * * MON", "Europe/Berlin")
    ]
    assert (told.version, told.actor.workspace_id) == (2, await _workspace(owner))


async def test_switches_schedules_off_with_a_version_or_the_workflow(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    never = await published(owner, BARE.replace("orders", "other"))
    workflow_id = await published(owner)
    await gateway.relay()
    await changed(owner, workflow_id, BARE)
    await owner.post(f"/v1/workflows/{workflow_id}/publish")
    await gateway.relay()
    await owner.delete(f"/v1/workflows/{workflow_id}")
    await owner.delete(f"/v1/workflows/{never}")
    await gateway.relay()
    told = [(one.version, len(one.schedules)) for one in gateway.schedules.synced]
    assert told == [(1, 1), (2, 0), (2, 0), (1, 0)]


async def test_lists_pauses_and_resumes_schedules(
    owner: httpx.AsyncClient, as_member: AsMember, gateway: FakeGateway
) -> None:
    workflow_id = await published(owner)
    await gateway.relay()
    (item,) = (await owner.get("/v1/schedules", params={"workflow_id": workflow_id})).json()["items"]
    paused = await owner.post(f"/v1/schedules/{item['id']}/pause")
    resumed = await owner.post(f"/v1/schedules/{item['id']}/resume")
    assert (paused.json()["paused"], resumed.json()["paused"]) == (True, False)
    other = await as_member("bob@example.org", Role.OWNER)
    viewer = await as_member("viewer@example.org", Role.VIEWER)
    for named in (item["id"], new_id(), "%00"):
        answer = await other.post(f"/v1/schedules/{named}/pause")
        assert answer.json()["type"] == "/problems/schedule-not-found"
        assert (await viewer.post(f"/v1/schedules/{named}/resume")).status_code == 403
    assert (await viewer.get("/v1/schedules")).json()["items"] == []
    assert (await viewer.post("/v1/events", json=PAID)).status_code == 403


@pytest.fixture
async def inside(tmp_path: Path) -> AsyncIterator[tuple[FakeGateway, httpx.AsyncClient]]:
    """A gateway that knows the services' keys, and the orchestrator as its caller."""
    for name in (AppId.GATEWAY, AppId.ORCHESTRATOR, AppId.MEMORY):
        key = ECKey.generate_key("P-256")
        (tmp_path / f"{name}.key.pem").write_bytes(key.as_pem(private=True))
        (tmp_path / f"{name}.pub.pem").write_bytes(key.as_pem(private=False))
    gateway = FakeGateway(settings=fake_settings(keys_dir=tmp_path))
    async with (
        gateway.app.router.lifespan_context(gateway.app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=gateway.app),
            base_url=PUBLIC_URL,
            headers={"dapr-api-token": APP_TOKEN},
            auth=SignedCalls(ServiceIdentity(AppId.ORCHESTRATOR, tmp_path), AppId.GATEWAY),
        ) as client,
    ):
        yield gateway, client


Inside = tuple[FakeGateway, httpx.AsyncClient]
INTERNAL = ["workflows/resolve", "secrets/open", "rules/list", "triggers/fire"]


@asynccontextmanager
async def _owned(inside: Inside) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    transport = httpx.ASGITransport(app=inside[0].app)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        body = {"setup_token": SETUP_TOKEN, "email": "a@b.c", "workspace": "A"}
        answer = await client.post("/v1/auth/setup", json={**body, "password": "a long enough one"})
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client, await _workspace(client)


@pytest.mark.parametrize("method", INTERNAL)
async def test_answers_only_the_orchestrator(inside: Inside, tmp_path: Path, method: str) -> None:
    _, client = inside
    foreign = SignedCalls(ServiceIdentity(AppId.MEMORY, tmp_path), AppId.GATEWAY)
    refusals = [
        await client.post(f"/internal/{method}", json={}, auth=foreign),
        await client.post(f"/internal/{method}", json={}, headers={"authorization": ""}),
        await client.post(f"/internal/{method}", json={}, headers={"dapr-api-token": "guess"}),
        await client.post(f"/internal/{method}", json={}),
    ]
    assert [answer.status_code for answer in refusals] == [403, 401, 401, 422]


async def test_resolves_a_workflow_by_name_and_version(inside: Inside) -> None:
    _, client = inside
    async with _owned(inside) as (owner, workspace_id):
        workflow_id = await published(owner)
        await changed(owner, workflow_id, BARE)
        await saved(owner, BARE.replace("orders", "other"))

    async def resolve(**question: object) -> httpx.Response:
        body = {"actor": {"workspace_id": workspace_id}, **question}
        return await client.post("/internal/workflows/resolve", json=body)

    found = (await resolve(name="orders")).json()
    ref = {"id": workflow_id, "name": "orders"}
    assert found == {"workflow": ref, "version": 1, "source": SOURCE, "agents": {}}
    assert (await resolve(name="orders", version=1)).json() == found
    assert (await resolve(name="other")).json()["version"] == "draft"
    assert (await resolve(name="orders", version=2)).json()["type"] == "/problems/version-not-found"
    for question in ({"name": "nothing"}, {"name": "orders", "actor": {"workspace_id": new_id()}}):
        assert (await resolve(**question)).json()["type"] == "/problems/workflow-not-found"


async def test_fires_a_schedule_once_for_a_key(inside: Inside) -> None:
    gateway, client = inside
    async with _owned(inside) as (owner, workspace_id):
        workflow_id = await published(owner)

    async def fire(**changes: object) -> httpx.Response:
        body = {
            "workspace_id": workspace_id,
            "workflow_id": workflow_id,
            "version": 1,
            "trigger": "weekly",
            "key": "sched:1:2026-01-05T06:00:00Z",
            "data": {"due_at": "2026-01-05T06:00:00Z"},
        }
        return await client.post("/internal/triggers/fire", json=body | changes)

    both = await asyncio.gather(fire(), fire())
    assert {answer.json()["run_id"] for answer in both} == {(await fire()).json()["run_id"]}
    (request,) = gateway.runs.started
    assert (request.inputs, request.version) == ({"due": "2026-01-05T06:00:00Z"}, 1)
    changes: list[dict[str, object]] = [
        {"trigger": "daily"},
        {"version": 9},
        {"workflow_id": new_id()},
        {"data": {}, "key": "k2"},
    ]
    for change in changes:
        answer = (await fire(**change)).json()
        assert answer["run_id"] is None and answer["refused"], change
    gateway.runs.refusals.append(refused("invalid-inputs", 422, "too short"))
    assert "too short" in (await fire(key="k3")).json()["refused"]
    gateway.runs.refusals.append(UpstreamError("away"))
    assert (await fire(key="k4")).status_code == 503


async def test_gives_rules_and_secrets_to_the_orchestrator(inside: Inside) -> None:
    _, client = inside
    rule = {"name": "r", "when": "cost.usd > 1", "effect": "deny"}
    async with _owned(inside) as (owner, workspace_id):
        await owner.put("/v1/rules", json={"items": [rule]}, headers={"if-match": "*"})
        await owner.put("/v1/secrets/crm", json={"value": "v"})
    rules = await client.post("/internal/rules/list", json={"actor": {"workspace_id": workspace_id}})
    body = {"workspace_id": workspace_id, "run_id": new_id(), "step": "s", "names": ["crm", "none"]}
    opened = await client.post("/internal/secrets/open", json=body)
    assert [item["name"] for item in rules.json()["items"]] == ["r"]
    assert opened.json() == {"values": {"crm": "v"}}
    assert json.loads(opened.content) == opened.json()
