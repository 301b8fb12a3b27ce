"""The restore drill (F29): a backup of a busy platform, a new home, and runs that waited go on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from benchmarks.mock_llm.control import MockModel
from flowloom_cli.backup.restore import Wish, restore
from flowloom_cli.backup.take import Plan, take
from flowloom_cli.platform import Platform
from flowloom_cli.supervision.supervisor import silent
from flowloom_contracts.runs import Run, StepStatus
from tests.integration import documents, invariants
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.test_people_and_money import decide, item_of
from tests.integration.waiting import until

OTHER_PORTS = 24500
QUESTION = documents.document(
    "restored-question",
    '  first: {llm: default, prompt: "[[${inputs.key}/first]]"}\n'
    '  ask: {needs: [first], approval: {title: "Go on?"}}\n'
    '  talk: {needs: [ask], agent: analysis, prompt: "[[${inputs.key}/talk]]"}\n',
)
TIMER = documents.document(
    "restored-timer",
    '  pause: {wait: {for: 60s}}\n  talk: {needs: [pause], agent: qa, prompt: "[[${inputs.key}/late]]"}\n',
)


@asynccontextmanager
async def _second(stack: Stack, home: Path) -> AsyncIterator[Platform]:
    """A platform of its own on a restored home, with the same model."""
    env = {
        "FLOWLOOM_MODEL_BASE_URL": f"{stack.mock.url}/v1",
        "FLOWLOOM_MODEL_NAME": "mock",
        "FLOWLOOM_MODEL_CONTEXT_TOKENS": "8192",
        "FLOWLOOM_FORBID_PROVIDER_CALLS": "1",
    }
    platform = Platform(home, port_base=OTHER_PORTS, env=env)
    await platform.start()
    try:
        yield platform
    finally:
        await platform.stop()


async def _waits(api: PublicApi, run: Run, step: str) -> bool:
    found = (await api.steps(run.id)).get(step)
    return found is not None and found.status is StepStatus.WAITING


@pytest.mark.timeout(500)
async def test_runs_that_waited_go_on_in_a_restored_home(
    stack: Stack, api: PublicApi, model: MockModel, *, key: str, tmp_path: Path
) -> None:
    question = await api.start((await api.save(QUESTION)).id, {"key": key})
    timer = await api.start((await api.save(TIMER)).id, {"key": key})
    await until(lambda: _waits(api, question, "ask"), within_s=60, what="the question")
    await until(lambda: _waits(api, timer, "pause"), within_s=60, what="the timer")
    done = await take(Plan(stack.platform.home, tmp_path / "backups"), silent)
    assert done.manifest.rows["runs"] >= 2
    # Only the restored home shall go on with them.
    for run in (question, timer):
        await api.cancel(run.id)
    home = tmp_path / "home"
    await restore(Wish(tmp_path / "backups", home), silent)
    async with _second(stack, home) as platform:
        assert platform.owner is not None
        async with PublicApi(platform.base_url, platform.owner.api_key) as other:
            await until(lambda: _waits(other, question, "ask"), within_s=60, what="the restored question")
            answer = await decide(other, await item_of(other, question, "approval"), {"decision": "approve"})
            assert answer.is_success, answer.text
            invariants.all_succeeded(await other.all_finished([question.id, timer.id], within_s=180))
    counted = await model.counts(key)
    for step in ("first", "talk", "late"):
        assert counted[f"{key}/{step}"]["answered"] == 1, step
