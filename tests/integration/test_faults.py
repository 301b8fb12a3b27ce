"""Processes are killed while twenty runs are in flight: all finish, every effect happens once (F01-F06)."""

import asyncio
from dataclasses import dataclass

import pytest

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from flowloom_contracts.events import CallEnded
from tests.integration import documents, invariants, recovery
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.waiting import until
from tests.integration.workload import CREW, Kind, Workload

RUNS = 20


TALK = Kind("long-llm", documents.LONG_LLM, ("talk",))


@dataclass(frozen=True)
class Fault:
    """Which process dies, and how soon a new run that needs it must succeed."""

    name: str
    process: str
    limit_s: float
    probe: Kind = TALK


def _one(agent: str) -> Kind:
    return Kind(f"one-{agent}", documents.one_agent(agent), ("talk",))


FAULTS = (
    Fault("F01", "orchestrator", recovery.APP_S),
    Fault("F02", "agent-research", recovery.APP_S, _one("research")),
    Fault("F03", "orchestrator-dapr", recovery.SIDECAR_S),
    Fault("F04", "agent-implementation-dapr", recovery.SIDECAR_S, _one("implementation")),
    Fault("F06", "scheduler", recovery.SCHEDULER_S, _one("qa")),
)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.name}-{fault.process}")
async def test_every_run_ends_and_every_effect_happens_once_after_a_kill(
    stack: Stack, api: PublicApi, model: MockModel, key: str, *, fault: Fault
) -> None:
    work = Workload(stack, api, model, key)
    await work.begin(RUNS, CREW)
    probe = await recovery.Probe(work, fault.probe).ready()
    await work.in_the_middle()
    async with work.broken():
        killing = asyncio.ensure_future(stack.kill(fault.process))
        async with recovery.timed(fault.name, f"{fault.process}, a new run", limit_s=fault.limit_s):
            await probe.succeeds()
        await killing
    (await work.findings(one_attempt=True)).require_none()


async def test_a_journaled_call_is_not_asked_again_when_its_agent_dies_later(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    long = "long enough at last, " * 6
    rule = Rule(name=key, match=key, mode="stream", texts=["too short", long], tokens_per_s=8)
    await model.script(rule)
    workflow = await api.save(documents.REASKED)
    run = await api.start(workflow.id, {"key": key})
    async for _, event in api.stream(run.id):
        if isinstance(event, CallEnded):
            break

    async def second_call_is_open() -> bool:
        return [entry.event for entry in await model.entries(key)] == ["asked", "answered", "asked"]

    await until(second_call_is_open, within_s=15)
    await stack.kill("agent-implementation")
    done = await api.finished(run.id)
    invariants.all_succeeded([done])
    assert [entry.event for entry in await model.entries(key)] == [
        "asked",
        "answered",
        "asked",
        "closed_by_peer",
        "asked",
        "answered",
    ]
    events = await api.told(run.id)
    invariants.calls_are_paid_once(events)
    assert str((await api.steps(run.id))["write"].output).startswith("long enough at last")


@pytest.mark.timeout(360)
async def test_a_restart_of_everything_loses_nothing(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    work = Workload(stack, api, model, key)
    await work.begin(RUNS, CREW)
    await work.in_the_middle()
    async with work.broken():
        await stack.restart_everything()
    (await work.findings(one_attempt=True)).require_none()
