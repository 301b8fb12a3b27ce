"""What operators see of runs and steps: how much is in progress, and how what ended has ended."""

import asyncio
from contextlib import suppress
from typing import Final

from prometheus_client import REGISTRY

from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.adapters.postgres_figures import PostgresFigures
from orchestrator.ports.figures import Figures
from orchestrator.testing.world import Stores, a_world, workflow
from orchestrator.usecases.watch_figures import EVERY_SECONDS, count_ends, watch_figures

HELLO: Final = workflow("s: {llm: default, prompt: Hi}")
AGENT: Final = workflow("s: {agent: research, prompt: Hi}")
ASKS: Final = workflow("s: {approval: {title: Well}}")


def told(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_counts_what_is_in_progress(database: Database, postgres_stores: Stores) -> None:
    figures = PostgresFigures(database)
    assert await figures.now() == Figures()
    async with a_world(postgres_stores) as world:
        for source in (AGENT, ASKS):
            await world.advance(await world.start(source))
        found = await figures.now()
    assert found.runs == {"running": 1, "waiting": 1}
    assert (found.queued_steps, found.open_approvals, found.expired_leases) == (1, 1, 0)
    assert found.places == {"running": 1} or sum(found.places.values()) == 2
    assert found.queued_step_age_s >= 0


async def test_counts_how_runs_and_steps_end(stores: Stores) -> None:
    runs = told("flowloom_runs_ended_total", status="succeeded")
    steps = told("flowloom_steps_ended_total", kind="llm", status="succeeded")
    timed = told("flowloom_runs_ended_seconds_count")
    async with a_world(stores, model=ScriptedModel("hello")) as world:
        world.relay.watched_by(count_ends)
        await world.advance(await world.start(HELLO))
    assert told("flowloom_runs_ended_total", status="succeeded") == runs + 1
    assert told("flowloom_steps_ended_total", kind="llm", status="succeeded") == steps + 1
    assert told("flowloom_runs_ended_seconds_count") == timed + 1


class Failing:
    """Figures that cannot be counted the first time."""

    def __init__(self) -> None:
        self.asked = 0

    async def now(self) -> Figures:
        self.asked += 1
        if self.asked == 1:
            raise StorageUnavailableError("the database is not available")
        return Figures(runs={"running": 3}, outbox_rows=2, outbox_age_s=1.5)


async def test_an_outage_is_waited_out() -> None:
    figures, clock = Failing(), FakeClock()
    watching = asyncio.create_task(watch_figures(figures=figures, clock=clock))
    await wait_until(lambda: clock.sleepers == 1, 5)
    clock.advance(EVERY_SECONDS)
    await wait_until(lambda: figures.asked == 2 and told("flowloom_runs_now", status="running") == 3, 5)
    assert told("flowloom_runs_now", status="paused") == 0
    assert told("flowloom_outbox_oldest_seconds") == 1.5
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
