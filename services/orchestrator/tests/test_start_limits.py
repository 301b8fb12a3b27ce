"""What keeps new runs out: too many that wait, and too little memory for their live streams."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowloom_contracts.runs import StepRef
from flowloom_servicekit.errors import StorageFullError, StorageUnavailableError, UpstreamError
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.valkey import running_valkey
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.adapters.redis_memory import RedisMemory
from orchestrator.domain.admission import Slots, TooManyQueuedError
from orchestrator.domain.errors import IdempotencyConflictError
from orchestrator.ports.admission import AdmissionStore
from orchestrator.testing.world import Stores, a_world, workflow
from orchestrator.usecases.limit_starts import FULL, LimitedRunStore, StartLimits

AGENT = workflow("s: {agent: qa, prompt: Hi}")


class FakeMemory:
    """A store that is as full as a test says."""

    def __init__(self, used: float = 0.0) -> None:
        self.share = used
        self.asked = 0
        self.failure: UpstreamError | None = None

    async def used(self) -> float:
        """Return the share."""
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return self.share


def limits(memory: FakeMemory, admission: AdmissionStore, clock: FakeClock, most: int = 2) -> StartLimits:
    return StartLimits(memory=memory, admission=admission, clock=clock, max_queued=most)


async def test_refuses_runs_when_a_workspace_has_queued_too_many(
    stores_with: Callable[[Slots], Stores],
) -> None:
    stores, clock = stores_with(Slots(at_once=1)), FakeClock()
    async with a_world(stores) as world:
        asked = limits(FakeMemory(), stores.admission, clock)
        stores.runs.create = LimitedRunStore(PlainStore(stores), asked).create  # type: ignore[method-assign]  # as bootstrap does
        first, *_ = [await world.start(AGENT) for _ in range(3)]
        with pytest.raises(TooManyQueuedError) as refused:
            await world.start(AGENT)
        assert (refused.value.status, refused.value.retry_after) == (429, 10)
        await asked.check("ws-2")
        await world.cancel(first)
        await world.admissions.turn()
        clock.advance(1)
        await world.start(AGENT)
        with pytest.raises(TooManyQueuedError):
            await world.start(AGENT)
        await world.start(AGENT, parent=StepRef(run_id=first.id, step="s"))


class PlainStore:
    """The store as it was before it was limited."""

    def __init__(self, stores: Stores) -> None:
        self.create = stores.runs.create
        self.known = stores.runs.known
        self.load = stores.runs.load
        self.commit = stores.runs.commit
        self.renew_lease = stores.runs.renew_lease


@pytest.mark.parametrize("full", ["memory", "queue"])
async def test_answers_a_repeated_start_whatever_is_full(
    stores_with: Callable[[Slots], Stores], full: str
) -> None:
    stores, memory, clock = stores_with(Slots(at_once=1)), FakeMemory(), FakeClock()
    async with a_world(stores) as world:
        asked = limits(memory, stores.admission, clock, most=1)
        stores.runs.create = LimitedRunStore(PlainStore(stores), asked).create  # type: ignore[method-assign]  # as bootstrap does
        first = await world.start(AGENT, key="k")
        if full == "queue":
            await world.start(AGENT)
        else:
            memory.share = 0.9
            clock.advance(6)
        with pytest.raises((TooManyQueuedError, StorageFullError)):
            await world.start(AGENT, key="other")
        assert (await world.start(AGENT, key="k")).id == first.id
        with pytest.raises(IdempotencyConflictError):
            await world.start(AGENT, inputs={"x": 1}, key="k")


async def test_refuses_runs_when_memory_is_nearly_full() -> None:
    memory, clock = FakeMemory(0.81), FakeClock()
    asked = limits(memory, Stores.in_memory().admission, clock)
    with pytest.raises(StorageFullError, match="81%") as refused:
        await asked.check("ws-1")
    assert (refused.value.status, refused.value.code) == (507, "storage_full")
    memory.share = 0.5
    clock.advance(6)
    await asked.check("ws-1")


async def test_asks_at_most_once_a_second() -> None:
    memory, clock = FakeMemory(0.2), FakeClock()
    asked = limits(memory, Stores.in_memory().admission, clock)
    for _ in range(50):
        await asked.check("ws-1")
    assert memory.asked == 1


async def test_takes_runs_when_nobody_says_how_full_it_is() -> None:
    memory, clock = FakeMemory(0.9), FakeClock()
    memory.failure = StorageUnavailableError("away")
    asked = limits(memory, Stores.in_memory().admission, clock)
    await asked.check("ws-1")
    await asked.stop()


@pytest.fixture
def full_redis(tmp_path: Path) -> Iterator[str]:
    """Give the address of a server that may use 8 MiB."""
    with running_valkey(tmp_path, maxmemory="8mb") as url:
        yield url


async def test_reads_the_share_of_memory(full_redis: str) -> None:
    redis = connect_redis(full_redis)
    memory, clock = RedisMemory(redis), FakeClock()

    async def is_up() -> bool:
        try:
            return await memory.used() < FULL
        except StorageUnavailableError:
            return False

    await wait_until(is_up)
    for number in range(100):
        if await memory.used() <= FULL:
            await redis.set(f"filling-{number}", "x" * 100_000)
    assert FULL < await memory.used() <= 1
    asked = StartLimits(memory=memory, admission=Stores.in_memory().admission, clock=clock, max_queued=1)
    with pytest.raises(StorageFullError):
        await asked.check("ws-1")
    await redis.config_set("maxmemory", 0)
    assert await memory.used() == 0
    await redis.aclose()
