"""What stands before an endpoint: places, calls a minute, and rest after failures in a row."""

import asyncio

import pytest

from flowloom_modelkit.errors import (
    CallStoppedError,
    ModelFailure,
    ModelInputError,
    ModelRateLimitError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from flowloom_modelkit.guards import CLOSED_S, FAILURES_IN_A_ROW, EndpointGuard
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.testing.clock import FakeClock


async def _call(guard: EndpointGuard, failure: ModelFailure | None = None) -> None:
    async with guard.place(StopSignal()):
        if failure is not None:
            raise failure


async def _fails(guard: EndpointGuard, failure: ModelFailure, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(type(failure), match=failure.detail):
            await _call(guard, failure)


async def test_leaves_an_endpoint_alone_after_failures_in_a_row() -> None:
    clock = FakeClock()
    guard = EndpointGuard(at_once=None, per_minute=None, clock=clock)
    await _fails(guard, ModelUnavailableError("down"), FAILURES_IN_A_ROW - 1)
    await _call(guard)
    await _fails(guard, ModelTimeoutError("silent"), FAILURES_IN_A_ROW)
    with pytest.raises(ModelUnavailableError, match="left alone") as refused:
        await _call(guard)
    assert refused.value.retry_after == CLOSED_S
    clock.advance(CLOSED_S)
    await _fails(guard, ModelUnavailableError("still down"))
    with pytest.raises(ModelUnavailableError, match="left alone"):
        await _call(guard)
    clock.advance(CLOSED_S)
    await _call(guard)
    await _fails(guard, ModelUnavailableError("down again"))


async def test_one_call_tries_it_while_others_are_refused() -> None:
    clock = FakeClock()
    guard = EndpointGuard(at_once=None, per_minute=None, clock=clock)
    await _fails(guard, ModelUnavailableError("down"), FAILURES_IN_A_ROW)
    clock.advance(CLOSED_S)
    async with guard.place(StopSignal()):
        with pytest.raises(ModelUnavailableError, match="left alone"):
            await _call(guard)
    await _call(guard)


async def test_what_says_nothing_of_the_endpoint_does_not_count() -> None:
    guard = EndpointGuard(at_once=None, per_minute=None, clock=FakeClock())
    await _fails(guard, ModelInputError("too long"), FAILURES_IN_A_ROW)
    await _fails(guard, ModelRateLimitError("slower"), FAILURES_IN_A_ROW)
    await _call(guard)


async def test_refuses_more_calls_than_a_minute_may_have() -> None:
    clock = FakeClock()
    guard = EndpointGuard(at_once=None, per_minute=2, clock=clock)
    await _call(guard)
    clock.advance(20)
    await _call(guard)
    with pytest.raises(ModelRateLimitError, match="2 times a minute") as refused:
        await _call(guard)
    assert refused.value.retry_after == 40
    clock.advance(40)
    await _call(guard)


async def test_calls_wait_for_a_place_and_leave_when_they_are_stopped() -> None:
    guard = EndpointGuard(at_once=1, per_minute=None, clock=FakeClock())
    stop = StopSignal()

    async def waiting() -> None:
        async with guard.place(stop):
            raise AssertionError("there was no place")

    async with guard.place(StopSignal()):
        queued = asyncio.create_task(waiting())
        await asyncio.sleep(0)
        stop.stop("cancelled")
        with pytest.raises(CallStoppedError):
            await queued
    await _fails(guard, ModelUnavailableError("down"))
    await _call(guard)
