"""Datasets and evaluations at the public interface: started, scored, compared, graded, cancelled, refused."""

from collections.abc import Callable
from typing import cast

import httpx
import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import RunStatus
from flowloom_contracts.starts import StartRun
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.testing.runs import refused
from gateway.testing.triggered import BARE, published, saved
from gateway.usecases.evaluations import MOST_RUNNING

CASES = [
    {"name": "harbour", "inputs": {"topic": "harbour"}, "golden": "the old harbour"},
    {"name": "pier", "inputs": {"topic": "pier"}, "checks": ["size(outputs.text) > 100"]},
]
DATASET: JsonObject = {
    "name": "topics",
    "answer": "outputs.text",
    "checks": ["outputs.text.contains(inputs.topic)"],
    "cases": cast(list[object], CASES),  # type: ignore[dict-item]  # JSON either way
}
Answer = Callable[[StartRun], JsonObject]


def right(request: StartRun) -> JsonObject:
    """Answer with the topic."""
    return {"text": f"the {request.inputs['topic']}"}


class Evaluated:
    """One workflow with a dataset, and an orchestrator that answers as a test says."""

    def __init__(self, gateway: FakeGateway, owner: httpx.AsyncClient) -> None:
        self.gateway, self.owner = gateway, owner
        self.workflow_id = self.dataset_id = ""

    async def prepared(self, **dataset: object) -> "Evaluated":
        self.workflow_id = await published(self.owner, BARE)
        made = await self.owner.post("/v1/datasets", json={**DATASET, **dataset})
        assert made.status_code == 201, made.text
        self.dataset_id = made.json()["id"]
        return self

    async def start(self, **body: object) -> httpx.Response:
        asked = {"dataset_id": self.dataset_id, "workflow_id": self.workflow_id, **body}
        return await self.owner.post("/v1/evaluations", json=asked)

    async def started(self, **body: object) -> str:
        answer = await self.start(**body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def read(self, evaluation_id: str) -> dict[str, object]:
        found: dict[str, object] = (await self.owner.get(f"/v1/evaluations/{evaluation_id}")).json()
        return found

    async def carried_out(self, answers: Answer, *, turns: int = 6) -> None:
        """Let the platform look after it, and end whatever runs in between."""
        for _ in range(turns):
            await self.gateway.relay()
            for run_id, request in self.gateway.runs.requests.items():
                if not self.gateway.runs.has_ended(run_id):
                    self.gateway.runs.answer(run_id, answers(request))


@pytest.fixture
async def one(gateway: FakeGateway, owner: httpx.AsyncClient) -> Evaluated:
    return await Evaluated(gateway, owner).prepared()


async def test_a_dataset_is_kept_changed_listed_and_deleted(one: Evaluated, owner: httpx.AsyncClient) -> None:
    path = f"/v1/datasets/{one.dataset_id}"
    assert (await owner.get(path)).json()["dataset"]["checks"] == DATASET["checks"]
    (listed,) = (await owner.get("/v1/datasets")).json()["items"]
    assert (listed["name"], listed["cases"]) == ("topics", 2)
    assert (await owner.post("/v1/datasets", json=DATASET)).json()["type"] == "/problems/dataset-name-taken"
    changed = await owner.put(path, json={**DATASET, "name": "other", "cases": CASES[:1]})
    assert (changed.json()["name"], changed.json()["cases"]) == ("other", 1)
    assert (await owner.delete(path)).status_code == 204
    assert [(await owner.get(path)).status_code, (await owner.delete(path)).status_code] == [404, 404]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"cases": []}, "cases"),
        ({"cases": [{"name": "a"}, {"name": "a"}]}, ""),
        ({"checks": ["1 +"]}, "checks.0"),
        ({"cases": [{"name": "a", "checks": ["true", "("]}]}, "cases.0.checks.1"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_says_what_is_wrong_with_a_dataset(
    owner: httpx.AsyncClient, change: JsonObject, path: str
) -> None:
    answer = await owner.post("/v1/datasets", json={**DATASET, **change})
    assert answer.status_code == 422
    assert path in [error["path"].removeprefix("body.") for error in answer.json()["errors"]]


async def test_scores_every_case_and_keeps_the_result(one: Evaluated) -> None:
    evaluation_id = await one.started()
    await one.gateway.relay()
    assert cast(dict[str, object], (await one.read(evaluation_id))["evaluation"])["status"] == "running"
    await one.carried_out(right)
    found = (await one.owner.get(f"/v1/evaluations/{evaluation_id}")).json()
    evaluation = found["evaluation"]
    assert (evaluation["status"], evaluation["done"], evaluation["runs"]) == ("succeeded", 2, 2)
    assert (evaluation["version"], evaluation["workflow"]["id"]) == (1, one.workflow_id)
    harbour, pier = found["cases"]
    assert (harbour["case"], harbour["figures"]["golden"], harbour["failed"]) == ("harbour", 0.8, [])
    assert (pier["figures"]["checks"], len(pier["failed"])) == (0.5, 1)
    metrics = {line["metric"]: line for line in found["metrics"]}
    assert metrics["checks"]["now"]["mean"] == 0.75
    assert metrics["checks"]["now"]["low"] <= 0.75 <= metrics["checks"]["now"]["high"]
    assert metrics["checks"]["change"] is None
    # What is changed later changes nothing of it.
    await one.owner.delete(f"/v1/datasets/{one.dataset_id}")
    assert (await one.owner.get(f"/v1/evaluations/{evaluation_id}")).json() == found


async def test_compares_two_versions_case_by_case_and_reports(one: Evaluated) -> None:
    source = BARE.replace("hello", "good day")
    await one.owner.put(
        f"/v1/workflows/{one.workflow_id}", json={"source": source}, headers={"if-match": "*"}
    )
    evaluation_id = await one.started(version="draft", against=1)

    def answers(request: StartRun) -> JsonObject:
        return right(request) if request.version == "draft" else {"text": "always <b>the same</b>"}

    await one.carried_out(answers)
    found = (await one.owner.get(f"/v1/evaluations/{evaluation_id}")).json()
    assert (found["evaluation"]["version"], found["evaluation"]["against"]) == ("draft", 1)
    golden = next(line for line in found["metrics"] if line["metric"] == "golden")
    assert golden["change"]["mean"] == pytest.approx(golden["now"]["mean"] - golden["before"]["mean"])
    assert golden["verdict"] == "better"
    assert [len(found["cases"]), len(found["cases_before"])] == [2, 2]
    sources = {request.version: request.source for request in one.gateway.runs.requests.values()}
    assert ("good day" in sources["draft"], "good day" in sources[1]) == (True, False)
    page = await one.owner.get(f"/v1/evaluations/{evaluation_id}/report")
    assert page.headers["content-type"] == "application/octet-stream"
    name = f"evaluation-{evaluation_id}.html"
    assert page.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert "version draft against 1" in page.text
    assert "<b>" not in page.text


async def test_a_grader_judges_what_has_succeeded(gateway: FakeGateway, owner: httpx.AsyncClient) -> None:
    grader = await saved(owner, BARE.replace("name: orders", "name: grader"))
    one = await Evaluated(gateway, owner).prepared(grader=grader)
    evaluation_id = await one.started()

    def answers(request: StartRun) -> JsonObject:
        return {"score": 0.25} if request.workflow.id == grader else right(request)

    await one.carried_out(answers)
    found = (await owner.get(f"/v1/evaluations/{evaluation_id}")).json()
    assert [case["figures"]["graded"] for case in found["cases"]] == [0.25, 0.25]
    given = [one.inputs for one in gateway.runs.requests.values() if one.workflow.id == grader]
    first = {"inputs": {"topic": "harbour"}, "outputs": {"text": "the harbour"}, "golden": "the old harbour"}
    assert first in given


async def test_a_grader_without_a_score_fails_it_as_a_whole(
    gateway: FakeGateway, owner: httpx.AsyncClient
) -> None:
    grader = await saved(owner, BARE.replace("name: orders", "name: grader"))
    one = await Evaluated(gateway, owner).prepared(grader=grader)
    evaluation_id = await one.started()
    await one.carried_out(right_or({"score": "good"}, grader))
    found = (await owner.get(f"/v1/evaluations/{evaluation_id}")).json()["evaluation"]
    assert found["status"] == "failed"
    assert "gave no score: its output `score` is 'good'" in found["error"]


def right_or(graded: JsonObject, grader: str) -> Answer:
    return lambda request: graded if request.workflow.id == grader else right(request)


async def test_runs_a_few_at_a_time_and_each_once(one: Evaluated) -> None:
    cases = [{"name": f"c{number}", "inputs": {"topic": "x"}} for number in range(7)]
    body = {**DATASET, "cases": cases}
    await one.owner.put(f"/v1/datasets/{one.dataset_id}", json=body)
    await one.started(at_once=3, budget={"tokens": 50})
    for _ in range(3):
        await one.gateway.relay()
    assert len(one.gateway.runs.requests) == 3
    assert {request.budget.tokens for request in one.gateway.runs.requests.values() if request.budget} == {50}
    await one.carried_out(right)
    keys = [request.idempotency_key for request in one.gateway.runs.requests.values()]
    assert (len(keys), len(set(keys))) == (7, 7)


async def test_waits_while_the_platform_is_away_and_fails_when_a_case_is_refused(one: Evaluated) -> None:
    evaluation_id = await one.started()
    one.gateway.runs.refusals = [StorageUnavailableError("later")]
    await one.gateway.relay()
    assert (await one.owner.get(f"/v1/evaluations/{evaluation_id}")).json()["evaluation"][
        "status"
    ] == "running"
    one.gateway.runs.refusals = [refused("invalid-request", 422, "`topic` is missing")]
    await one.gateway.relay()
    found = (await one.owner.get(f"/v1/evaluations/{evaluation_id}")).json()["evaluation"]
    assert (found["status"], found["error"]) == ("failed", "Case 'harbour' was refused: `topic` is missing")


async def test_cancelling_ends_its_runs_and_starts_no_more(one: Evaluated) -> None:
    evaluation_id = await one.started(at_once=1)
    await one.gateway.relay()
    path = f"/v1/evaluations/{evaluation_id}/cancel"
    assert (await one.owner.post(path)).json()["status"] == "cancelled"
    assert (await one.owner.post(path)).json()["type"] == "/problems/evaluation-has-ended"
    await one.gateway.relay()
    (run_id,) = one.gateway.runs.requests
    run = (await one.owner.get(f"/v1/runs/{run_id}")).json()
    assert run["status"] == RunStatus.CANCELLING.value


async def test_the_same_key_is_the_same_evaluation_and_few_run_at_once(one: Evaluated) -> None:
    body = {"dataset_id": one.dataset_id, "workflow_id": one.workflow_id}
    headers = {"idempotency-key": "k1"}
    ids = [(await one.owner.post("/v1/evaluations", json=body, headers=headers)).json()["id"] for _ in "ab"]
    assert ids[0] == ids[1]
    for _ in range(MOST_RUNNING - 1):
        await one.started()
    busy = await one.start()
    assert (busy.status_code, busy.json()["type"]) == (409, "/problems/too-many-evaluations")
    page = (await one.owner.get("/v1/evaluations", params={"limit": 3})).json()
    rest = (await one.owner.get("/v1/evaluations", params={"cursor": page["next_cursor"]})).json()
    assert [len(page["items"]), len(rest["items"])] == [3, MOST_RUNNING - 3]


async def test_refuses_what_is_not_there_or_not_allowed(
    one: Evaluated, stranger: httpx.AsyncClient, as_colleague: AsMember, as_member: AsMember
) -> None:
    evaluation_id = await one.started()
    viewer = await as_colleague("viewer@example.org", Role.VIEWER)
    other = await as_member("bob@example.org", Role.OWNER)
    body = {"dataset_id": one.dataset_id, "workflow_id": one.workflow_id}
    answers = [await client.post("/v1/evaluations", json=body) for client in (stranger, viewer, other)]
    assert [answer.status_code for answer in answers] == [401, 403, 404]
    for path in ("", "/report"):
        there = f"/v1/evaluations/{evaluation_id}{path}"
        assert [(await client.get(there)).status_code for client in (stranger, viewer, other)] == [
            401,
            200,
            404,
        ]
    assert (await viewer.post(f"/v1/evaluations/{evaluation_id}/cancel")).status_code == 403
    assert (await one.start(workflow_id=new_id())).json()["type"] == "/problems/workflow-not-found"
    assert (await one.start(version=9)).json()["type"] == "/problems/version-not-found"
    assert (await one.start(dataset_id="x")).json()["type"] == "/problems/dataset-not-found"
    lost = await one.owner.post("/v1/datasets", json={**DATASET, "name": "lost", "grader": new_id()})
    answer = await one.start(dataset_id=lost.json()["id"])
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "grader")


async def test_ends_when_who_started_it_may_no_longer(
    one: Evaluated, as_colleague: AsMember, gateway: FakeGateway
) -> None:
    editor = await as_colleague("editor@example.org", Role.EDITOR)
    body = {"dataset_id": one.dataset_id, "workflow_id": one.workflow_id}
    evaluation_id = (await editor.post("/v1/evaluations", json=body)).json()["id"]
    sharing = f"/v1/workflows/{one.workflow_id}/sharing"
    await one.owner.put(sharing, json={"restricted": True}, headers={"if-match": "*"})
    assert (await editor.get(f"/v1/evaluations/{evaluation_id}")).status_code == 404
    assert (await editor.get("/v1/evaluations")).json()["items"] == []
    gateway.clock.advance(2)
    await gateway.relay()
    found = (await one.owner.get(f"/v1/evaluations/{evaluation_id}")).json()["evaluation"]
    assert (found["status"], gateway.runs.requests) == ("failed", {})
    assert "no longer shared" in found["error"]
