"""What people do with runs and with what waits for them, through the public interface."""

import httpx
import pytest

from flowloom_contracts.runs import RunStatus
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.testing.triggered import BARE, saved

REF = "sha256:" + "a" * 64


async def _run(client: httpx.AsyncClient) -> str:
    started = await client.post(f"/v1/workflows/{await saved(client, BARE)}/runs", json={})
    run_id: str = started.json()["id"]
    return run_id


async def _workspace(client: httpx.AsyncClient) -> str:
    workspace_id: str = (await client.get("/v1/me")).json()["workspace"]["id"]
    return workspace_id


@pytest.mark.parametrize(
    ("before", "verb", "after"),
    [
        ("running", "pause", "paused"),
        ("paused", "resume", "running"),
        ("failed", "retry", "queued"),
        ("running", "kill", "cancelled"),
    ],
)
async def test_moves_a_run(
    owner: httpx.AsyncClient, gateway: FakeGateway, *, before: str, verb: str, after: str
) -> None:
    run_id = await _run(owner)
    await gateway.runs.happen(run_id, "run.started.v1", RunStatus(before))
    answer = await owner.post(f"/v1/runs/{run_id}/{verb}", json={"reason": "because"})
    again = await owner.post(f"/v1/runs/{run_id}/{verb}")
    assert (answer.status_code, answer.json()["status"]) == (202, after)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/run-not-in-that-state")
    ((told, command),) = gateway.control.commands
    assert (told, command.reason, command.actor.roles) == (verb, "because", ["owner"])


async def test_forks_a_run_once_for_a_key(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    run_id = await _run(owner)
    body = {"from_step": "greet", "overrides": {"greet": {"output": None}}}
    answers = [
        await owner.post(f"/v1/runs/{run_id}/fork", json=body, headers={"idempotency-key": "k"})
        for _ in range(2)
    ]
    fork_id = answers[0].json()["id"]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[1].json()["id"] == fork_id != run_id
    assert answers[0].headers["location"] == f"/v1/runs/{fork_id}"
    assert gateway.control.forks[0].body.overrides["greet"].has_output


async def test_only_reports_when_a_fork_is_a_dry_run(owner: httpx.AsyncClient) -> None:
    run_id = await _run(owner)
    answer = await owner.post(f"/v1/runs/{run_id}/fork", json={"from_step": "greet", "dry_run": True})
    report = {"reused": [], "rerun": ["greet"], "effects": [], "tokens_saved": 0}
    assert (answer.status_code, answer.json()) == (200, report)


async def test_hands_over_a_run_as_test_record_and_values(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    run_id = await _run(owner)
    gateway.control.values[REF] = '"longer than one piece"'
    test = (await owner.post(f"/v1/runs/{run_id}/save-as-test")).json()
    record = (await owner.get(f"/v1/runs/{run_id}/record")).json()
    value = (await owner.get(f"/v1/runs/{run_id}/values/{REF}")).json()
    assert test == {"tests": "tests: []\n", "removed": ["inputs.token"]}
    assert (record["run"]["id"], record["format"]) == (run_id, "flowloom/run-record/v1")
    assert record["event_pages"] == [f"/v1/runs/{run_id}/events?after=0&limit=5000"]
    assert (value["value"], value["size"]) == ("longer than one piece", 23)


COMMANDS = [
    ("POST", "pause", None),
    ("POST", "resume", None),
    ("POST", "retry", None),
    ("POST", "kill", None),
    ("POST", "fork", {"from_step": "greet"}),
    ("POST", "save-as-test", None),
    ("GET", "record", None),
    ("GET", f"values/{REF}", None),
]


@pytest.mark.parametrize(("method", "verb", "body"), COMMANDS)
@pytest.mark.parametrize("named", ["theirs", "unknown", "odd"])
async def test_answers_404_when_there_is_no_such_run(
    owner: httpx.AsyncClient, as_member: AsMember, *, method: str, verb: str, body: object, named: str
) -> None:
    other = await as_member("bob@example.org", Role.OWNER)
    run_id = {"theirs": await _run(owner), "unknown": new_id(), "odd": "%00"}[named]
    answer = await other.request(method, f"/v1/runs/{run_id}/{verb}", json=body)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/run-not-found")


@pytest.mark.parametrize(
    ("method", "verb", "body"),
    [
        ("POST", "pause", {"reasons": "x"}),
        ("POST", "retry", {"reason": "x" * 501}),
        ("POST", "fork", {}),
        ("POST", "fork", {"from_step": "a", "overrides": {"a": {"outputs": 1}}}),
        ("GET", "values/sha256:short", None),
    ],
)
async def test_refuses_commands_of_another_form(
    owner: httpx.AsyncClient, *, method: str, verb: str, body: object
) -> None:
    answer = await owner.request(method, f"/v1/runs/{await _run(owner)}/{verb}", json=body)
    assert answer.status_code == 422


async def test_lets_operators_work_with_runs_and_viewers_only_look(as_member: AsMember) -> None:
    operator = await as_member("operator@example.org", Role.OPERATOR)
    viewer = await as_member("viewer@example.org", Role.VIEWER)
    run = f"/v1/runs/{new_id()}"
    for verb in ("pause", "resume", "retry", "kill", "fork"):
        body = {"from_step": "a"} if verb == "fork" else None
        assert (await operator.post(f"{run}/{verb}", json=body)).status_code == 404
        assert (await viewer.post(f"{run}/{verb}", json=body)).status_code == 403
    assert (await viewer.get(f"{run}/record")).status_code == 404
    assert (await operator.put(f"/v1/workflows/{new_id()}", json={"source": ""})).status_code == 403
    assert (
        await viewer.post(f"/v1/approvals/{new_id()}/decision", json={"decision": "x"})
    ).status_code == 403
    assert (
        await operator.post(f"/v1/approvals/{new_id()}/decision", json={"decision": "x"})
    ).status_code == 404


async def test_lists_what_waits_for_people(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    item = gateway.approvals.put(await _workspace(owner))
    listed = await owner.get("/v1/approvals", params={"mine": True})
    assert [one["id"] for one in listed.json()["items"]] == [item.id]
    assert (await owner.get("/v1/approvals", params={"status": "expired"})).json()["items"] == []
    assert (await owner.get("/v1/approvals", params={"status": "all"})).json()["items"] != []
    assert (await owner.get("/v1/approvals", params={"status": "odd"})).status_code == 422
    assert [query.status for query in gateway.approvals.queries] == ["open", "expired", None]
    assert gateway.approvals.queries[0].mine
    assert gateway.approvals.queries[0].actor.email == "ada@example.org"


async def test_decides_once_and_names_who_was_first(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    item = gateway.approvals.put(await _workspace(owner))
    path = f"/v1/approvals/{item.id}/decision"
    body = {"decision": "approve", "comment": "fine", "data": {"text": "x"}}
    first, second = await owner.post(path, json=body), await owner.post(path, json=body)
    assert (first.status_code, first.json()["decision"]["by"]) == (200, "ada@example.org")
    assert (second.status_code, second.json()["type"]) == (409, "/problems/already-decided")
    assert "ada@example.org" in second.json()["detail"]
    assert (await owner.get(f"/v1/approvals/{item.id}")).json()["status"] == "decided"
    assert [(one.comment, one.data) for one in gateway.approvals.decisions] == [("fine", {"text": "x"})]


@pytest.mark.parametrize(
    "body", [{}, {"decision": "repeat"}, {"decision": "x" * 21}, {"decisions": "approve"}]
)
async def test_refuses_decisions_that_the_item_does_not_allow(
    owner: httpx.AsyncClient, gateway: FakeGateway, body: dict[str, str]
) -> None:
    item = gateway.approvals.put(await _workspace(owner))
    assert (await owner.post(f"/v1/approvals/{item.id}/decision", json=body)).status_code == 422


@pytest.mark.parametrize("named", ["theirs", "unknown", "%00", "x" * 300])
async def test_answers_404_when_there_is_no_such_approval(
    owner: httpx.AsyncClient, as_member: AsMember, gateway: FakeGateway, *, named: str
) -> None:
    item = gateway.approvals.put(await _workspace(owner))
    other = await as_member("bob@example.org", Role.OWNER)
    approval_id = {"theirs": item.id, "unknown": new_id()}.get(named, named)
    read = await other.get(f"/v1/approvals/{approval_id}")
    decided = await other.post(f"/v1/approvals/{approval_id}/decision", json={"decision": "approve"})
    assert [read.json()["type"], decided.json()["type"]] == ["/problems/approval-not-found"] * 2


async def test_acts_as_the_keys_user_when_a_key_decides(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    item = gateway.approvals.put(await _workspace(owner))
    made = await owner.post("/v1/api-keys", json={"name": "bot", "scopes": ["approvals:decide"]})
    headers = {"x-api-key": made.json()["key"]}
    path = f"/v1/approvals/{item.id}/decision"
    assert (await stranger.post(path, json={"decision": "reject"}, headers=headers)).status_code == 200
    (decision,) = gateway.approvals.decisions
    assert (decision.actor.email, decision.actor.roles) == ("ada@example.org", ["owner"])
