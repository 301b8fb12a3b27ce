"""Schedules: switched on by a version, fired once for each due time, whatever becomes of the scheduler."""

from datetime import UTC, datetime, timedelta

import pytest

from flowloom_contracts.automation import (
    PauseSchedule,
    Schedule,
    ScheduleQuery,
    ScheduleSpec,
    SyncSchedules,
)
from flowloom_contracts.runs import Actor, WorkflowRef
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.testing.alarms import FakeAlarms
from flowloom_servicekit.testing.clock import FakeClock
from orchestrator.adapters.postgres_schedules import PostgresSchedules
from orchestrator.domain.due_times import due_times
from orchestrator.ports.schedules import ScheduleStore
from orchestrator.testing.schedules import FakeTriggers, InMemorySchedules
from orchestrator.usecases.reconcile_schedules import reconcile_schedules
from orchestrator.usecases.schedules import InvalidScheduleError, ScheduleNotFoundError, Schedules

WORKFLOW = WorkflowRef(id="wf-1", name="nightly")
ACTOR = Actor(workspace_id="ws-1")
HOURLY = ScheduleSpec(trigger="hourly", cron="0 * * * *")


class Planner:
    """A process of the orchestrator, as far as schedules go; it is noon."""

    def __init__(self, store: ScheduleStore) -> None:
        self.store = store
        self.alarms, self.triggers, self.clock = FakeAlarms(), FakeTriggers(), FakeClock()
        self.schedules = Schedules(store=store, alarms=self.alarms, triggers=self.triggers, clock=self.clock)

    async def sync(self, *specs: ScheduleSpec, version: int = 1) -> list[Schedule]:
        request = SyncSchedules(actor=ACTOR, workflow=WORKFLOW, version=version, schedules=list(specs))
        return (await self.schedules.sync(request)).items

    async def ring(self) -> None:
        """Let the alarms fire whose time has come."""
        for name, at in list(self.alarms.at.items()):
            if at <= self.clock.now():
                del self.alarms.at[name]
                await self.schedules.alarm(name)

    async def reconcile(self) -> None:
        await reconcile_schedules(store=self.store, schedules=self.schedules, clock=self.clock, ahead_s=60)

    async def one(self) -> Schedule:
        items = (await self.schedules.page(ScheduleQuery(actor=ACTOR))).items
        assert len(items) == 1
        return items[0]

    @property
    def due(self) -> list[str]:
        return [str(one.data["due_at"]) for one in self.triggers.fired]


@pytest.fixture(params=["memory", "postgres"])
def planner(request: pytest.FixtureRequest) -> Planner:
    if request.param == "memory":
        return Planner(InMemorySchedules())
    return Planner(PostgresSchedules(request.getfixturevalue("database")))


async def test_fires_at_its_time_and_arms_the_next(planner: Planner) -> None:
    [made] = await planner.sync(HOURLY)
    assert made.next_at == datetime(2026, 1, 1, 13, tzinfo=UTC)
    assert planner.alarms.at == {f"sched:{made.id}": made.next_at}
    planner.clock.advance(3600)
    await planner.ring()
    fired = planner.triggers.fired[0]
    assert fired.key == f"sched:{made.id}:2026-01-01T13:00:00Z"
    assert (fired.workflow_id, fired.version, fired.trigger) == ("wf-1", 1, "hourly")
    now = await planner.one()
    assert (now.last_at, now.last_run_id, now.last_error) == (made.next_at, "run-1", None)
    assert now.next_at == made.next_at + timedelta(hours=1) == planner.alarms.at[f"sched:{made.id}"]


async def test_starts_one_run_when_an_alarm_fires_twice(planner: Planner) -> None:
    [made] = await planner.sync(HOURLY)
    planner.clock.advance(3600)
    await planner.schedules.alarm(f"sched:{made.id}")
    await planner.schedules.alarm(f"sched:{made.id}")
    assert planner.due == ["2026-01-01T13:00:00Z"]


async def test_starts_one_run_when_two_processes_fire_at_once(planner: Planner) -> None:
    [made] = await planner.sync(HOURLY)
    planner.clock.advance(3600)
    stored = await planner.store.get(made.id)
    assert stored is not None
    await planner.schedules.look_at(stored)
    await planner.schedules.look_at(stored)
    assert set(planner.triggers.runs) == {f"sched:{made.id}:2026-01-01T13:00:00Z"}
    assert (await planner.one()).last_run_id == "run-1"


async def test_fires_a_little_late_when_the_scheduler_has_lost_everything(planner: Planner) -> None:
    [made] = await planner.sync(HOURLY)
    planner.alarms.at.clear()
    planner.clock.advance(3550)
    await planner.reconcile()
    assert f"sched:{made.id}" in planner.alarms.at
    planner.alarms.at.clear()
    planner.clock.advance(60)
    await planner.reconcile()
    assert planner.due == ["2026-01-01T13:00:00Z"]
    await planner.reconcile()
    assert len(planner.triggers.fired) == 1


async def test_fires_while_the_scheduler_is_away(planner: Planner) -> None:
    planner.alarms.failure = UpstreamError("away")
    await planner.sync(HOURLY)
    planner.clock.advance(3610)
    await planner.reconcile()
    assert planner.due == ["2026-01-01T13:00:00Z"]


async def test_tries_again_when_the_gateway_is_away(planner: Planner) -> None:
    await planner.sync(HOURLY)
    planner.clock.advance(3600)
    planner.triggers.failure = UpstreamError("away")
    with pytest.raises(UpstreamError):
        await planner.ring()
    planner.clock.advance(10)
    await planner.reconcile()
    planner.triggers.failure = None
    await planner.reconcile()
    assert planner.due == ["2026-01-01T13:00:00Z"]


async def test_says_why_no_run_was_started(planner: Planner) -> None:
    await planner.sync(HOURLY)
    planner.triggers.refused = "The workflow was deleted."
    planner.clock.advance(3600)
    await planner.ring()
    now = await planner.one()
    assert (now.last_run_id, now.last_error) == (None, "The workflow was deleted.")
    assert now.next_at == datetime(2026, 1, 1, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("misfire", "expected"),
    [("skip", []), ("run_once", ["15"]), ("run_all", ["13", "14", "15"])],
)
async def test_makes_up_for_missed_times_as_told(planner: Planner, misfire: str, expected: list[str]) -> None:
    await planner.sync(ScheduleSpec.model_validate({**HOURLY.model_dump(), "misfire": misfire}))
    planner.clock.advance(3.5 * 3600)
    await planner.reconcile()
    assert planner.due == [f"2026-01-01T{hour}:00:00Z" for hour in expected]
    assert (await planner.one()).next_at == datetime(2026, 1, 1, 16, tzinfo=UTC)


async def test_misses_its_times_while_it_is_paused(planner: Planner) -> None:
    [made] = await planner.sync(HOURLY)
    paused = await planner.schedules.pause(PauseSchedule(actor=ACTOR, schedule_id=made.id, paused=True))
    assert (paused.paused, paused.next_at, planner.alarms.at) == (True, None, {})
    planner.clock.advance(2.5 * 3600)
    await planner.reconcile()
    await planner.schedules.alarm(f"sched:{made.id}")
    again = await planner.schedules.pause(PauseSchedule(actor=ACTOR, schedule_id=made.id, paused=False))
    assert (planner.due, again.next_at) == ([], datetime(2026, 1, 1, 15, tzinfo=UTC))


async def test_keeps_what_a_new_version_does_not_change(planner: Planner) -> None:
    daily = ScheduleSpec(trigger="daily", cron="0 7 * * *", zone="Europe/Berlin")
    first = {one.trigger: one for one in await planner.sync(HOURLY, daily)}
    await planner.schedules.pause(PauseSchedule(actor=ACTOR, schedule_id=first["daily"].id, paused=True))
    faster = HOURLY.model_copy(update={"cron": "*/5 * * * *"})
    second = {one.trigger: one for one in await planner.sync(faster, daily, version=2)}
    assert {name: one.id for name, one in second.items()} == {name: one.id for name, one in first.items()}
    assert second["hourly"].next_at == datetime(2026, 1, 1, 12, 5, tzinfo=UTC)
    assert (second["daily"].paused, second["daily"].version) == (True, 2)
    assert len(await planner.sync(HOURLY, version=1)) == 2
    assert await planner.sync(version=3) == []
    assert planner.alarms.at == {}


async def test_keeps_workspaces_apart(planner: Planner) -> None:
    [made] = await planner.sync(HOURLY)
    stranger = Actor(workspace_id="ws-2")
    assert (await planner.schedules.page(ScheduleQuery(actor=stranger))).items == []
    with pytest.raises(ScheduleNotFoundError):
        await planner.schedules.pause(PauseSchedule(actor=stranger, schedule_id=made.id, paused=True))
    with pytest.raises(ScheduleNotFoundError):
        await planner.schedules.pause(PauseSchedule(actor=ACTOR, schedule_id="nonsense", paused=True))
    await planner.schedules.alarm("sched:nonsense")


async def test_refuses_what_is_no_schedule(planner: Planner) -> None:
    with pytest.raises(InvalidScheduleError):
        await planner.sync(ScheduleSpec(trigger="t", cron="61 * * * *"))
    with pytest.raises(InvalidScheduleError):
        await planner.sync(ScheduleSpec(trigger="t", cron="0 * * * *", zone="Mars/Olympus"))


def test_obeys_the_changes_of_clocks() -> None:
    berlin = Schedule(
        id="s",
        workflow=WORKFLOW,
        version=1,
        trigger="t",
        cron="30 2 * * *",
        zone="Europe/Berlin",
        misfire="run_all",
        next_at=datetime(2026, 3, 28, 1, 30, tzinfo=UTC),
    )
    times = due_times(berlin, now=datetime(2026, 3, 31, tzinfo=UTC))
    # 02:30 does not exist on the 29th: it is due right after the change, once.
    assert [due.isoformat()[5:16] for due in times.fire] == ["03-28T01:30", "03-29T01:00", "03-30T00:30"]


def test_makes_up_for_a_long_absence_in_pieces() -> None:
    minutely = Schedule(
        id="s",
        workflow=WORKFLOW,
        version=1,
        trigger="t",
        cron="* * * * *",
        zone="UTC",
        misfire="run_all",
        next_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    now = datetime(2026, 3, 1, 0, 0, 30, tzinfo=UTC)
    times = due_times(minutely, now=now)
    assert len(times.fire) == 100
    assert times.next_at == times.fire[-1] + timedelta(minutes=1)
    once = due_times(minutely.model_copy(update={"misfire": "run_once"}), now=now)
    assert (once.fire, once.next_at) == ((now.replace(second=0),), now.replace(minute=1, second=0))
