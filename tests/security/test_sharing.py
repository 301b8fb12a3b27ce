"""Workflows that are shared with some people only: on every route and socket, and taken back (S16, S17)."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import httpx
import pytest

from flowloom_contracts.automation import ResolveWorkflow
from flowloom_contracts.notices import Notice
from flowloom_contracts.runs import Actor, RunStatus, WorkflowRef
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.waiting import wait_until
from gateway.domain.permissions import Permission, Role
from gateway.live.connections import CHECK_SECONDS
from gateway.parts import Parts
from gateway.permission_table import Access
from gateway.testing.gateway import FakeGateway
from gateway.usecases.sharing import TRUSTED_S
from gateway.usecases.versions import resolve_workflow
from gateway.usecases.workflows import WorkflowNotFoundError

from .gateways import listening
from .people import People, belongings, people
from .test_across_workspaces import _page
from .test_authorisation import ASKED, _call, _without_ids

OF_A_WORKFLOW: Final = ("workflow_id", "run_id", "approval_id", "schedule_id", "webhook_id", "evaluation_id")
READS_BY_POST: Final = {"/v1/runs/{run_id}/save-as-test"}
STEP: Final = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: borrower}
steps: {use: {workflow: orders}}
"""


@dataclass(slots=True)
class Shared:
    """A workflow of the boss with all that hangs on it, and an editor of the same workspace."""

    people: People
    boss: httpx.AsyncClient
    anna: httpx.AsyncClient
    anna_id: str
    ids: dict[str, str]

    @property
    def path(self) -> str:
        """Where the sharing is."""
        return f"/v1/workflows/{self.ids['workflow_id']}/sharing"

    async def give(self, reach: str | None, *, by_role: bool = False) -> None:
        """Restrict the workflow; with a reach, share it so far with Anna."""
        who = {"kind": "role", "who": "editor"} if by_role else {"kind": "member", "who": self.anna_id}
        shares = [{**who, "reach": reach}] if reach else []
        tag = {"if-match": (await self.boss.get(self.path)).headers["etag"]}
        answer = await self.boss.put(self.path, json={"restricted": True, "shares": shares}, headers=tag)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def shared() -> AsyncIterator[Shared]:
    async with people() as opened:
        boss = await opened.member(Role.OWNER)
        ids = await belongings(opened.gateway, boss)
        anna = await opened.member(Role.EDITOR, ids["workspace_id"])
        anna_id = (await anna.get("/v1/me")).json()["user"]["id"]
        item = opened.gateway.approvals.put(
            ids["workspace_id"], workflow_id=ids["workflow_id"], run_id=ids["run_id"]
        )
        await opened.gateway.runs.happen(ids["run_id"], "run.started.v1", RunStatus.RUNNING)
        yield Shared(opened, boss, anna, anna_id, ids | {"approval_id": item.id})


def _inside(anna: Role = Role.EDITOR) -> list[Access]:
    """Return the routes that name something of a workflow and that an editor's role allows."""
    named = "|".join(OF_A_WORKFLOW)
    found = [one for one in ASKED if re.search(rf"{{({named})", one.path) and one.lets_in(anna)]
    assert len(found) > 30
    return found


async def test_s16_a_closed_workflow_and_all_that_hangs_on_it_is_not_there(shared: Shared) -> None:
    await shared.give(None)
    wrong = []
    for access in _inside():
        other = shared.ids | {name: new_id() for name in OF_A_WORKFLOW}
        theirs, unknown = (
            await _call(shared.anna, access, shared.ids),
            await _call(shared.anna, access, other),
        )
        same = _without_ids(theirs, shared.ids) == _without_ids(unknown, other)
        if (theirs.status_code, same) != (404, True):
            wrong.append(f"{access.method} {access.path}: {theirs.status_code} {theirs.text[:150]}")
    assert wrong == []


async def test_s16_lists_leave_a_closed_workflow_out(shared: Shared) -> None:
    await shared.give(None)
    hidden = [shared.ids[name] for name in OF_A_WORKFLOW]
    for access in ASKED:
        if access.method == "GET" and "{" not in access.path and access.lets_in(Role.EDITOR):
            answer = await _call(shared.anna, access, {})
            assert [one for one in hidden if one in answer.text] == [], access.path
    for query in ({"text": "orders"}, {"order": "name"}, {"limit": 1}):
        found = (await shared.anna.get("/v1/workflows", params=query)).json()
        assert found["items"] == []
    assert shared.ids["workflow_id"] in (await shared.boss.get("/v1/workflows")).text


async def test_s19_who_may_look_reads_everything_and_changes_nothing(shared: Shared) -> None:
    await shared.give("view")
    wrong = []
    for access in _inside():
        if access.path.endswith("/stream"):
            continue  # it goes on as long as the run does
        answer = await _call(shared.anna, access, shared.ids)
        reads = access.method == "GET" or access.path in READS_BY_POST
        refused = answer.status_code == 403 and answer.json()["type"] == "/problems/workflow-not-shared"
        if (reads and answer.status_code in (403, 404) and "{ref}" not in access.path) or (
            not reads and not refused
        ):
            wrong.append(f"{access.method} {access.path}: {answer.status_code} {answer.text[:150]}")
    assert wrong == []


@pytest.mark.parametrize("by_role", [False, True], ids=["member", "role"])
async def test_s19_who_may_run_starts_and_commands_but_does_not_edit(shared: Shared, by_role: bool) -> None:
    await shared.give("run", by_role=by_role)
    anna, workflow = shared.anna, f"/v1/workflows/{shared.ids['workflow_id']}"
    assert (await anna.post(f"{workflow}/runs", json={"inputs": {}})).status_code == 202
    run = f"/v1/runs/{shared.ids['run_id']}"
    assert (await anna.post(f"{run}/pause")).status_code == 202
    decided = await anna.post(
        f"/v1/approvals/{shared.ids['approval_id']}/decision", json={"decision": "approve"}
    )
    assert decided.status_code == 200
    refused = [
        await anna.put(workflow, json={"source": STEP}, headers={"if-match": "*"}),
        await anna.post(f"{workflow}/publish", json={}),
        await anna.post(f"{workflow}/restore", json={"version": 1}),
        await anna.put(shared.path, json={"restricted": False}, headers={"if-match": "*"}),
        await anna.delete(workflow),
        await anna.post(f"/v1/webhooks/{shared.ids['webhook_id']}/secret"),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)


async def test_s19_who_may_edit_may_share_and_does_not_lock_themselves_out(shared: Shared) -> None:
    await shared.give("edit")
    shown = (await shared.anna.get(shared.path)).json()
    assert (shown["restricted"], shown["reach"]) == (True, "edit")
    seen = {"if-match": shown["etag"]}
    out = await shared.anna.put(shared.path, json={"restricted": True, "shares": []}, headers=seen)
    assert (out.status_code, out.json()["type"]) == (409, "/problems/sharing-locks-out")
    again = await shared.anna.put(shared.path, json={"restricted": False}, headers=seen)
    assert again.json() | {"etag": ""} == {"restricted": False, "shares": [], "etag": "", "reach": "edit"}


async def test_s19_nobody_gives_back_what_somebody_else_took_meanwhile(shared: Shared) -> None:
    await shared.give("edit")
    read = await shared.anna.get(shared.path)
    body = {name: read.json()[name] for name in ("restricted", "shares")}
    blind = await shared.anna.put(shared.path, json=body)
    assert (blind.status_code, blind.json()["type"]) == (428, "/problems/sharing-if-match-required")
    more = {**body, "shares": [*body["shares"], {"kind": "role", "who": "viewer", "reach": "view"}]}
    seen = {"if-match": read.headers["etag"]}
    saved = await shared.boss.put(shared.path, json=more, headers=seen)
    assert (saved.status_code, saved.headers["etag"] == seen["if-match"]) == (200, False)
    stale = await shared.anna.put(shared.path, json=body, headers=seen)
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale-sharing")
    assert len((await shared.boss.get(shared.path)).json()["shares"]) == 2


async def _told_by_webhook(shared: Shared) -> str:
    """Let an address be told of the workflow, of nothing in particular, and return where this is listed."""
    endpoint = f"/v1/webhook-endpoints/{shared.ids['endpoint_id']}"
    ref = WorkflowRef(id=shared.ids["workflow_id"], name="orders")
    notice = Notice(
        id=new_id(),
        kind="run_failed",
        workspace_id=shared.ids["workspace_id"],
        workflow=ref,
        details={"message": "a secret of this workflow"},
        at=shared.people.gateway.clock.now(),
    )
    await shared.people.gateway.opened.board.post(notice)
    assert (await shared.boss.post(f"{endpoint}/test")).status_code == 202
    return f"{endpoint}/deliveries"


async def test_s16_deliveries_do_not_tell_of_a_workflow_that_is_closed_to_who_reads_them(
    shared: Shared,
) -> None:
    path = await _told_by_webhook(shared)
    events = [one["event"] for one in (await shared.anna.get(path)).json()["items"]]
    assert events == ["test", "run_failed"]
    await shared.give(None)
    listed = await shared.anna.get(path)
    assert [one["event"] for one in listed.json()["items"]] == ["test"]
    assert "secret" not in listed.text and shared.ids["workflow_id"] not in listed.text
    assert "a secret of this workflow" in (await shared.boss.get(path)).text


async def test_s16_who_may_only_look_does_not_have_a_delivery_sent_again(shared: Shared) -> None:
    path = await _told_by_webhook(shared)
    manager = Role("hooks", frozenset(Role.EDITOR.permissions | {Permission.ENDPOINTS_MANAGE}))
    max_ = await shared.people.member(manager, shared.ids["workspace_id"])
    max_id = (await max_.get("/v1/me")).json()["user"]["id"]
    told = next(one for one in (await max_.get(path)).json()["items"] if one["event"] == "run_failed")
    answers = {}
    for reach in (None, "view", "run"):
        shares = [{"kind": "member", "who": max_id, "reach": reach}] if reach else []
        body = {"restricted": True, "shares": shares}
        await shared.boss.put(shared.path, json=body, headers={"if-match": "*"})
        answers[reach] = (await max_.post(f"{path}/{told['id']}/replay")).status_code
    assert answers == {None: 404, "view": 403, "run": 202}


async def test_s16_what_was_closed_meanwhile_is_not_sent_to_an_address(shared: Shared) -> None:
    path = await _told_by_webhook(shared)
    gateway, endpoint = shared.people.gateway, path.removesuffix("/deliveries")
    manager = Role("hooks", frozenset(Role.EDITOR.permissions | {Permission.ENDPOINTS_MANAGE}))
    max_ = await shared.people.member(manager, shared.ids["workspace_id"])
    max_id = (await max_.get("/v1/me")).json()["user"]["id"]
    hook = {"url": "https://hooks.example/in", "events": ["run_failed"]}
    assert (await max_.put(endpoint, json=hook, headers={"if-match": "*"})).status_code == 200
    sent = gateway.desk.sender.sent

    async def told_of(reach: str | None) -> tuple[list[str], str]:
        shares = [{"kind": "member", "who": max_id, "reach": reach}] if reach else []
        body = {"restricted": True, "shares": shares}
        await shared.boss.put(shared.path, json=body, headers={"if-match": "*"})
        sent.clear()
        await gateway.relay()
        newest = (await shared.boss.get(path)).json()["items"]
        last = next(one for one in newest if one["event"] == "run_failed")
        again = await shared.boss.post(f"{path}/{last['id']}/replay")
        assert again.status_code == 202
        return [headers["x-flowloom-event"] for _, _, headers in sent], f"{last['status']} {last['attempts']}"

    assert await told_of(None) == (["test"], "dead 0")
    assert (await shared.boss.get(endpoint)).json()["failing_since"] is None
    assert await told_of("view") == (["run_failed"], "delivered 1")
    gone = f"/v1/members/{max_id}"
    assert (await shared.boss.delete(gone)).status_code == 204
    assert await told_of("view") == ([], "dead 0")
    assert (await shared.boss.put(endpoint, json=hook, headers={"if-match": "*"})).status_code == 200
    assert await told_of(None) == (["run_failed"], "delivered 1")


async def test_s16_a_deleted_workflow_stays_with_whom_it_was_shared(shared: Shared) -> None:
    await shared.give(None)
    assert (await shared.boss.delete(f"/v1/workflows/{shared.ids['workflow_id']}")).status_code == 204
    assert (await shared.anna.get(f"/v1/runs/{shared.ids['run_id']}")).status_code == 404
    assert (await shared.boss.get(f"/v1/runs/{shared.ids['run_id']}")).status_code == 200


async def test_s18_steps_start_no_workflow_that_is_not_shared_with_who_asks(shared: Shared) -> None:
    await shared.give("view")
    made = (await shared.anna.post("/v1/workflows", json={"source": STEP})).json()
    refused = await shared.anna.post(f"/v1/workflows/{made['id']}/publish", json={})
    assert (refused.status_code, "unknown_workflow" in refused.text) == (422, True)
    parts: Parts = shared.people.gateway.app.state.parts
    for user_id, role, is_found in (
        (shared.anna_id, "editor", False),
        (new_id(), "admin", True),
        (None, "", True),
    ):
        actor = Actor(workspace_id=shared.ids["workspace_id"], user_id=user_id, roles=[role])
        asked = resolve_workflow(
            ResolveWorkflow(actor=actor, name="orders"),
            workflows=parts.workflows,
            versions=parts.versions,
            agents=parts.desk.agent_book,
            book=parts.desk.sharing,
        )
        if is_found:
            assert (await asked).workflow.id == shared.ids["workflow_id"]
        else:
            with pytest.raises(WorkflowNotFoundError):
                await asked


async def test_s17_what_is_taken_back_ends_calls_and_streams_within_two_seconds(shared: Shared) -> None:
    gateway, run_id = shared.people.gateway, shared.ids["run_id"]
    await shared.give("view")
    async with listening(gateway) as server, _page(server.url, shared.anna) as page:
        answer = await page.socket.call("subscribe", {"stream": f"run:{run_id}"}, timeout=5)
        assert answer["ok"] is True
        await shared.give(None)
        assert (await shared.anna.get(f"/v1/runs/{run_id}")).status_code == 404
        await gateway.connections.check()
        await wait_until(lambda: not page.socket.connected)
    async with listening(gateway) as server, _page(server.url, shared.anna) as page:
        refused = await page.socket.call("subscribe", {"stream": f"run:{run_id}"}, timeout=5)
        assert (refused["ok"], refused["problem"]["status"]) == (False, 404)
    assert TRUSTED_S + CHECK_SECONDS <= 2


async def test_s17_another_process_hears_of_it_within_a_second(shared: Shared) -> None:
    gateway: FakeGateway = shared.people.gateway
    assert (await shared.anna.get(f"/v1/runs/{shared.ids['run_id']}")).status_code == 200
    mine, workflow_id = shared.ids["workspace_id"], shared.ids["workflow_id"]
    await gateway.desk.shares.replace(
        mine, workflow_id, [], over=None, user_id=new_id(), now=gateway.clock.now()
    )
    gateway.clock.advance(TRUSTED_S + 0.01)
    assert (await shared.anna.get(f"/v1/runs/{shared.ids['run_id']}")).status_code == 404


async def test_s18_a_conversation_starts_no_workflow_that_is_not_shared(shared: Shared) -> None:
    await shared.give(None)
    target = {"kind": "workflow", "workflow_id": shared.ids["workflow_id"], "input": "topic"}
    made = await shared.anna.post("/v1/conversations", json={"target": target})
    if made.status_code == 201:
        path = f"/v1/conversations/{made.json()['id']}/messages"
        turn = (await shared.anna.post(path, json={"text": "hello"})).json()
        assert (turn["answer"]["status"], turn["answer"]["run_id"]) == ("failed", None)
    else:
        assert made.status_code == 404
