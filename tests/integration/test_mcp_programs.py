"""On the real platform a program of the operator's file serves tools, and dies with the orchestrator."""

from typing import Final

import psutil

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import PlannedCall, Rule
from flowloom_contracts.runs import RunStatus
from tests.integration.api import PublicApi
from tests.integration.stack import PROGRAM, Stack
from tests.integration.waiting import until

DOCUMENT: Final = """apiVersion: flowloom/v1
kind: Workflow
metadata: {{name: desk-{key}}}
steps:
  add: {{tool: mcp/desk.add, with: {{a: 2, b: 3}}}}
  tell:
    agent: research
    prompt: "tell-{key}: how much is ${{steps.add.output.sum}} and 40?"
    tools: [mcp/desk.add]
outputs: {{sum: "${{steps.add.output.sum}}", told: "${{steps.tell.output}}"}}
"""


def programs() -> list[int]:
    """Return the processes that play the server."""
    found = psutil.process_iter(["pid", "cmdline"])
    return [one.pid for one in found if PROGRAM in (one.info["cmdline"] or [])]


async def test_a_program_serves_a_step_and_an_agent_and_ends_with_the_orchestrator(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    call = PlannedCall(name="mcp_desk_add", arguments={"a": 5, "b": 40})
    await model.script(
        Rule(name=f"end-{key}", match='"sum": 45', texts=["45."]),
        Rule(name=f"tell-{key}", match=f"tell-{key}", calls=[call]),
    )
    listed = (await api.http.get("/v1/mcp-servers")).json()["programs"]
    assert [one["name"] for one in listed] == ["desk"]
    assert PROGRAM not in str(listed)
    workflow = await api.save(DOCUMENT.format(key=key))
    assert workflow.draft_valid, workflow.problems
    await _succeeds(api, workflow.id)
    (pid,) = programs()
    psutil.Process(pid).kill()
    await _succeeds(api, workflow.id)
    assert len(programs()) == 1 and programs() != [pid]
    await stack.kill("orchestrator")
    await until(_none_is_left, within_s=10, what="the end of the program after a kill of the orchestrator")
    await _succeeds(api, workflow.id)
    await stack.restart("orchestrator")
    await until(_none_is_left, within_s=10, what="the end of the program with the orchestrator")


async def _none_is_left() -> bool:
    return not programs()


async def _succeeds(api: PublicApi, workflow_id: str) -> None:
    ended = await api.finished((await api.start(workflow_id, {})).id, within_s=90)
    assert ended.status is RunStatus.SUCCEEDED, ended.error
    assert ended.outputs == {"sum": 5, "told": "45."}
    called = [event for event in await api.history(ended.id) if event.type == "tool.called.v1"]
    assert [event.data.name for event in called] == ["mcp/desk.add", "mcp/desk.add"]
