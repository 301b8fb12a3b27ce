"""On the real platform a run speaks with the words of the workspace's agent, as they were when it began."""

from typing import Final

from benchmarks.mock_llm.control import MockModel
from flowloom_contracts.runs import Run, RunStatus
from tests.integration.api import PublicApi

SOURCE: Final = """apiVersion: flowloom/v1
kind: Workflow
metadata: {{name: own-{key}}}
steps:
  pause: {{wait: {{for: 2s}}}}
  judge: {{needs: [pause], agent: critic-{key}, prompt: "judge-{key}"}}
outputs: {{said: "${{steps.judge.output}}"}}
"""


async def test_a_run_keeps_the_agent_of_its_workspace_as_it_was_accepted(
    api: PublicApi, model: MockModel, key: str
) -> None:
    name = f"/v1/agents/critic-{key}"
    body = {"kind": "qa", "role": "Harbour pilot", "goal": f"Steer first-{key}", "backstory": "Calm."}
    made = await api.http.put(name, json=body)
    assert made.status_code == 201, made.text
    workflow = await api.save(SOURCE.format(key=key))
    assert workflow.draft_valid, workflow.problems
    first = await api.start(workflow.id, {})
    changed = {**body, "goal": f"Steer second-{key}"}
    answer = await api.http.put(name, json=changed, headers={"If-Match": made.headers["etag"]})
    assert answer.status_code == 200, answer.text
    second = await api.start(workflow.id, {})
    assert (await api.http.delete(name)).status_code == 204
    for run in (first, second):
        ended: Run = await api.finished(run.id)
        assert ended.status is RunStatus.SUCCEEDED, ended.error
    asked = [entry.prompt for entry in (await model.page()).entries if f"judge-{key}" in entry.prompt]
    assert sorted((f"first-{key}" in prompt, f"second-{key}" in prompt) for prompt in asked) == [
        (False, True),
        (True, False),
    ]
    assert all("You are a harbour pilot." in prompt and "Calm." in prompt for prompt in asked)
    refused = await api.request_start(workflow.id, {})
    assert (refused.status_code, "unknown_agent" in refused.text) == (422, True)
