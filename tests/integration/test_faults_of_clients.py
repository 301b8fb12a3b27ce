"""What viewers and impatient people do: lose the server, and cancel what is just ending (F30, F31)."""

import asyncio
import random
import statistics
import time

import httpx
import pytest

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from flowloom_contracts.runs import Run, RunStatus
from tests.integration import documents, invariants
from tests.integration.api import PublicApi, cursor_of
from tests.integration.stack import Stack
from tests.integration.viewer import Viewer, caught_up, following
from tests.integration.waiting import passed, until

RACES = 60
RACE_SEED = 31
AT_ONCE = 6


@pytest.mark.timeout(180)
async def test_two_readers_have_the_full_text_when_the_server_restarts_under_them(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    """F30: killed, then restarted politely; nothing is missing and nothing comes twice.

    The run is paused meanwhile, so that it cannot end before the second restart however long the first takes.
    """
    await model.script(Rule(name=key, match=key, mode="stream", tokens=250, tokens_per_s=25))
    workflow = await api.save(documents.TWO_AGENTS)
    run = await api.start(workflow.id, {"key": key})
    viewers, ends = await following(api, [run.id, run.id])
    await _shown(viewers, more_than=[0, 0])
    await api.pause(run.id)
    before = [len(viewer.seen) for viewer in viewers]
    await stack.kill("gateway")
    await _shown(viewers, more_than=before)
    await stack.restart("gateway")
    await api.resume(run.id)
    await caught_up(viewers, ends, within_s=60)
    done = await api.finished(run.id)
    invariants.all_succeeded([done])
    history = await api.told(run.id)
    invariants.is_dense(history)
    cursors = [cursor_of(event) for event in history]
    for viewer in viewers:
        assert viewer.breaks >= 2, "the server was not away"
        assert viewer.seen == cursors
        assert viewer.resyncs == 0, "a restart of the server alone needs no snapshot"
        viewer.require_text(await api.steps(run.id))
        assert set(viewer.texts) == {"talk", "more"}


async def _shown(viewers: list[Viewer], *, more_than: list[int]) -> None:
    """Wait until each viewer has seen twenty events more than it had then."""
    wanted = [seen + 20 for seen in more_than]

    async def all_have() -> bool:
        return all(len(viewer.seen) >= want for viewer, want in zip(viewers, wanted, strict=True))

    await until(all_have, within_s=60, what="more events for every viewer")


async def _race(api: PublicApi, workflow_id: str, name: str, wait_s: float) -> tuple[Run, int]:
    """Start, and cancel about when it ends; return the run and how the cancel was answered."""
    run = await api.start(workflow_id, {"key": name})
    await passed(wait_s)
    answer = await api.http.post(f"/v1/runs/{run.id}/cancel", json={"reason": "race"})
    return await api.finished(run.id, within_s=20), answer.status_code


async def _usual_s(api: PublicApi, workflow_ids: list[str], key: str) -> float:
    """Return how long a run takes here and now, when as many as in the race go on beside it."""

    async def one(number: int) -> float:
        began = time.monotonic()
        run = await api.start(workflow_ids[number % 2], {"key": f"{key}-usual-{number}"})
        await api.finished(run.id)
        return time.monotonic() - began

    return statistics.median(await asyncio.gather(*(one(number) for number in range(AT_ONCE))))


@pytest.mark.timeout(180)
async def test_a_run_ends_exactly_once_when_a_cancel_races_its_completion(
    api: PublicApi, model: MockModel, key: str
) -> None:
    """F31; a thousand races of the application alone are in its own tests."""
    workflows = [(await api.save(source)).id for source in (documents.LONG_LLM, documents.LONG_AGENT)]
    chance = random.Random(RACE_SEED)
    limit = asyncio.Semaphore(AT_ONCE)
    usual_s = await _usual_s(api, workflows, key)

    async def race(number: int) -> RunStatus:
        async with limit:
            wait_s = chance.uniform(0, 2 * usual_s)
            done, told = await _race(api, workflows[number % 2], f"{key}-{number}", wait_s)
        events, steps = await api.told(done.id), await api.steps(done.id)
        invariants.is_dense(events)
        invariants.ends_once(events, done)
        invariants.every_step_ended_once(events, steps)
        wanted = {httpx.codes.ACCEPTED: RunStatus.CANCELLED, httpx.codes.CONFLICT: RunStatus.SUCCEEDED}
        assert done.status is wanted[httpx.codes(told)], f"{told} was answered, the run is {done.status}"
        return done.status

    ends = await asyncio.gather(*(race(number) for number in range(RACES)))
    assert set(ends) == {RunStatus.CANCELLED, RunStatus.SUCCEEDED}, "no race: one side always won"
