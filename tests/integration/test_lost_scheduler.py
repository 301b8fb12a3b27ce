"""The scheduler comes back without its data (F08): what had to wake up is woken from Postgres."""

import shutil

import pytest

from benchmarks.mock_llm.control import MockModel
from flowloom_contracts.runs import Run, RunStatus
from tests.integration import documents, invariants
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.test_people_and_money import decide, item_of
from tests.integration.waiting import until
from tests.integration.workload import CREW, Workload

TIMER = documents.document(
    "lost-timer",
    '  pause: {wait: {for: 20s}}\n  talk: {needs: [pause], agent: qa, prompt: "[[${inputs.key}/talk]]"}\n',
)
QUESTION = documents.document(
    "lost-question",
    '  ask: {approval: {title: "Go on?"}}\n'
    '  talk: {needs: [ask], agent: analysis, prompt: "[[${inputs.key}/talk]]"}\n',
)


async def _waiting(api: PublicApi, run: Run) -> bool:
    return (await api.run(run.id)).status is RunStatus.WAITING


@pytest.mark.timeout(400)
async def test_runs_go_on_when_the_scheduler_has_lost_its_data(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    work = Workload(stack, api, model, key)
    await work.begin(4, CREW)
    timer = await api.start((await api.save(TIMER)).id, {"key": key})
    question = await api.start((await api.save(QUESTION)).id, {"key": key})
    await until(lambda: _waiting(api, question), within_s=30, what="the question")
    async with work.broken():
        await stack.hold("scheduler")
        data = stack.platform.home / "dapr" / "scheduler"
        assert data.is_dir()
        shutil.rmtree(data)
        data.mkdir(mode=0o700)
        await stack.release("scheduler")
    answer = await decide(api, await item_of(api, question, "approval"), {"decision": "approve"})
    assert answer.is_success, answer.text
    ended = await api.all_finished([timer.id, question.id], within_s=180)
    invariants.all_succeeded(ended)
    (await work.findings(within_s=180)).require_none()
