"""The fakes keep the promises of what they stand for."""

import asyncio

import pytest

from flowloom_contracts.base import Request, Response
from flowloom_contracts.topics import AppId
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import NotFoundError
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.engine import FakeEngine
from flowloom_servicekit.testing.invoker import FakeInvoker
from flowloom_servicekit.testing.waiting import wait_until


class Question(Request):
    """What is asked."""

    number: int


class Reply(Response):
    """What is answered."""

    number: int


async def test_a_fake_clock_wakes_sleepers_when_they_are_due() -> None:
    clock = FakeClock()
    woken: list[float] = []

    async def wait_for(clock: Clock, seconds: float) -> None:
        pause = clock.sleep
        await pause(seconds)
        woken.append(seconds)

    tasks = [asyncio.create_task(wait_for(clock, seconds)) for seconds in (5, 1, 3)]
    await wait_until(lambda: clock.sleepers == 3)
    began = clock.now()
    clock.advance(3)
    await wait_until(lambda: len(woken) == 2)
    assert (woken, clock.sleepers) == ([1, 3], 1)
    assert (clock.now() - began).total_seconds() == clock.monotonic() == 3
    clock.advance(2)
    await asyncio.gather(*tasks)


async def test_a_fake_invoker_answers_in_turn() -> None:
    invoker = FakeInvoker()

    async def double(question: Question) -> Reply:
        return Reply(number=2 * question.number)

    invoker.answers(AppId.MEMORY, "double", Reply(number=0), NotFoundError("no"), double)
    ask = [invoker.call(AppId.MEMORY, "double", Question(number=n), Reply) for n in (1, 2, 3, 4)]
    assert (await ask[0]).number == 0
    with pytest.raises(NotFoundError):
        await ask[1]
    assert [(await ask[2]).number, (await ask[3]).number] == [6, 8]
    assert invoker.requests("double") == [Question(number=n) for n in (1, 2, 3, 4)]
    with pytest.raises(AssertionError):
        await invoker.call(AppId.MEMORY, "other", Question(number=1), Reply)


async def test_a_fake_engine_knows_what_it_has() -> None:
    engine = FakeEngine()
    assert await engine.schedule("i", "drive_run", {})
    assert not await engine.schedule("i", "drive_run", {})
    await engine.raise_signal("i")
    assert engine.signals == [("i", "signal")]


async def test_waiting_names_what_did_not_come() -> None:
    def never() -> bool:
        return False

    with pytest.raises(TimeoutError, match="never"):
        await wait_until(never, timeout_s=0.05)
