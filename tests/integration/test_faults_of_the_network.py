"""What lies between the processes fails: cut for a while, or everything is said twice (F14, F19)."""

import asyncio

import pytest

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from flowloom_contracts.events import RunEvent
from flowloom_contracts.runs import RunStatus
from tests.chaos.doubling import DoublingLink
from tests.chaos.proxy import FAIR, Link, Weather
from tests.integration import documents, invariants, recovery
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.viewer import caught_up, following
from tests.integration.waiting import passed
from tests.integration.workload import BRANCHES, CREW, Kind, Workload

RUNS = 20
VIEWERS = 16
CUT_S = 30.0
DOUBLED_AT_LEAST = 200
ALONE = Kind("one-research", documents.one_agent("research"), ("talk",))


@pytest.mark.timeout(300)
async def test_steps_go_on_after_orchestrator_and_agents_were_parted(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    """F14: longer than any lease; bytes are held back as when packets are lost and sent again."""
    work = Workload(stack, api, model, key)
    await work.begin(RUNS, CREW)
    probe = await recovery.Probe(work, ALONE).ready()
    await work.in_the_middle()
    async with work.broken():
        await stack.network.part_orchestrator_from_agents(Weather(cut=True))
        try:
            await passed(CUT_S)
            statuses = [run.status for run in (await work.ended(within_s=1)).values()]
            assert statuses.count(RunStatus.RUNNING) >= RUNS // 2, f"not parted: {statuses}"
        finally:
            await stack.network.part_orchestrator_from_agents(FAIR)
        async with recovery.timed("F14", "agents parted for 30 s, a new run", limit_s=recovery.SIDECAR_S):
            await probe.succeeds()
    (await work.findings()).require_none()


@pytest.mark.timeout(300)
async def test_nothing_is_shown_or_done_twice_when_every_write_to_valkey_happens_twice(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    """F19: stream entries, cancels and topics alike; the second answer of each write is lost."""
    await stack.network.use_link("valkey", DoublingLink)
    work = Workload(stack, api, model, key)
    try:
        await work.begin(RUNS, CREW, BRANCHES)
        watched = [job.run_id for job in work.jobs[:4]]
        viewers, ends = await following(api, watched)
        found = await work.findings()
        await caught_up(viewers, ends, within_s=30)
        assert await stack.network.doubled_writes() >= DOUBLED_AT_LEAST
        await _cancel_one(api, key)
    finally:
        await stack.network.use_link("valkey", Link)
    found.require_none()
    for viewer, run_id in zip(viewers, watched, strict=True):
        viewer.require_text(await api.steps(run_id))
        assert len(viewer.seen) == len(set(viewer.seen))


async def test_viewers_who_come_after_all_connections_to_valkey_broke_see_everything(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    """A pool that lends a broken connection again would fail one viewer for each that it had."""
    await model.script(Rule(name=key, match=key, mode="stream", tokens=60))
    workflow = await api.save(documents.CHAIN)
    names = [f"{key}-{number:02d}" for number in range(VIEWERS)]
    ended = await asyncio.gather(*(api.start(workflow.id, {"key": name}) for name in names))
    await api.all_finished([run.id for run in ended], within_s=60)
    going_on = await asyncio.gather(*(api.start(workflow.id, {"key": f"{name}-live"}) for name in names))
    assert await stack.network.reset("valkey") > 0
    seen = await asyncio.gather(*(_all_of(api, run.id) for run in (*ended, *going_on)))
    for events in seen:
        invariants.is_dense(events)
        assert [event.type for event in events][-1:] == ["run.finished.v1"]


async def _all_of(api: PublicApi, run_id: str) -> list[RunEvent]:
    return [event async for _, event in api.stream(run_id)]


async def _cancel_one(api: PublicApi, key: str) -> None:
    """A cancel that arrives twice ends its run once."""
    workflow = await api.save(documents.LONG_AGENT)
    run = await api.start(workflow.id, {"key": f"{key}-stopped"})
    async for _, event in api.stream(run.id):
        if event.type == "step.delta.v1":
            await api.cancel(run.id)
            break
    done = await api.finished(run.id, within_s=10)
    assert done.status is RunStatus.CANCELLED
    events = await api.told(run.id)
    invariants.is_dense(events)
    invariants.ends_once(events, done)
