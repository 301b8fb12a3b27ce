"""Notices: who is told, how, and what other systems get; through the sidecar and the public interface."""

import hashlib
import hmac
import json
from datetime import timedelta

import httpx
import pytest

from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import APP_TOKEN, AsMember, FakeGateway

SIDECAR = {"dapr-api-token": APP_TOKEN}
HOOK = {"url": "https://hooks.example/in", "events": ["run_failed", "approval_requested"]}
ENDPOINTS = "/v1/webhook-endpoints"


async def _me(client: httpx.AsyncClient) -> tuple[str, str]:
    me = (await client.get("/v1/me")).json()
    return me["workspace"]["id"], me["user"]["id"]


async def _with_key(client: httpx.AsyncClient) -> None:
    """Go on with a key, which outlives the days of a test."""
    made = await client.post("/v1/api-keys", json={"name": "k", "scopes": ["*"]})
    del client.headers["authorization"]
    client.headers["x-api-key"] = made.json()["key"]


async def _fails(client: httpx.AsyncClient, gateway: FakeGateway, **changes: object) -> str:
    """Say that a run has failed, as the orchestrator does."""
    workspace_id, _ = await _me(client)
    event = {
        "run_id": new_id(),
        "workspace_id": workspace_id,
        "workflow_id": new_id(),
        "workflow_name": "brief",
        "status": "failed",
        "at": gateway.clock.now().isoformat(),
        "error": {"code": "upstream", "message": "The model\nfailed.", "step": "draft"},
        **changes,
    }
    return await _hear(client, "run-events", event)


async def _hear(client: httpx.AsyncClient, topic: str, data: dict[str, object]) -> str:
    event = {"id": "e", "type": "t", "source": "orchestrator", "data": data}
    answer = await client.post(f"/subscriptions/{topic}", json=event, headers=SIDECAR)
    outcome: str = answer.json()["status"]
    return outcome


async def _asks(client: httpx.AsyncClient, gateway: FakeGateway, *to: str) -> None:
    workspace_id, _ = await _me(client)
    notice = {
        "id": new_id(),
        "kind": "approval_requested",
        "workspace_id": workspace_id,
        "workflow": {"id": new_id(), "name": "brief"},
        "to": list(to),
        "title": "Send it?",
        "at": gateway.clock.now().isoformat(),
    }
    assert await _hear(client, "notices", notice) == "SUCCESS"


async def test_asks_who_wants_to_know(stranger: httpx.AsyncClient) -> None:
    asked = [
        await stranger.get("/v1/notifications"),
        await stranger.post("/v1/notifications/read", json={}),
        await stranger.get("/v1/notifications/choices"),
        await stranger.get(ENDPOINTS),
        await stranger.post(ENDPOINTS, json=HOOK),
        await stranger.post("/subscriptions/notices", json={}),
    ]
    assert [answer.status_code for answer in asked] == [401] * len(asked)


async def test_tells_a_person_once_and_remembers_what_they_read(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    run_id = new_id()
    for _ in range(2):
        assert await _fails(owner, gateway, run_id=run_id) == "SUCCESS"
    await _fails(owner, gateway)
    await _fails(owner, gateway, status="succeeded")
    await _fails(owner, gateway, is_child=True)
    listed = (await owner.get("/v1/notifications", params={"limit": 1})).json()
    rest = (await owner.get("/v1/notifications", params={"cursor": listed["next_cursor"]})).json()
    (first,), (second,) = listed["items"], rest["items"]
    assert (listed["unread"], second["run_id"], second["title"]) == (2, run_id, "brief failed")
    assert second["body"] == "The model failed."
    marked = await owner.post("/v1/notifications/read", json={"ids": [first["id"], "none"]})
    assert marked.json() == {"unread": 1}
    unread = (await owner.get("/v1/notifications", params={"unread": True})).json()
    assert [one["id"] for one in unread["items"]] == [second["id"]]
    assert (await owner.post("/v1/notifications/read", json={})).json() == {"unread": 0}
    assert (await owner.post("/v1/notifications/read", json={"read": False})).json() == {"unread": 2}


async def test_the_end_of_a_private_run_is_told_to_its_starter_alone(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    made = (await owner.post(ENDPOINTS, json=HOOK)).json()
    _, mine = await _me(owner)
    await _fails(owner, gateway, is_private=True)
    await _fails(owner, gateway, is_private=True, user_id=new_id())
    await _fails(owner, gateway, is_private=True, user_id=mine)
    assert (await owner.get("/v1/notifications")).json()["unread"] == 1
    calls = await owner.get(f"{ENDPOINTS}/{made['endpoint']['id']}/deliveries")
    assert calls.json()["items"] == []


async def test_sends_mail_to_whom_a_run_waits_for(
    owner: httpx.AsyncClient, as_member: AsMember, gateway: FakeGateway
) -> None:
    stranger = await as_member("bob@example.org", Role.OWNER)
    await _asks(owner, gateway, "user:ADA@example.org")
    await _asks(owner, gateway, "role:viewer")
    gateway.mailer.broken = True
    await gateway.relay()
    gateway.mailer.broken = False
    await gateway.relay()
    assert gateway.mailer.sent == []
    gateway.clock.advance(61)
    for _ in range(2):
        await gateway.relay()
    (mail,) = gateway.mailer.sent
    assert (mail.to, mail.subject) == ("ada@example.org", "brief waits for a decision: Send it?")
    assert (await owner.get("/v1/notifications")).json()["unread"] == 1
    assert (await stranger.get("/v1/notifications")).json()["items"] == []


async def test_tells_people_as_they_choose(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    before = (await owner.get("/v1/notifications/choices")).json()["items"]
    assert {"kind": "run_failed", "in_app": True, "mail": False} in before
    wanted = [
        {"kind": "approval_requested", "in_app": False, "mail": False},
        {"kind": "run_failed", "in_app": False, "mail": True},
    ]
    saved = await owner.put("/v1/notifications/choices", json={"items": wanted})
    assert (len(saved.json()["items"]), wanted[1] in saved.json()["items"]) == (len(before), True)
    await _asks(owner, gateway)
    await _fails(owner, gateway)
    await gateway.relay()
    assert (await owner.get("/v1/notifications")).json()["items"] == []
    assert [mail.subject for mail in gateway.mailer.sent] == ["brief failed"]
    for kind in ("run_succeeded", "odd"):
        item = {"kind": kind, "in_app": True, "mail": True}
        refused = await owner.put("/v1/notifications/choices", json={"items": [item]})
        assert refused.status_code == 422


async def test_calls_an_endpoint_with_a_signature(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    made = await owner.post(ENDPOINTS, json=HOOK)
    secret, endpoint = made.json()["secret"], made.json()["endpoint"]
    await _fails(owner, gateway)
    await _fails(owner, gateway, status="succeeded")
    await gateway.relay()
    ((url, body, headers),) = gateway.desk.sender.sent
    signed = headers["x-flowloom-timestamp"].encode() + b"." + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert (url, headers["x-flowloom-signature"]) == (HOOK["url"], f"sha256={expected}")
    told = json.loads(body)
    assert (told["kind"], told["title"], "user_id" in told) == ("run_failed", "brief failed", False)
    deliveries = (await owner.get(f"{ENDPOINTS}/{endpoint['id']}/deliveries")).json()["items"]
    assert [(one["status"], one["answer"], one["attempts"]) for one in deliveries] == [("delivered", 200, 1)]
    shown = (await owner.get(ENDPOINTS)).text + (await owner.get(f"{ENDPOINTS}/{endpoint['id']}")).text
    assert secret not in shown + repr(gateway.desk.endpoints.kept)
    renewed = (await owner.post(f"{ENDPOINTS}/{endpoint['id']}/secret")).json()["secret"]
    assert renewed != secret


async def test_tries_again_and_then_keeps_what_nobody_took(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    endpoint = (await owner.post(ENDPOINTS, json=HOOK)).json()["endpoint"]
    await _with_key(owner)
    sender = gateway.desk.sender
    sender.answers = [500, UpstreamError("unreachable"), 200]
    await _fails(owner, gateway)
    for pause in (0, 5, 6, 21):
        gateway.clock.advance(pause)
        await gateway.relay()
    assert len(sender.sent) == 3
    assert len({headers["idempotency-key"] for _, _, headers in sender.sent}) == 1
    sender.answers = [500]
    await _fails(owner, gateway)
    for _ in range(18):
        gateway.clock.advance(4 * 3_600)
        await gateway.relay()
    path = f"{ENDPOINTS}/{endpoint['id']}/deliveries"
    (dead,) = (await owner.get(path, params={"status": "dead"})).json()["items"]
    assert (dead["attempts"], dead["error"]) == (15, "It answered 500.")
    sender.answers = [204]
    replayed = await owner.post(f"{path}/{dead['id']}/replay")
    await gateway.relay()
    assert replayed.status_code == 202
    newest = (await owner.get(path)).json()["items"][0]
    assert (newest["id"], newest["status"]) == (replayed.json()["id"], "delivered")
    assert newest["payload"] == dead["payload"]


async def test_switches_off_what_has_failed_for_days_and_says_so(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    endpoint = (await owner.post(ENDPOINTS, json=HOOK)).json()["endpoint"]
    await _with_key(owner)
    gateway.desk.sender.answers = [503]
    for _ in range(4):
        await _fails(owner, gateway)
        await gateway.relay()
        gateway.clock.advance(timedelta(days=1).total_seconds())
    await gateway.relay()
    shown = (await owner.get(f"{ENDPOINTS}/{endpoint['id']}")).json()
    assert (shown["active"], shown["disabled_reason"][:22]) == (False, "It failed for 3 days: ")
    kinds = [one["kind"] for one in (await owner.get("/v1/notifications")).json()["items"]]
    assert kinds.count("endpoint_disabled") == 1
    sent = len(gateway.desk.sender.sent)
    await _fails(owner, gateway)
    await gateway.relay()
    assert len(gateway.desk.sender.sent) == sent
    revived = await owner.put(f"{ENDPOINTS}/{endpoint['id']}", json=HOOK, headers={"if-match": shown["etag"]})
    assert (revived.json()["active"], revived.json()["failing_since"]) == (True, None)


async def test_has_an_endpoint_called_for_a_test(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    endpoint = (await owner.post(ENDPOINTS, json=HOOK)).json()["endpoint"]
    gateway.desk.sender.answers = [410]
    assert (await owner.post(f"{ENDPOINTS}/{endpoint['id']}/test")).status_code == 202
    await gateway.relay()
    assert json.loads(gateway.desk.sender.sent[0][1])["kind"] == "test"
    shown = (await owner.get(f"{ENDPOINTS}/{endpoint['id']}")).json()
    assert "410" in shown["disabled_reason"]
    assert (await owner.delete(f"{ENDPOINTS}/{endpoint['id']}")).status_code == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/secret")):
        answer = await owner.request(method, f"{ENDPOINTS}/{endpoint['id']}{path}")
        assert answer.json()["type"] == "/problems/endpoint-not-found"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["odd"]}, "events.0"),
        ({"workspace_id": "x"}, "workspace_id"),
    ],
)
async def test_refuses_what_cannot_be_called(
    owner: httpx.AsyncClient, change: dict[str, object], path: str
) -> None:
    answer = await owner.post(ENDPOINTS, json={**HOOK, **change})
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == [path]


async def test_lets_only_administrators_change_endpoints_of_their_own_workspace(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    endpoint = (await owner.post(ENDPOINTS, json=HOOK)).json()["endpoint"]
    expected = {Role.VIEWER: (403, 403), Role.EDITOR: (200, 403), Role.ADMIN: (200, 201)}
    for role, statuses in expected.items():
        client = await as_member(f"{role}@example.org", role)
        seen, made = await client.get(ENDPOINTS), await client.post(ENDPOINTS, json=HOOK)
        assert (seen.status_code, made.status_code) == statuses
    assert (await client.get(f"{ENDPOINTS}/{endpoint['id']}")).status_code == 404
    assert (await client.delete(f"{ENDPOINTS}/{endpoint['id']}")).status_code == 404


async def test_an_address_is_changed_as_it_was_read(owner: httpx.AsyncClient) -> None:
    made = (await owner.post(ENDPOINTS, json=HOOK)).json()["endpoint"]
    path = f"{ENDPOINTS}/{made['id']}"
    read = await owner.get(path)
    assert read.headers["etag"].startswith(made["etag"][:-1]), "the tag, and a digest of the answer"
    assert (await owner.get(ENDPOINTS)).json()["items"][0]["etag"] == made["etag"]
    blind = await owner.put(path, json=HOOK)
    assert (blind.status_code, blind.json()["type"]) == (428, "/problems/endpoint-if-match-required")
    moved = {**HOOK, "url": "https://hooks.example/moved"}
    saved = await owner.put(path, json=moved, headers={"if-match": read.headers["etag"]})
    assert (saved.status_code, saved.headers["etag"]) == (200, saved.json()["etag"])
    late = await owner.put(path, json=HOOK, headers={"if-match": made["etag"]})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/stale-endpoint")
    assert (await owner.get(path)).json()["url"] == moved["url"]
