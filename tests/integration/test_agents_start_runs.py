"""In a conversation an agent starts a workflow on the real platform, once, after its person has said yes."""

import json
from typing import Final

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import PlannedCall, Rule
from flowloom_contracts.approvals import Approval, ApprovalList
from flowloom_contracts.chat import Conversation, Message, MessageList, Turn
from flowloom_contracts.runs import RunStatus
from tests.integration.api import PublicApi
from tests.integration.test_people_and_money import decide
from tests.integration.waiting import until

SOURCE: Final = """apiVersion: flowloom/v1
kind: Workflow
metadata: {{name: report-{key}}}
inputs: {{type: object, required: [day], properties: {{day: {{type: string}}}}}}
steps: {{say: {{transform: "${{inputs.day}}"}}}}
outputs: {{day: "${{steps.say.output}}"}}
"""


async def test_an_agent_starts_a_workflow_after_its_person_has_said_yes(
    api: PublicApi, model: MockModel, key: str
) -> None:
    workflow = await api.save(SOURCE.format(key=key))
    published = await api.http.post(f"/v1/workflows/{workflow.id}/publish", json={})
    assert published.status_code in (200, 201), published.text
    start = PlannedCall(name=f"workflow_report_{key}", arguments={"day": f"monday-{key}"})
    # The first that matches wins: what the tool has answered is in the second prompt.
    await model.script(
        Rule(name=f"done-{key}", match='"run_id"', texts=[f"It runs, {key}."]),
        Rule(name=f"start-{key}", match=f"Make the report {key}", calls=[start]),
    )
    target = {"kind": "agent", "agent": "research", "workflows": [f"report-{key}"]}
    begun = await api.http.post("/v1/conversations", json={"target": target})
    assert begun.status_code == 201, begun.text
    path = f"/v1/conversations/{Conversation.model_validate_json(begun.content).id}/messages"
    said = await api.http.post(path, json={"text": f"Make the report {key}"})
    turn = Turn.model_validate_json(said.content)

    async def asked() -> Approval | None:
        items = ApprovalList.model_validate_json((await api.http.get("/v1/approvals")).content).items
        return next((item for item in items if key in json.dumps(item.values)), None)

    item = await until(asked, within_s=60, what="the question whether the run may start")
    assert item is not None
    assert await _started(api, workflow.id) == []
    decided = await decide(api, item, {"decision": "approve"})
    assert decided.status_code == 200, decided.text

    async def answered() -> Message | None:
        messages = MessageList.model_validate_json((await api.http.get(path)).content).items
        answer = next(one for one in messages if one.id == turn.answer.id)
        return answer if answer.status in ("done", "failed") else None

    answer = await until(answered, within_s=60, what="the answer")
    assert answer is not None and (answer.status, answer.text) == ("done", f"It runs, {key}."), answer
    (run_id,) = await _started(api, workflow.id)
    run = await api.finished(run_id)
    assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"day": f"monday-{key}"})
    calls = [event for event in await api.history(str(answer.run_id)) if event.type == "tool.called.v1"]
    assert [(event.data.name, event.data.run_id) for event in calls] == [(f"workflow/report-{key}", run_id)]


async def _started(api: PublicApi, workflow_id: str) -> list[str]:
    listed = await api.http.get("/v1/runs", params={"workflow_id": workflow_id})
    return [item["id"] for item in listed.json()["items"]]
