"""Processes are killed while twenty runs are in flight: all finish, every effect happens once (F01-F06)."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import pytest

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from flowloom_contracts.events import CallEnded
from flowloom_contracts.runs import Run
from tests.integration import documents, invariants
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.waiting import until

RUNS = 20
ANSWERED_BEFORE = 4
"""How many calls are answered, at least, when the process dies."""

DONE_WITHIN_S = 120
"""Until all runs have ended after the process is back; generous, for a machine that is loaded otherwise."""


@dataclass(frozen=True)
class Fault:
    """Which process dies."""

    name: str
    process: str


FAULTS = (
    Fault("F01", "orchestrator"),
    Fault("F02", "agent-research"),
    Fault("F03", "orchestrator-dapr"),
    Fault("F04", "agent-implementation-dapr"),
    Fault("F06", "scheduler"),
)


async def _start_many(api: PublicApi, model: MockModel, key: str) -> list[Run]:
    """Start the runs; each of their calls streams for most of a second."""
    rule = Rule(name=key, match=key, mode="stream", texts=["[{marker}] " + "word " * 30], tokens_per_s=40)
    await model.script(rule)
    workflow = await api.save(documents.CREW)
    names = [f"{key}-{number:02d}" for number in range(RUNS)]
    return list(await asyncio.gather(*(api.start(workflow.id, {"key": name}, key=name) for name in names)))


async def _until_in_the_middle(model: MockModel, key: str) -> None:
    """Wait until some calls are answered and others are being answered."""

    async def busy() -> bool:
        page = await model.page()
        answered = [e for e in page.entries if e.marker.startswith(key) and e.event == "answered"]
        return len(answered) >= ANSWERED_BEFORE and page.open >= 1

    await until(busy, within_s=60, what="a platform in the middle of its work")


async def _memory_texts(stack: Stack, key: str) -> Counter[str]:
    """Return how often each stored text of these runs is there, by its first word."""
    connection = await asyncpg.connect(stack.database_url("memory"))
    try:
        rows = await connection.fetch("SELECT body FROM memory.texts WHERE body LIKE $1", f"[{key}%")
    finally:
        await connection.close()
    return Counter(str(row["body"]).split()[0] for row in rows)


async def _check_effects(
    stack: Stack, model: MockModel, key: str, windows: Sequence[tuple[float, float]]
) -> None:
    """I2: no call is asked again beyond the one in doubt, no text is kept twice or lost."""
    entries = await model.entries(key)
    assert invariants.repeated_beyond_doubt(entries, windows) == []
    answered = {entry.marker for entry in entries if entry.event == "answered"}
    names = [f"{key}-{number:02d}" for number in range(RUNS)]
    assert answered == {f"{name}/{step}" for name in names for step in documents.CREW_CALLS}
    assert await _memory_texts(stack, key) == {
        f"[{name}/{step}]": 1 for name in names for step in documents.CREW_TEXTS
    }


async def _check_run(api: PublicApi, run: Run) -> None:
    events, steps = await api.history(run.id), await api.steps(run.id)
    invariants.is_dense(events)
    invariants.ends_once(events, run)
    invariants.every_step_ended_once(events, steps)
    invariants.calls_are_paid_once(events)
    invariants.text_equals_output(events, steps)
    assert {path: step.attempt for path, step in steps.items()} == dict.fromkeys(documents.CREW_CALLS, 1)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.name}-{fault.process}")
async def test_every_run_ends_and_every_effect_happens_once_after_a_kill(
    stack: Stack, api: PublicApi, model: MockModel, key: str, *, fault: Fault
) -> None:
    runs = await _start_many(api, model, key)
    await _until_in_the_middle(model, key)
    killed_at = time.time()
    await stack.kill(fault.process)
    windows = [(killed_at, time.time())]
    done = await api.all_finished([run.id for run in runs], within_s=DONE_WITHIN_S)
    invariants.all_succeeded(done)
    for run in done:
        await _check_run(api, run)
    await _check_effects(stack, model, key, windows)


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
    events = await api.history(run.id)
    invariants.calls_are_paid_once(events)
    assert str((await api.steps(run.id))["write"].output).startswith("long enough at last")


@pytest.mark.timeout(360)
async def test_a_restart_of_everything_loses_nothing(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    runs = await _start_many(api, model, key)
    await _until_in_the_middle(model, key)
    stopped_at = time.time()
    await stack.restart_everything()
    windows = [(stopped_at, time.time())]
    done = await api.all_finished([run.id for run in runs], within_s=DONE_WITHIN_S)
    invariants.all_succeeded(done)
    for run in done:
        await _check_run(api, run)
    await _check_effects(stack, model, key, windows)
