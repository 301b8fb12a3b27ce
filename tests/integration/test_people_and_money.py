"""People and money on real parts: approvals, budgets and rules through the public interface."""

import httpx

from benchmarks.mock_llm.control import MockModel
from flowloom_contracts.approvals import Approval, ApprovalList
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Run, RunStatus
from tests.integration import documents, invariants
from tests.integration.api import PublicApi
from tests.integration.waiting import until

APPROVAL = documents.document(
    "people-approval",
    """\
  draft: {llm: default, prompt: "Draft. [[${inputs.key}/draft]]"}
  ask:
    approval:
      title: "Publish ${inputs.key}?"
      message: "${steps.draft.output}"
      allow: [approve, edit, reject]
      form: {type: object, required: [text], properties: {text: {type: string}}}
  send: {needs: [ask], transform: "${default(steps.ask.output.data.text, 'as it was')}"}
""",
    more='outputs: {sent: "${steps.send.output}", by: "${steps.ask.output.by}"}\n',
)
BUDGET = documents.document(
    "people-budget",
    """\
  one: {agent: research, prompt: "Begin. [[${inputs.key}/one]]", max_tokens: 400}
  two: {llm: default, prompt: "Go on from ${steps.one.output} [[${inputs.key}/two]]", max_tokens: 400}
""",
    more="limits: {budget: {tokens: 300}}\n",
)
RULED = documents.document(
    "people-ruled", '  talk: {agent: research, prompt: "Talk. [[${inputs.key}/talk]]"}\n'
)


async def item_of(api: PublicApi, run: Run, kind: str) -> Approval:
    """Wait until a run asks people something."""

    async def asked() -> Approval | None:
        listed = await api.http.get("/v1/approvals", params={"run_id": run.id})
        items = ApprovalList.model_validate_json(listed.content).items
        return next((item for item in items if item.kind == kind), None)

    item = await until(asked, within_s=40, what=f"a question of run {run.id}")
    assert item is not None
    return item


async def decide(api: PublicApi, item: Approval, body: JsonObject) -> httpx.Response:
    return await api.http.post(f"/v1/approvals/{item.id}/decision", json=body)


async def is_waiting(api: PublicApi, run: Run) -> bool | None:
    return (await api.run(run.id)).status is RunStatus.WAITING or None


async def test_a_person_edits_and_the_run_goes_on(api: PublicApi, model: MockModel, key: str) -> None:
    run = await api.start((await api.save(APPROVAL)).id, {"key": key})
    item = await item_of(api, run, "approval")
    assert (item.title, item.status) == (f"Publish {key}?", "open")
    await until(lambda: is_waiting(api, run), within_s=20, what="a run that waits")
    wrong = await decide(api, item, {"decision": "edit", "data": {"text": 3}})
    assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "data.text")
    first = await decide(api, item, {"decision": "edit", "data": {"text": "better"}})
    assert (first.status_code, first.json()["status"]) == (200, "decided")
    second = await decide(api, item, {"decision": "reject"})
    assert second.status_code == 409
    assert str(first.json()["decision"]["by"]) in second.json()["detail"]
    ended = await api.finished(run.id)
    assert (ended.status, (ended.outputs or {})["sent"]) == (RunStatus.SUCCEEDED, "better")
    told = await api.history(run.id)
    types = [event.type for event in told]
    assert types.count("approval.requested.v1") == types.count("approval.decided.v1") == 1
    assert types.index("run.waiting.v1") < types.index("run.resumed.v1")
    invariants.is_dense(told)


async def test_a_budget_is_asked_for_before_it_is_spent(api: PublicApi, model: MockModel, key: str) -> None:
    run = await api.start((await api.save(BUDGET)).id, {"key": key})
    item = await item_of(api, run, "budget")
    assert (item.step, [entry for entry in await model.entries(key) if entry.event == "asked"]) == ("one", [])
    assert (await decide(api, item, {"decision": "raise", "data": {"tokens": 100_000}})).status_code == 200
    ended = await api.finished(run.id)
    assert ended.status is RunStatus.SUCCEEDED, ended.error
    assert "budget.reached.v1" in [event.type for event in await api.history(run.id)]


async def test_a_rule_is_named_in_what_it_refuses(api: PublicApi, model: MockModel, key: str) -> None:
    workflow = await api.save(RULED)
    step = {"name": "no research", "when": "agent == 'research'", "effect": "deny"}
    start = {"name": "closed", "when": "workflow.name == 'people-ruled'", "effect": "deny"}
    try:
        await save_rules(api, [step])
        failed = await until(
            lambda: _failed(api, workflow.id, key), within_s=20, what="a rule that holds within a second"
        )
        assert failed is not None
        assert failed.error is not None
        assert (failed.error.code, "'no research'" in failed.error.message) == ("denied", True)
        await save_rules(api, [start])
        refused = await until(
            lambda: _refused(api, workflow.id, key), within_s=10, what="a rule that holds at once"
        )
        assert refused is not None
        assert (refused.status_code, "'closed'" in refused.json()["detail"]) == (409, True)
    finally:
        await save_rules(api, [])


async def _failed(api: PublicApi, workflow_id: str, key: str) -> Run | None:
    run = await api.finished((await api.start(workflow_id, {"key": key})).id)
    return run if run.error else None


async def _refused(api: PublicApi, workflow_id: str, key: str) -> httpx.Response | None:
    answer = await api.request_start(workflow_id, {"key": key})
    return answer if answer.status_code == httpx.codes.CONFLICT else None


async def save_rules(api: PublicApi, items: list[JsonObject]) -> None:
    known = await api.http.get("/v1/rules")
    answer = await api.http.put(
        "/v1/rules", json={"items": items}, headers={"If-Match": known.headers["etag"]}
    )
    assert answer.status_code == httpx.codes.OK, answer.text
