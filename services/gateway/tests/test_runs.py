"""Runs, through the public interface."""

import asyncio

import httpx
import pytest

from flowloom_contracts.runs import RunStatus, StepRun, StepStatus
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.waiting import wait_until
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway

GOOD = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: hello}
steps:
  greet:
    transform: "${'hello'}"
outputs: {text: "${steps.greet.output}"}
"""


async def _workflow(client: httpx.AsyncClient, source: str = GOOD) -> str:
    made = await client.post("/v1/workflows", json={"source": source})
    workflow_id: str = made.json()["id"]
    return workflow_id


async def _run(client: httpx.AsyncClient) -> str:
    workflow_id = await _workflow(client)
    run_id: str = (await client.post(f"/v1/workflows/{workflow_id}/runs", json={})).json()["id"]
    return run_id


async def test_starts_a_run_of_the_stored_document(owner: httpx.AsyncClient) -> None:
    workflow_id = await _workflow(owner)
    answer = await owner.post(f"/v1/workflows/{workflow_id}/runs", json={"inputs": {"topic": "tea"}})
    run = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/runs/{run['id']}")
    assert (run["workflow"], run["version"]) == ({"id": workflow_id, "name": "hello"}, "draft")
    assert (run["status"], run["inputs"]) == ("queued", {"topic": "tea"})


async def test_gives_the_same_run_when_the_key_is_the_same(owner: httpx.AsyncClient) -> None:
    path = f"/v1/workflows/{await _workflow(owner)}/runs"
    key = {"idempotency-key": "once"}
    first = await owner.post(path, json={"inputs": {"a": 1, "b": 2}}, headers=key)
    again = await owner.post(path, json={"inputs": {"b": 2, "a": 1}}, headers=key)
    other = await owner.post(path, json={"inputs": {"a": 2}}, headers=key)
    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["type"]) == (409, "/problems/idempotency-conflict")


@pytest.mark.parametrize("key", ["", "x" * 256, "a\u00e4"])
async def test_refuses_an_idempotency_key_of_another_form(owner: httpx.AsyncClient, key: str) -> None:
    path = f"/v1/workflows/{await _workflow(owner)}/runs"
    answer = await owner.post(path, json={}, headers={"idempotency-key": key.encode()})
    assert answer.status_code == 422


async def test_refuses_to_run_a_document_with_problems(owner: httpx.AsyncClient) -> None:
    workflow_id = await _workflow(owner, GOOD.replace("transform", "transfrom"))
    answer = await owner.post(f"/v1/workflows/{workflow_id}/runs", json={})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-workflow")
    assert answer.json()["problems"][0]["line"] > 0


@pytest.mark.parametrize(
    ("body", "status"),
    [({"version": 3}, 404), ({"version": "latest"}, 422), ({"input": {}}, 422), ({"version": "draft"}, 202)],
)
async def test_runs_only_versions_that_exist(
    owner: httpx.AsyncClient, body: dict[str, object], status: int
) -> None:
    answer = await owner.post(f"/v1/workflows/{await _workflow(owner)}/runs", json=body)
    assert answer.status_code == status


async def test_does_not_run_workflows_of_another_workspace(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    other = await as_member("bob@example.org", Role.OWNER)
    answer = await other.post(f"/v1/workflows/{await _workflow(owner)}/runs", json={})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/workflow-not-found")


async def test_lists_runs_by_workflow_and_status(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    run_id = await _run(owner)
    await gateway.runs.happen(run_id, "run.started.v1", RunStatus.RUNNING)
    running = await owner.get("/v1/runs", params={"status": "running"})
    failed = await owner.get("/v1/runs", params={"status": "failed"})
    wrong = await owner.get("/v1/runs", params={"status": "odd"})
    assert [run["id"] for run in running.json()["items"]] == [run_id]
    assert (failed.json()["items"], wrong.status_code) == ([], 422)


async def test_reads_a_run_its_steps_and_its_snapshot(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    run_id = await _run(owner)
    await gateway.runs.happen(run_id, "run.accepted.v1", RunStatus.QUEUED)
    assert (await owner.get(f"/v1/runs/{run_id}")).json()["id"] == run_id
    assert (await owner.get(f"/v1/runs/{run_id}/steps")).json() == {"items": [], "next_cursor": None}
    assert (await owner.get(f"/v1/runs/{run_id}/snapshot")).json()["cursor"] == "1:1"


async def test_pages_through_the_steps_of_a_run(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    run_id = await _run(owner)
    gateway.runs.done_steps = [
        StepRun(path=f"each[{index}]", kind="item", status=StepStatus.SUCCEEDED, attempt=1)
        for index in range(450)
    ]
    found, cursor = list[str](), None
    while True:
        asked = {"limit": 200} | ({} if cursor is None else {"cursor": cursor})
        page = (await owner.get(f"/v1/runs/{run_id}/steps", params=asked)).json()
        found += [step["path"] for step in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [f"each[{index}]" for index in range(450)]
    inside = await owner.get(f"/v1/runs/{run_id}/steps", params={"inside": "each[44"})
    assert len(inside.json()["items"]) == 11


@pytest.mark.parametrize(
    "asked",
    [{"cursor": "x"}, {"cursor": "1.2.3; drop"}, {"limit": 0}, {"limit": 201}, {"inside": "a" * 1_001}],
)
async def test_refuses_a_page_of_steps_that_cannot_be(
    owner: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    answer = await owner.get(f"/v1/runs/{await _run(owner)}/steps", params=asked)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")


@pytest.mark.parametrize("what", ["", "/steps", "/events", "/snapshot", "/stream"])
@pytest.mark.parametrize("run_id", ["theirs", "01890000-0000-7000-8000-000000000000", "%00", "nothing"])
async def test_answers_404_when_there_is_no_such_run(
    owner: httpx.AsyncClient, as_member: AsMember, *, what: str, run_id: str
) -> None:
    other = await as_member("bob@example.org", Role.OWNER)
    named = await _run(owner) if run_id == "theirs" else run_id
    answer = await other.get(f"/v1/runs/{named}{what}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/run-not-found")


async def test_cancels_a_run(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    run_id = await _run(owner)
    answer = await owner.post(f"/v1/runs/{run_id}/cancel", json={"reason": "enough"})
    bare = await owner.post(f"/v1/runs/{run_id}/cancel")
    assert (answer.status_code, answer.json()["status"], bare.status_code) == (202, "cancelling", 202)
    assert [command.reason for command in gateway.runs.commands] == ["enough", None]


async def test_lets_a_viewer_watch_but_not_touch(as_member: AsMember, owner: httpx.AsyncClient) -> None:
    viewer = await as_member("viewer@example.org", Role.VIEWER)
    run_id = await _run(owner)
    assert (await viewer.get("/v1/runs")).status_code == 200
    assert (await viewer.post(f"/v1/runs/{run_id}/cancel")).status_code == 403
    assert (await viewer.post(f"/v1/workflows/{new_id()}/runs", json={})).status_code == 403


async def test_reads_events_page_by_page(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    run_id = await _run(owner)
    await gateway.runs.happen(run_id, "run.started.v1", RunStatus.RUNNING)
    await gateway.runs.say(run_id, "hello")
    first = (await owner.get(f"/v1/runs/{run_id}/events", params={"limit": 1})).json()
    rest = (await owner.get(f"/v1/runs/{run_id}/events", params={"after": "1:1"})).json()
    assert [event["seq"] for event in first["items"] + rest["items"]] == [1, 2]
    assert rest["items"][0]["data"]["text"] == "hello"
    assert "reason" not in first["items"][0]["data"]


@pytest.mark.parametrize("query", [{"after": "x"}, {"wait": "26"}, {"limit": "5001"}, {"wait": "-1"}])
async def test_refuses_a_question_for_events_of_another_form(
    owner: httpx.AsyncClient, query: dict[str, str]
) -> None:
    assert (await owner.get(f"/v1/runs/{await _run(owner)}/events", params=query)).status_code == 422


async def test_waits_for_the_first_event(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    run_id = await _run(owner)
    asked = asyncio.create_task(owner.get(f"/v1/runs/{run_id}/events", params={"wait": 20}))
    await wait_until(lambda: gateway.runs.pages_read == 1)
    await gateway.runs.happen(run_id, "run.accepted.v1", RunStatus.QUEUED)
    answer = await asyncio.wait_for(asked, 5)
    assert [event["type"] for event in answer.json()["items"]] == ["run.accepted.v1"]


async def test_does_not_wait_when_the_run_is_over(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    run_id = await _run(owner)
    end = await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.SUCCEEDED)
    asked = owner.get(f"/v1/runs/{run_id}/events", params={"after": str(end), "wait": 20})
    assert (await asyncio.wait_for(asked, 2)).json()["items"] == []


async def test_answers_an_empty_page_when_nothing_happens(owner: httpx.AsyncClient) -> None:
    answer = await owner.get(f"/v1/runs/{await _run(owner)}/events", params={"wait": 0.05})
    assert answer.json() == {"items": [], "next_cursor": None}


async def test_says_so_when_the_orchestrator_is_away(
    owner: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise UpstreamError("the orchestrator cannot be reached")

    run_id = await _run(owner)
    monkeypatch.setattr(gateway.runs, "get", away)
    answer = await owner.get(f"/v1/runs/{run_id}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
