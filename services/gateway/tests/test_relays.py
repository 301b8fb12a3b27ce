"""The loops of the relays: who leads works, a failure is tried again, a wake is not lost."""

import asyncio
from datetime import datetime, timedelta

from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.waiting import wait_until
from gateway.testing.automation import InMemoryDeliveries, InMemoryOutbox, SoleLeader
from gateway.usecases import relays as module
from gateway.usecases.relays import Relays, Tidying


async def test_goes_on_after_failures_and_works_at_once_when_woken() -> None:
    turns: list[int] = []
    failures: list[Exception] = [UpstreamError("away"), RuntimeError("a bug")]

    async def work() -> int:
        turns.append(1)
        if failures:
            raise failures.pop(0)
        return 0

    relays = Relays(leadership=SoleLeader())
    relays.start(work)
    for _ in range(4):
        before = len(turns)
        relays.wake()
        await wait_until(lambda: len(turns) > before, module.POLL_SECONDS / 2)  # noqa: B023 - used at once
    await relays.stop()
    assert not failures


async def test_works_on_while_there_is_something_to_do() -> None:
    left = [3, 2, 1, 0]

    async def work() -> int:
        return left.pop(0) if left else 0

    relays = Relays(leadership=SoleLeader())
    relays.start(work)
    await wait_until(lambda: not left, module.POLL_SECONDS / 2)
    await relays.stop()


async def test_leaves_the_work_to_the_one_that_leads() -> None:
    leader, turns = SoleLeader(), list[int]()
    leader.leads = False

    async def work() -> int:
        turns.append(1)
        return 0

    relays = Relays(leadership=leader)
    relays.start(work)
    for _ in range(5):
        relays.wake()
        await asyncio.sleep(0)
    assert turns == []
    leader.leads = True
    relays.wake()
    await wait_until(lambda: bool(turns))
    await relays.stop()


async def test_forgets_once_an_hour() -> None:
    clock, purged = FakeClock(), list[timedelta]()

    class Counted(InMemoryDeliveries):
        async def purge(self, *, started_before: datetime, dead_before: datetime) -> None:
            purged.append(started_before - dead_before)

    tidying = Tidying(deliveries=Counted(), events=InMemoryOutbox(), clock=clock)
    for seconds in (0, 10, 3_600, 10):
        clock.advance(seconds)
        assert await tidying.carry_out() == 0
    assert purged == [timedelta(days=60)] * 2
