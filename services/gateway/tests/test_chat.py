"""Conversations through the public interface: branches, queues, stops, and whose they are."""

import httpx
import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.chat import Message, MessageList, Turn
from flowloom_contracts.events import RunFinished
from flowloom_contracts.runs import RunStatus
from flowloom_language.catalog import THIS_BUILD
from flowloom_language.document import validate_document
from flowloom_servicekit.errors import StorageUnavailableError, UpstreamError
from flowloom_servicekit.ids import new_id
from gateway.chat_ports import Answer
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway

AGENT = {"kind": "agent", "agent": "research"}
WORKFLOW = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: echo}
inputs: {type: object, properties: {message: {type: string}}}
steps: {say: {transform: "${inputs.message}"}}
outputs: {text: "${steps.say.output}"}
"""


async def begun(client: httpx.AsyncClient, **more: object) -> str:
    answer = await client.post("/v1/conversations", json={"target": AGENT, **more})
    assert answer.status_code == 201, answer.text
    return f"/v1/conversations/{answer.json()['id']}"


async def said(client: httpx.AsyncClient, path: str, text: str, **more: object) -> Turn:
    answer = await client.post(f"{path}/messages", json={"text": text, **more})
    assert answer.status_code == 202, answer.text
    return Turn.model_validate(answer.json())


async def heard(client: httpx.AsyncClient, path: str) -> list[Message]:
    answer = await client.get(f"{path}/messages")
    return MessageList.model_validate(answer.json()).items


def prompts(gateway: FakeGateway) -> list[str]:
    return [str(request.inputs["prompt"]) for request in gateway.runs.started]


async def answered(gateway: FakeGateway, client: httpx.AsyncClient, path: str, text: str) -> Message:
    """Let the newest run of a conversation end well; returns its answer."""
    running = next(one for one in await heard(client, path) if one.status == "running")
    gateway.runs.answer(str(running.run_id), {"text": text})
    return next(one for one in await heard(client, path) if one.id == running.id)


async def test_an_answer_is_a_run_and_remembers_what_was_said(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    path = await begun(owner)
    turn = await said(owner, path, "What is a bee?")
    assert (turn.answer.status, turn.message.parent_id) == ("running", None)
    answer = await answered(gateway, owner, path, "An insect.")
    assert (answer.text, answer.status) == ("An insect.", "done")
    await said(owner, path, "And a wasp?")
    assert prompts(gateway) == [
        "What is a bee?",
        "Earlier in this conversation:\nUser: What is a bee?\nAssistant: An insect.\n\nAnd a wasp?",
    ]
    assert (await owner.get(path)).json()["title"] == "What is a bee?"
    assert "agent: research" in gateway.runs.started[0].source


async def test_a_message_takes_the_place_of_another_in_a_branch(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    path = await begun(owner)
    first = await said(owner, path, "one")
    kept = await answered(gateway, owner, path, "1")
    second = await said(owner, path, "two")
    await answered(gateway, owner, path, "2")
    edited = await said(owner, path, "zwei", edits=second.message.id)
    assert edited.message.parent_id == kept.id
    assert "two" not in prompts(gateway)[-1]
    await answered(gateway, owner, path, "II")
    back = await said(owner, path, "three", after=kept.id)
    assert "zwei" not in prompts(gateway)[-1]
    assert back.message.parent_id == kept.id
    assert len(await heard(owner, path)) == 8
    wrong = await owner.post(f"{path}/messages", json={"text": "x", "edits": kept.id})
    gone = await owner.post(f"{path}/messages", json={"text": "x", "after": new_id()})
    assert (wrong.status_code, gone.status_code) == (404, 404)
    assert first.message.id != second.message.id


async def test_another_answer_stands_beside_the_first(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    path = await begun(owner)
    await said(owner, path, "one")
    first = await answered(gateway, owner, path, "1")
    again = await owner.post(f"{path}/messages/{first.id}/regenerate", json={"model": 'large: "x"'})
    assert again.json()["answer"]["parent_id"] == first.parent_id
    assert 'model: "large: \\"x\\""' in gateway.runs.started[-1].source
    other = await owner.post(f"{path}/messages/{first.parent_id}/regenerate")
    assert other.status_code == 404


async def test_a_message_waits_for_the_answer_before_it(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    path = await begun(owner)
    await said(owner, path, "one")
    waiting = await said(owner, path, "two")
    assert waiting.answer.status == "queued"
    assert len(gateway.runs.started) == 1
    await answered(gateway, owner, path, "1")
    assert "Assistant: 1" in prompts(gateway)[1]


async def test_a_message_can_stop_the_answer_before_it(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    path = await begun(owner, while_running="interrupt")
    first = await said(owner, path, "one")
    run_id = str(first.answer.run_id)
    await gateway.runs.happen(run_id, "run.started.v1", RunStatus.RUNNING)
    await gateway.runs.say(run_id, "Half an ans", step="answer")
    await said(owner, path, "two")
    assert [command.run_id for command in gateway.runs.commands] == [run_id]
    await gateway.runs.happen(run_id, "run.finished.v1", RunStatus.CANCELLED)
    stopped = (await heard(owner, path))[1]
    assert (stopped.status, stopped.text) == ("stopped", "Half an ans")
    assert len(gateway.runs.started) == 2


async def test_a_message_can_be_refused_during_an_answer(owner: httpx.AsyncClient) -> None:
    path = await begun(owner, while_running="reject")
    await said(owner, path, "one")
    refused = await owner.post(f"{path}/messages", json={"text": "two"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/answer-in-progress")
    assert len(await heard(owner, path)) == 2


async def test_stops_what_runs_and_what_waits(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    path = await begun(owner)
    first, second = await said(owner, path, "one"), await said(owner, path, "two")
    waiting = second.answer.id
    stopped = await owner.post(f"{path}/messages/{waiting}/stop")
    assert (stopped.status_code, stopped.json()["status"]) == (202, "stopped")
    running = first.answer.id
    assert (await owner.post(f"{path}/messages/{running}/stop")).status_code == 202
    assert len(gateway.runs.commands) == 1


async def test_what_is_known_is_cited(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    sent = {"file": ("plan.txt", b"the turbine needs bearings")}
    document = (await owner.post("/v1/documents", data={"collection": "plans"}, files=sent)).json()
    path = await begun(owner, memory={"enabled": True})
    await said(owner, path, "the turbine please")
    await said(owner, path, "no matter")
    answer = await answered(gateway, owner, path, "Bearings [1].")
    (cited,) = answer.citations
    assert (cited.n, cited.citation.document_id) == (1, document["id"])
    assert "[1] plan.txt, page 1\nthe turbine needs bearings" in prompts(gateway)[0]


async def test_attachments_are_drawn_on_without_memory(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    ids = []
    for name in ("a.txt", "b.txt"):
        sent = {"file": (name, b"the turbine needs bearings")}
        ids.append((await owner.post("/v1/documents", data={"collection": "c"}, files=sent)).json()["id"])
    path = await begun(owner)
    await said(owner, path, "the turbine please", attachments=ids[:1])
    answer = await answered(gateway, owner, path, "Yes.")
    assert [one.citation.name for one in answer.citations] == ["a.txt"]
    unknown = await owner.post(f"{path}/messages", json={"text": "x", "attachments": [new_id()]})
    assert unknown.status_code == 404


async def test_an_agent_may_start_the_workflows_that_its_person_names(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    path = await begun(owner, target={**AGENT, "workflows": ["daily-report", "echo"]})
    await said(owner, path, "Make the report.")
    source = gateway.runs.started[-1].source
    assert "tools: [workflow/daily-report, workflow/echo]" in source
    validated = validate_document(source, THIS_BUILD)
    assert validated.workflow is not None, validated.problems
    plain = await begun(owner)
    await said(owner, plain, "Make the report.")
    assert "tools:" not in gateway.runs.started[-1].source
    for wrong in ("a], b", "A", "../x", ""):
        target = {"target": {**AGENT, "workflows": [wrong]}}
        assert (await owner.post("/v1/conversations", json=target)).status_code == 422


async def test_a_workflow_answers(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    made = await owner.post("/v1/workflows", json={"source": WORKFLOW})
    target = {"kind": "workflow", "workflow_id": made.json()["id"]}
    path = await begun(owner, target=target)
    await said(owner, path, "hello")
    assert gateway.runs.started[0].inputs == {"message": "hello"}
    assert (await answered(gateway, owner, path, "hello")).text == "hello"


async def test_a_workflow_that_is_gone_is_a_failed_answer(owner: httpx.AsyncClient) -> None:
    path = await begun(owner, target={"kind": "workflow", "workflow_id": new_id()})
    turn = await said(owner, path, "hello")
    assert turn.answer.status == "failed"
    assert turn.answer.error is not None
    assert turn.answer.error.code == "/problems/workflow-not-found"


async def test_the_same_key_says_it_once(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    path = await begun(owner)
    turns = [
        await owner.post(f"{path}/messages", json={"text": "one"}, headers={"idempotency-key": "k"})
        for _ in range(2)
    ]
    assert turns[0].json()["answer"]["id"] == turns[1].json()["answer"]["id"]
    assert len(await heard(owner, path)) == 2
    assert len(gateway.runs.started) == 1


async def test_a_turn_that_is_stored_is_answered_though_nothing_can_be_read_after_it(
    owner: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object) -> None:
        raise StorageUnavailableError("all connections to the database are in use")

    path = await begun(owner)
    with monkeypatch.context() as patched:
        for name in ("message", "replace"):
            patched.setattr(gateway.desk.conversations, name, busy)
        turn = await said(owner, path, "one")
    assert (turn.message.text, turn.answer.status) == ("one", "queued")
    gateway.clock.advance(10)
    await gateway.relay()
    messages = await heard(owner, path)
    assert [one.id for one in messages] == [turn.message.id, turn.answer.id]
    assert (await owner.get(path)).json()["title"] == "one"
    assert len(gateway.runs.started) == 1


async def test_a_known_key_stops_what_the_first_attempt_could_not(
    owner: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StorageUnavailableError("away")

    path = await begun(owner, while_running="interrupt")
    first = await said(owner, path, "one")
    body, key = {"text": "two"}, {"idempotency-key": "k"}
    with monkeypatch.context() as patched:
        patched.setattr(gateway.runs, "cancel", away)
        refused = await owner.post(f"{path}/messages", json=body, headers=key)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert (await owner.post(f"{path}/messages", json=body, headers=key)).status_code == 202
    assert [command.run_id for command in gateway.runs.commands] == [first.answer.run_id]
    await gateway.runs.happen(str(first.answer.run_id), "run.finished.v1", RunStatus.CANCELLED)
    answers = [one for one in await heard(owner, path) if one.role == "assistant"]
    assert [one.status for one in answers] == ["stopped", "running"]


async def test_a_message_that_could_not_stop_the_answer_was_not_said(
    owner: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StorageUnavailableError("away")

    path = await begun(owner, while_running="interrupt")
    first = await said(owner, path, "one")
    with monkeypatch.context() as patched:
        patched.setattr(gateway.runs, "cancel", away)
        refused = await owner.post(f"{path}/messages", json={"text": "two"})
    assert refused.status_code == 503
    assert len(await heard(owner, path)) == 2, "nothing was kept"
    await said(owner, path, "two")
    assert [command.run_id for command in gateway.runs.commands] == [first.answer.run_id]
    await gateway.runs.happen(str(first.answer.run_id), "run.finished.v1", RunStatus.CANCELLED)
    messages = await heard(owner, path)
    assert [one.text for one in messages if one.role == "user"] == ["one", "two"]
    assert [one.status for one in messages if one.role == "assistant"] == ["stopped", "running"]


async def test_what_was_said_is_not_refused_because_of_an_answer_that_began_meanwhile(
    owner: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await begun(owner, while_running="interrupt")
    looks: list[list[Answer]] = [[]]
    in_flight = gateway.desk.conversations.in_flight

    async def late(*where: str) -> list[Answer]:
        return looks.pop() if looks else await in_flight(*where)

    async def away(*_: object) -> None:
        raise StorageUnavailableError("away")

    await said(owner, path, "one")
    with monkeypatch.context() as patched:
        patched.setattr(gateway.desk.conversations, "in_flight", late)
        patched.setattr(gateway.runs, "cancel", away)
        second = await said(owner, path, "two")
    assert second.answer.status == "queued"
    assert [one.text for one in await heard(owner, path) if one.role == "user"] == ["one", "two"]


async def test_what_cannot_begin_now_begins_later(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    gateway.runs.refusals.append(UpstreamError("away"))
    path = await begun(owner)
    assert (await said(owner, path, "one")).answer.status == "queued"
    gateway.clock.advance(10)
    await gateway.relay()
    assert len(gateway.runs.started) == 1


async def test_an_end_that_is_told_begins_the_next(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    path = await begun(owner)
    first = await said(owner, path, "one")
    await said(owner, path, "two")
    run_id = str(first.answer.run_id)
    gateway.runs.answer(run_id, {"text": "1"})
    ended = RunFinished(
        run_id=run_id,
        workspace_id=gateway.runs.started[0].actor.workspace_id,
        workflow_id=path.rpartition("/")[2],
        status=RunStatus.SUCCEEDED,
        at=gateway.clock.now(),
    )
    await gateway.opened.answers.run_ended(ended)
    assert len(gateway.runs.started) == 2


async def test_a_conversation_is_its_makers_alone(
    owner: httpx.AsyncClient, as_member: AsMember, gateway: FakeGateway
) -> None:
    path = await begun(owner)
    await said(owner, path, "a secret")
    other = await as_member("bob@example.org", Role.ADMIN)
    answers = [
        await other.get(path),
        await other.get(f"{path}/messages"),
        await other.post(f"{path}/messages", json={"text": "x"}),
        await other.patch(path, json={"title": "x"}),
        await other.delete(path),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert (await other.get("/v1/conversations")).json()["items"] == []
    viewer = await as_member("eve@example.org", Role.VIEWER)
    assert (await viewer.post("/v1/conversations", json={"target": AGENT})).status_code == 403


async def test_a_conversation_is_changed_and_deleted(owner: httpx.AsyncClient) -> None:
    path = await begun(owner, title="Bees")
    changed = await owner.patch(path, json={"title": "Wasps", "memory": {"enabled": True}})
    assert (changed.json()["title"], changed.json()["target"]) == (
        "Wasps",
        {**AGENT, "model": None, "workflows": []},
    )
    assert changed.json()["memory"]["enabled"] is True
    assert (await owner.delete(path)).status_code == 204
    assert (await owner.get(path)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"target": {"kind": "agent", "agent": "x\nsteps: {}"}},
        {"target": {"kind": "other"}},
        {"target": AGENT, "while_running": "wait"},
        {"target": AGENT, "user_id": "u"},
    ],
)
async def test_a_conversation_that_is_not_valid_is_refused(
    owner: httpx.AsyncClient, body: JsonObject
) -> None:
    assert (await owner.post("/v1/conversations", json=body)).status_code == 422
