"""How deliveries are gathered: few commits, bounded waiting, a rate that fades."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.waiting import wait_until
from gateway.testing.automation import InMemoryDeliveries
from gateway.usecases.intake import MAX_BATCH, MAX_WAITING, Intake
from gateway.version_ports import NewDelivery


class SlowDeliveries(InMemoryDeliveries):
    """A store whose commits end when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end = asyncio.Semaphore(0)
        self.sizes: list[int] = []

    async def add(self, deliveries: Sequence[NewDelivery]) -> list[str]:
        self.sizes.append(len(deliveries))
        await self.may_end.acquire()
        return await super().add(deliveries)


def _delivery(data: str = "{}") -> NewDelivery:
    return NewDelivery(
        id=new_id(),
        workspace_id="w",
        trigger_id="t",
        run_key="k",
        data=data,
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


async def test_gathers_what_arrives_during_a_commit() -> None:
    store, woken = SlowDeliveries(), list[int]()
    intake = Intake(store, clock=FakeClock(), on_commit=lambda: woken.append(1))
    first = asyncio.create_task(intake.accept(_delivery()))
    await wait_until(lambda: store.sizes == [1])
    rest = [asyncio.create_task(intake.accept(_delivery())) for _ in range(MAX_BATCH + 10)]
    store.may_end.release()
    await wait_until(lambda: len(store.sizes) == 2)
    assert first.done() and not any(task.done() for task in rest)
    store.may_end.release()
    store.may_end.release()
    kept = await asyncio.gather(*rest)
    await intake.settled()
    assert (store.sizes, len(woken), len({one.id for one in kept})) == ([1, MAX_BATCH, 10], 3, len(rest))


async def test_keeps_what_nobody_waits_for_any_more() -> None:
    store = SlowDeliveries()
    intake = Intake(store, clock=FakeClock(), on_commit=lambda: None)
    waiting = asyncio.create_task(intake.accept(_delivery()))
    await wait_until(lambda: store.sizes == [1])
    waiting.cancel()
    store.may_end.release()
    await intake.settled()
    assert len(await store.due(5, now=datetime(2026, 1, 2, tzinfo=UTC))) == 1


@pytest.mark.parametrize(("count", "data"), [(MAX_WAITING + 1, "{}"), (66, "x" * 1_000_000)])
async def test_refuses_more_than_may_wait(count: int, data: str) -> None:
    store = SlowDeliveries()
    intake = Intake(store, clock=FakeClock(), on_commit=lambda: None)
    waiting = [asyncio.create_task(intake.accept(_delivery(data))) for _ in range(count)]
    await wait_until(lambda: any(task.done() for task in waiting))
    refused = [task for task in waiting if task.done()]
    assert all(isinstance(task.exception(), StorageUnavailableError) for task in refused)
    for _ in range(count):
        store.may_end.release()
    await intake.settled()
    assert len(refused) + sum(store.sizes) == count
    assert len(refused) < count / 10


async def test_tells_everybody_when_the_store_breaks() -> None:
    store = SlowDeliveries()
    intake = Intake(store, clock=FakeClock(), on_commit=lambda: None)
    store.failure = StorageUnavailableError("away")
    store.may_end.release()
    failed = await asyncio.gather(*(intake.accept(_delivery()) for _ in range(3)), return_exceptions=True)
    assert {type(one) for one in failed} == {StorageUnavailableError}
    store.failure = None
    store.may_end.release()
    assert not (await intake.accept(_delivery())).is_duplicate


async def test_knows_how_fast_deliveries_arrive() -> None:
    store, clock = InMemoryDeliveries(), FakeClock()
    intake = Intake(store, clock=clock, on_commit=lambda: None)
    for _ in range(600):
        await intake.accept(_delivery())
        clock.advance(0.01)
    assert 80 < intake.per_second() < 120
    clock.advance(20)
    assert intake.per_second() < 1
