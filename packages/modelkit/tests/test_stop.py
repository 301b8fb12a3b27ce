"""What a stop does to the work inside its context, and what it leaves alone."""

import asyncio

import pytest

from flowloom_modelkit.errors import CallStoppedError
from flowloom_modelkit.stop import StopSignal


async def waiting(stop: StopSignal) -> None:
    with stop.interrupting():
        await asyncio.Event().wait()


async def test_interrupts_the_task_at_once() -> None:
    stop = StopSignal()
    tasks = [asyncio.ensure_future(waiting(stop)) for _ in range(2)]
    await asyncio.sleep(0)
    stop.stop("deadline")
    for task in tasks:
        with pytest.raises(CallStoppedError) as caught:
            await asyncio.wait_for(task, 1)
        assert (caught.value.reason, task.cancelling()) == ("deadline", 0)


async def test_does_not_begin_when_stopped_before() -> None:
    stop = StopSignal()
    stop.stop("cancelled")
    with pytest.raises(CallStoppedError):
        await waiting(stop)


async def test_leaves_a_task_alone_that_has_left_the_context() -> None:
    stop = StopSignal()
    with stop.interrupting():
        pass
    stop.stop("cancelled")
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_interrupts_at_the_next_wait_when_the_work_stops_itself() -> None:
    stop, steps = StopSignal(), []

    async def work() -> None:
        with stop.interrupting():
            stop.stop("cancelled")
            steps.append("went on")
            await asyncio.Event().wait()

    with pytest.raises(CallStoppedError):
        await work()
    assert steps == ["went on"]


async def test_cancels_nothing_later_when_the_work_ends_without_another_wait() -> None:
    stop = StopSignal()
    with stop.interrupting():
        stop.stop("cancelled")
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_a_cancellation_by_somebody_else_stays_one() -> None:
    stop = StopSignal()
    task = asyncio.ensure_future(waiting(stop))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    both = asyncio.ensure_future(waiting(stop))
    await asyncio.sleep(0)
    stop.stop("cancelled")
    both.cancel()
    with pytest.raises(asyncio.CancelledError):
        await both


async def test_keeps_the_failure_of_the_work() -> None:
    stop = StopSignal()

    async def work() -> None:
        with stop.interrupting():
            stop.stop("cancelled")
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await work()
