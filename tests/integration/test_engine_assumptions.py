"""What the driver of runs relies on, tried on the real runtime: an upgrade cannot break it silently."""

from collections.abc import AsyncIterator, Generator
from datetime import timedelta
from typing import Any

import pytest

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.dapr.replay import WorkflowContext, count_from, tasks_so_far, when_any
from flowloom_servicekit.dapr.workflows import WorkflowEngine
from tests.integration.own_engine import Bodies, own_engine
from tests.integration.stack import Stack
from tests.integration.waiting import until

SIGNALS = 12
GENERATIONS = 30


def beside_activities(ctx: WorkflowContext, input: JsonObject) -> Generator[Any, Any, None]:
    """Wait for four activities and one outstanding signal, as the driver does; tell what came."""
    prefix = input["prefix"]
    open_: dict[int, Any] = {n: ctx.call_activity("hold", input={"name": f"{prefix}{n}"}) for n in range(4)}
    signal, signals = ctx.wait_for_external_event("signal"), 0
    ended: list[str] = []
    while open_ or signals < SIGNALS:
        yield when_any([signal, *open_.values()])
        if signal.is_complete:
            signals += 1
            signal = ctx.wait_for_external_event("signal")
        for number in [n for n, task in open_.items() if task.is_complete]:
            ended.append(open_.pop(number).get_result()["name"])
    yield ctx.call_activity("note", input={"seen": [signals, sorted(ended)]})


def across_generations(ctx: WorkflowContext, input: JsonObject) -> Generator[Any, Any, None]:
    """Go on with a new history again and again, and count the signals that came meanwhile."""
    generation, signals = int(str(input["generation"])), int(str(input["signals"]))
    if generation < GENERATIONS:
        timer = ctx.create_timer(timedelta(milliseconds=20))
        signal = ctx.wait_for_external_event("signal")
        yield when_any([timer, signal])
        signals += int(signal.is_complete)
        ctx.continue_as_new({**input, "generation": generation + 1, "signals": signals}, save_events=True)
        return
    while signals < SIGNALS:
        yield ctx.wait_for_external_event("signal")
        signals += 1
    yield ctx.call_activity("note", input={"seen": [input["prefix"], signals]})


def with_an_old_task(ctx: WorkflowContext, input: JsonObject) -> Generator[Any, Any, None]:
    """Leave an activity behind; its result must complete nothing of the new history."""
    prefix = input["prefix"]
    if not input.get("again"):
        ctx.call_activity("hold", input={"name": f"{prefix}old"})
        yield ctx.wait_for_external_event("signal")
        following = {"prefix": prefix, "again": True, "tasks": tasks_so_far(ctx)}
        ctx.continue_as_new(following, save_events=True)
        return
    count_from(ctx, int(str(input["tasks"])))
    fresh: list[Any] = [ctx.call_activity("hold", input={"name": f"{prefix}new{n}"}) for n in range(3)]
    found = []
    for task in fresh:
        found.append((yield task)["name"])
    yield ctx.call_activity("note", input={"seen": found})


@pytest.fixture
def bodies() -> Bodies:
    """Activity bodies of this test."""
    return Bodies()


@pytest.fixture
async def engine(stack: Stack, bodies: Bodies, key: str) -> AsyncIterator[WorkflowEngine]:
    """A worker of this test's own."""
    workflows = {
        "beside_activities": beside_activities,
        "across_generations": across_generations,
        "with_an_old_task": with_an_old_task,
    }
    async with own_engine(stack, bodies, workflows, app_id=f"assumptions-{key}") as running:
        yield running


async def test_loses_no_signal_while_it_waits_for_activities(
    engine: WorkflowEngine, bodies: Bodies, key: str
) -> None:
    await engine.schedule(key, "beside_activities", {"prefix": key})
    await until(lambda: _begun(bodies, 4), within_s=30)
    for number in range(SIGNALS):
        await engine.raise_signal(key)
        if number % 3 == 0:
            bodies.release(f"{key}{number // 3}")
    await until(lambda: _seen(bodies), within_s=30)
    assert bodies.seen == [[SIGNALS, [f"{key}{n}" for n in range(4)]]]


async def test_loses_no_signal_across_generations(engine: WorkflowEngine, bodies: Bodies, key: str) -> None:
    await engine.schedule(key, "across_generations", {"prefix": key, "generation": 0, "signals": 0})
    for _ in range(SIGNALS):
        await engine.raise_signal(key)
    await until(lambda: _seen(bodies), within_s=60)
    assert bodies.seen == [[key, SIGNALS]]


async def test_an_old_result_completes_no_task_of_a_new_history(
    engine: WorkflowEngine, bodies: Bodies, key: str
) -> None:
    await engine.schedule(key, "with_an_old_task", {"prefix": key})
    await until(lambda: _begun(bodies, 1), within_s=30)
    await engine.raise_signal(key)
    await until(lambda: _begun(bodies, 4), within_s=30)
    bodies.release(f"{key}old")
    for number in (2, 1, 0):
        bodies.release(f"{key}new{number}")
    await until(lambda: _seen(bodies), within_s=30)
    assert bodies.seen == [[f"{key}new0", f"{key}new1", f"{key}new2"]]


async def test_a_name_is_taken_once_and_commands_to_an_ended_instance_do_nothing(
    engine: WorkflowEngine, bodies: Bodies, key: str
) -> None:
    input: JsonObject = {"prefix": key, "generation": GENERATIONS, "signals": SIGNALS}
    assert await engine.schedule(key, "across_generations", input)
    # As long as it has not ended: after that the engine would begin it anew.
    assert not await engine.schedule(key, "across_generations", input)
    await until(lambda: _seen(bodies), within_s=30)
    await engine.raise_signal(key)
    await engine.terminate(key)
    await engine.raise_signal(f"{key}-that-never-was")
    await engine.terminate(f"{key}-that-never-was")
    assert len(bodies.seen) == 1


async def _begun(bodies: Bodies, count: int) -> bool:
    return len(set(bodies.begun)) >= count


async def _seen(bodies: Bodies) -> bool:
    return bool(bodies.seen)
