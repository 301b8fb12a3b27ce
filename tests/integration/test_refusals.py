"""Bad input and bad luck: every refusal says what is wrong, and nothing accepted is lost."""

import asyncio
import json
import socket
import time

import httpx
import pytest

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Fault, Rule
from flowloom_contracts.problem import Problem
from flowloom_contracts.runs import Run, RunStatus
from tests.integration import documents, invariants
from tests.integration.api import PublicApi
from tests.integration.shell import flowloom
from tests.integration.stack import Stack
from tests.integration.waiting import until

NOWHERE = "01890000-0000-7000-8000-000000000000"


def _problem(answer: httpx.Response, status: int) -> Problem:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert "Traceback" not in answer.text
    return Problem.model_validate_json(answer.content)


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/workflows/{NOWHERE}",
        f"/v1/runs/{NOWHERE}",
        f"/v1/runs/{NOWHERE}/steps",
        f"/v1/runs/{NOWHERE}/events",
        f"/v1/runs/{NOWHERE}/snapshot",
        f"/v1/runs/{NOWHERE}/stream",
        "/v1/collections/nowhere",
        "/nothing/here",
    ],
)
async def test_answers_404_when_nothing_is_there(api: PublicApi, path: str) -> None:
    _problem(await api.http.get(path), 404)


async def test_answers_404_when_an_unknown_workflow_is_started(api: PublicApi) -> None:
    _problem(await api.request_start(NOWHERE, {}), 404)


async def test_answers_401_when_nobody_is_signed_in(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False) as client:
        for path in ("/v1/me", "/v1/workflows", "/v1/runs", f"/v1/runs/{NOWHERE}/stream"):
            _problem(await client.get(path), 401)


async def test_lists_the_problems_of_a_document_with_their_places(api: PublicApi) -> None:
    answer = await api.http.post("/v1/validate", json={"source": documents.WRONG})
    problems = answer.json()["problems"]
    by_code = {problem["code"]: problem for problem in problems}
    assert {"unknown_field", "unknown_step"} <= set(by_code)
    assert by_code["unknown_field"]["line"] == 5
    assert "prompt" in str(by_code["unknown_field"]["hint"])
    assert by_code["unknown_step"]["path"] == "steps.two.prompt"


@pytest.mark.parametrize("source", [documents.WRONG, documents.NOT_YAML, documents.SECRET_IN_A_PROMPT])
async def test_keeps_a_wrong_document_as_a_draft_that_does_not_run(api: PublicApi, source: str) -> None:
    stored = await api.http.post("/v1/workflows", json={"source": source})
    assert stored.status_code == 201, stored.text
    workflow = stored.json()
    assert workflow["draft_valid"] is False
    assert workflow["source"] == source
    refused = _problem(await api.request_start(workflow["id"], {"key": "x"}), 422)
    assert refused.problems
    await api.http.delete(f"/v1/workflows/{workflow['id']}")


async def test_names_a_secret_in_the_wrong_place(api: PublicApi) -> None:
    answer = await api.http.post("/v1/validate", json={"source": documents.SECRET_IN_A_PROMPT})
    assert [problem["code"] for problem in answer.json()["problems"]] == ["secret_not_allowed_here"]


async def test_refuses_inputs_that_do_not_match(api: PublicApi) -> None:
    workflow = await api.save(documents.CHAIN)
    refused = _problem(await api.request_start(workflow.id, {"key": 7}), 422)
    assert refused.errors is not None
    assert "key" in refused.errors[0].path


async def test_starts_one_run_when_one_key_is_used_by_twenty(
    api: PublicApi, model: MockModel, key: str
) -> None:
    workflow = await api.save(documents.CHAIN)
    runs = await asyncio.gather(*(api.start(workflow.id, {"key": key}, key=key) for _ in range(20)))
    again = await api.start(workflow.id, {"key": key}, key=key)
    assert {run.id for run in runs} == {again.id}
    _problem(await api.request_start(workflow.id, {"key": f"{key}-other"}, key=key), 409)
    await api.finished(again.id)
    assert {marker: counts["asked"] for marker, counts in (await model.counts(key)).items()} == {
        f"{key}/{step}": 1 for step in ("one", "two", "three")
    }


async def test_fails_with_upstream_after_retries_when_the_model_always_breaks(
    api: PublicApi, model: MockModel, key: str
) -> None:
    await model.script(Rule(name=key, match=key, fault=Fault(status=500)))
    workflow = await api.save(documents.IMPATIENT)
    run = await api.finished((await api.start(workflow.id, {"key": key})).id)
    assert run.error is not None
    assert (run.error.code, run.error.step) == ("upstream", "ask")
    assert (await model.counts(key))[f"{key}/ask"]["asked"] == 2
    assert (await api.steps(run.id))["ask"].attempt == 2


async def test_fails_with_upstream_after_retries_when_no_model_listens(
    api: PublicApi, stack: Stack, key: str
) -> None:
    workflow = await api.save(documents.IMPATIENT)
    stack.mock.stop()
    try:
        run = await api.finished((await api.start(workflow.id, {"key": key})).id)
    finally:
        await stack.mock.start()
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert run.error.code == "upstream"
    assert (await api.steps(run.id))["ask"].attempt == 2


async def test_goes_on_after_a_rate_limit_and_a_broken_stream(
    api: PublicApi, model: MockModel, key: str
) -> None:
    await model.script(
        Rule(
            name=key,
            match=key,
            mode="stream",
            texts=["all is well"],
            fault=Fault(cut_after_tokens=1),
            fault_times=1,
        )
    )
    workflow = await api.save(documents.IMPATIENT)
    run = await api.finished((await api.start(workflow.id, {"key": key})).id)
    assert run.status is RunStatus.SUCCEEDED, run.error
    events = await api.history(run.id)
    assert "step.retrying.v1" in {event.type for event in events}
    invariants.text_equals_output(events, await api.steps(run.id))


async def test_says_503_while_postgres_is_down_and_goes_on_after(
    api: PublicApi, model: MockModel, stack: Stack, key: str
) -> None:
    await model.script(Rule(name=key, match=key, mode="stream", tokens=100))
    workflow = await api.save(documents.CREW)
    run = await api.start(workflow.id, {"key": key})
    async for _, event in api.stream(run.id):
        if event.type == "step.delta.v1":
            break
    await stack.hold("postgres")
    try:
        began = time.monotonic()
        refused = await api.request_start(workflow.id, {"key": f"{key}-late"}, key=f"{key}-late")
        problem = _problem(refused, 503)
        assert time.monotonic() - began < 5
        assert "retry-after" in refused.headers
        assert problem.type == "/problems/storage-unavailable" or problem.code == "storage_unavailable"
    finally:
        await stack.release("postgres")

    async def is_back() -> bool:
        """Whoever read meanwhile was told to come again; connections are made anew one after the other."""
        return (await api.http.get(f"/v1/runs/{run.id}")).status_code == 200

    await until(is_back, within_s=15, what="reads after Postgres is back")
    done = await api.finished(run.id, within_s=60)
    invariants.all_succeeded([done])
    events = await api.history(run.id)
    invariants.is_dense(events)
    invariants.ends_once(events, done)
    late = Run.model_validate_json(
        (await api.request_start(workflow.id, {"key": f"{key}-late"}, key=f"{key}-late")).content
    )
    invariants.all_succeeded([await api.finished(late.id)])


async def test_command_line_lists_problems_of_a_wrong_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("files") / "wrong.yaml"
    file.write_text(documents.WRONG)
    told = await flowloom("validate", str(file), "--json")
    assert told.code == 1
    assert {problem["code"] for problem in json.loads(told.out)["problems"]} >= {
        "unknown_field",
        "unknown_step",
    }
    plain = await flowloom("validate", str(file))
    assert plain.code == 1
    assert "5:" in plain.out + plain.err
    assert "Traceback" not in plain.out + plain.err


async def test_command_line_runs_a_file_to_its_end(
    stack: Stack, model: MockModel, key: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("files") / "chain.yaml"
    file.write_text(documents.CHAIN)
    access = {"FLOWLOOM_URL": stack.url, "FLOWLOOM_API_KEY": stack.api_key}
    told = await flowloom("run", str(file), "--input", f"key={key}", "--json", env=access)
    assert told.code == 0, told.err
    run = Run.model_validate_json(told.out)
    assert run.status is RunStatus.SUCCEEDED
    assert str((run.outputs or {})["last"]).startswith(f"[{key}/three]")


async def test_command_line_says_who_has_the_port(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("home")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 25001))
        taken.listen()
        env = {"FLOWLOOM_HOME": str(home), "FLOWLOOM_PORT_BASE": "25000", "FLOWLOOM_PORT": "25020"}
        told = await flowloom("up", "--detach", env=env)
    assert told.code == 2, told.out + told.err
    assert "25001" in told.out + told.err
    assert "python" in (told.out + told.err).lower()
