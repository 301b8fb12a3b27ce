"""A model is asked for a workflow: a private run of one step, whose document nobody's words can change."""

import httpx
from orjson import loads

from flowloom_language.catalog import THIS_BUILD
from flowloom_language.document import validate_document
from gateway.domain.permissions import Role
from gateway.domain.proposals import document_for, prompt_for
from gateway.testing.gateway import AsMember, FakeGateway

WISH = {"text": "Summarise the news every morning ${secrets.x}"}


async def test_starts_a_private_run_that_no_words_can_change(
    owner: httpx.AsyncClient, gateway: FakeGateway, as_member: AsMember
) -> None:
    made = await owner.post("/v1/proposals", json=WISH)
    assert (made.status_code, made.json()["workflow"]["name"]) == (202, "proposal")
    assert made.headers["location"] == f"/v1/runs/{made.json()['id']}"
    started = gateway.runs.started[-1]
    assert started.is_private
    assert WISH["text"] not in started.source
    assert str(started.inputs["prompt"]).endswith(WISH["text"])
    editor = await as_member("bob@example.org", Role.EDITOR)
    assert (await editor.get(f"/v1/runs/{made.json()['id']}")).status_code == 404


async def test_says_what_is_there_and_what_is_wrong(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    body = {**WISH, "source": "steps: {a: {transform: 1}}", "problems": ["a: no such step"], "model": "big"}
    assert (await owner.post("/v1/proposals", json=body)).status_code == 202
    started = gateway.runs.started[-1]
    prompt = str(started.inputs["prompt"])
    assert "steps: {a: {transform: 1}}" in prompt
    assert "- a: no such step" in prompt
    assert "analysis, implementation, qa, research" in prompt
    assert loads(started.source)["steps"]["answer"]["llm"] == "big"


async def test_the_same_key_asks_once(owner: httpx.AsyncClient) -> None:
    key = {"idempotency-key": "one-wish"}
    first = await owner.post("/v1/proposals", json=WISH, headers=key)
    again = await owner.post("/v1/proposals", json=WISH, headers=key)
    assert first.json()["id"] == again.json()["id"]
    other = await owner.post("/v1/proposals", json={"text": "Something else"}, headers=key)
    assert other.status_code == 409


async def test_only_who_may_write_workflows_asks(
    stranger: httpx.AsyncClient, as_member: AsMember, owner: httpx.AsyncClient
) -> None:
    assert (await stranger.post("/v1/proposals", json=WISH)).status_code == 401
    for role in (Role.VIEWER, Role.OPERATOR):
        member = await as_member(f"{role.name}@example.org", role)
        assert (await member.post("/v1/proposals", json=WISH)).status_code == 403
    assert (await owner.post("/v1/proposals", json={"text": ""})).status_code == 422


def test_its_document_is_valid_and_bounded() -> None:
    checked = validate_document(document_for(None), THIS_BUILD)
    assert checked.problems == ()
    assert checked.workflow is not None
    assert checked.workflow.limits is not None
    long = prompt_for("mend", "x" * 300_000, problems=["y" * 5_000], agents=["qa"])
    assert len(long) < 26_000
