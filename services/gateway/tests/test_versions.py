"""Versions of a workflow, through the public interface."""

import httpx
import pytest

from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.testing.triggered import BARE, SOURCE, changed, published, saved

DENY = {"name": "no greetings", "when": "step.path == 'greet'", "effect": "deny", "message": "Be brief."}


async def test_publishes_the_draft_as_the_next_version(owner: httpx.AsyncClient) -> None:
    workflow_id = await saved(owner)
    first = await owner.post(f"/v1/workflows/{workflow_id}/publish", json={"note": "first"})
    second = await owner.post(f"/v1/workflows/{workflow_id}/publish")
    assert (first.status_code, first.json(), second.json()) == (201, {"version": 1}, {"version": 2})
    items = (await owner.get(f"/v1/workflows/{workflow_id}/versions")).json()["items"]
    assert [(item["version"], item["note"]) for item in items] == [(2, None), (1, "first")]
    assert items[0]["published_by"] == "ada@example.org"
    assert (await owner.get(f"/v1/workflows/{workflow_id}")).json()["published_version"] == 2


async def test_keeps_a_version_while_the_draft_changes(owner: httpx.AsyncClient) -> None:
    workflow_id = await published(owner)
    await changed(owner, workflow_id, BARE)
    version = (await owner.get(f"/v1/workflows/{workflow_id}/versions/1")).json()
    assert (version["source"], version["version"]) == (SOURCE, 1)
    assert len(version["document_hash"]) == 64


async def test_refuses_to_publish_a_draft_with_problems(owner: httpx.AsyncClient) -> None:
    made = await owner.post("/v1/workflows", json={"source": SOURCE.replace("transform", "transfrom")})
    answer = await owner.post(f"/v1/workflows/{made.json()['id']}/publish", json={})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-workflow")
    assert answer.json()["problems"][0]["line"] > 0


async def test_refuses_to_publish_what_names_something_the_workspace_has_not(
    owner: httpx.AsyncClient,
) -> None:
    calls = "\n  call: {workflow: other}\noutputs"
    workflow_id = await saved(
        owner, BARE.replace("\noutputs", calls).replace("steps:", "secrets: [crm]\nsteps:")
    )
    path = f"/v1/workflows/{workflow_id}/publish"
    refused = (await owner.post(path)).json()
    assert [one["code"] for one in refused["problems"]] == ["undeclared_secret", "unknown_workflow"]
    await owner.put("/v1/secrets/crm", json={"value": "v"})
    await saved(owner, BARE.replace("orders", "other"))
    assert (await owner.post(path)).status_code == 201


async def test_refuses_to_publish_what_a_rule_denies(owner: httpx.AsyncClient) -> None:
    await owner.put("/v1/rules", json={"items": [DENY]}, headers={"if-match": "*"})
    workflow_id = await saved(owner)
    answer = await owner.post(f"/v1/workflows/{workflow_id}/publish", json={})
    (problem,) = answer.json()["problems"]
    assert (answer.status_code, problem["code"], problem["path"]) == (422, "rule_denied", "steps.greet")
    assert "'no greetings'" in problem["message"] and "Be brief." in problem["message"]
    assert SOURCE.splitlines()[problem["line"] - 1].strip() == "greet:"
    await owner.put("/v1/rules", json={"items": [{**DENY, "enabled": False}]}, headers={"if-match": "*"})
    assert (await owner.post(f"/v1/workflows/{workflow_id}/publish", json={})).status_code == 201


async def test_compares_a_version_with_the_draft(owner: httpx.AsyncClient) -> None:
    workflow_id = await published(owner)
    after = SOURCE.replace("'hello'", "'good day'").replace("outputs:", "  more: {transform: 1}\noutputs:")
    await changed(owner, workflow_id, after)
    path = f"/v1/workflows/{workflow_id}/versions/diff"
    found = (await owner.get(path, params={"before": "1", "after": "draft"})).json()
    assert (found["added"], found["removed"], found["changed"]) == (["more"], [], ["greet"])
    assert "+    transform: \"${'good day'}\"" in found["unified"]
    same = (await owner.get(path, params={"before": "draft", "after": "draft"})).json()
    assert (same["unified"], same["changed"]) == ("", [])


async def test_makes_a_version_the_draft_again(owner: httpx.AsyncClient) -> None:
    workflow_id = await published(owner)
    await changed(owner, workflow_id, BARE)
    path = f"/v1/workflows/{workflow_id}/restore"
    etag = (await owner.get(f"/v1/workflows/{workflow_id}")).json()["etag"]
    without = await owner.post(path, json={"version": 1})
    stale = await owner.post(path, json={"version": 1}, headers={"if-match": '"r1"'})
    missing = await owner.post(path, json={"version": 9}, headers={"if-match": etag})
    restored = await owner.post(path, json={"version": 1}, headers={"if-match": etag})
    assert [answer.status_code for answer in (without, stale, missing, restored)] == [428, 412, 404, 200]
    assert restored.json()["source"] == SOURCE
    assert restored.headers["etag"] == restored.json()["etag"] != etag


async def test_runs_the_published_version_unless_told_otherwise(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    workflow_id = await published(owner)
    await changed(owner, workflow_id, BARE)
    path = f"/v1/workflows/{workflow_id}/runs"
    bodies: list[dict[str, object]] = [{}, {"version": 1}, {"version": "draft"}]
    runs = [(await owner.post(path, json=body)).json()["version"] for body in bodies]
    assert runs == [1, 1, "draft"]
    assert [request.source for request in gateway.runs.started] == [SOURCE, SOURCE, BARE]
    assert (await owner.post(path, json={"version": 2})).status_code == 404


async def test_passes_on_what_a_run_is_told(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    workflow_id = await published(owner)
    origin = {"run_id": new_id(), "step": "greet"}
    body = {
        "priority": 5,
        "budget": {"tokens": 10},
        "until_step": "greet",
        "from": origin,
        "pins": {"greet": None},
    }
    answer = await owner.post(f"/v1/workflows/{workflow_id}/runs", json=body)
    assert answer.status_code == 202, answer.text
    (request,) = gateway.runs.started
    assert (request.priority, request.until_step, request.pins) == (5, "greet", {"greet": None})
    assert request.budget is not None and request.budget.tokens == 10
    assert request.from_ is not None and request.from_.model_dump() == origin
    assert (request.actor.email, request.actor.roles) == ("ada@example.org", ["owner"])


ROUTES = [
    ("POST", "publish", {}),
    ("GET", "versions", None),
    ("GET", "versions/1", None),
    ("GET", "versions/diff?before=1&after=1", None),
    ("POST", "restore", {"version": 1}),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_answers_404_when_there_is_no_such_workflow(
    owner: httpx.AsyncClient, as_member: AsMember, *, method: str, path: str, body: object
) -> None:
    workflow_id = await published(owner)
    other = await as_member("bob@example.org", Role.OWNER)
    answer = await other.request(method, f"/v1/workflows/{workflow_id}/{path}", json=body)
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/workflow-not-found")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "versions/2", 404),
        ("GET", "versions/0", 422),
        ("GET", "versions/99999999999", 422),
        ("GET", "versions/diff?before=1&after=x", 422),
        ("GET", "versions/diff?before=1", 422),
        ("GET", "versions/diff?before=1&after=7", 404),
        ("GET", "versions?cursor=odd", 422),
    ],
)
async def test_refuses_versions_that_are_not_there(
    owner: httpx.AsyncClient, *, method: str, path: str, status: int
) -> None:
    answer = await owner.request(method, f"/v1/workflows/{await published(owner)}/{path}")
    assert answer.status_code == status


async def test_lets_only_editors_publish_and_restore(as_member: AsMember) -> None:
    for role, status in ((Role.OPERATOR, 403), (Role.VIEWER, 403), (Role.EDITOR, 404)):
        client = await as_member(f"{role}@example.org", role)
        path = f"/v1/workflows/{new_id()}"
        assert (await client.post(f"{path}/publish")).status_code == status
        assert (await client.post(f"{path}/restore", json={"version": 1})).status_code == status
        assert (await client.get(f"{path}/versions")).status_code == 404
