"""Chooses the real parts of schedules and keeps their alarms like their table."""

from contextlib import AsyncExitStack
from functools import partial

from flowloom_servicekit.background import run_beside
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.invoke import Invoker
from flowloom_servicekit.dapr.jobs import JobAlarms
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.database import Database
from orchestrator.adapters.invoked_triggers import InvokedTriggers
from orchestrator.adapters.postgres_schedules import PostgresSchedules
from orchestrator.settings import Settings
from orchestrator.usecases.reconcile_schedules import run_schedule_reconciler
from orchestrator.usecases.schedules import Schedules


class SchedulesOfProcess:
    """What schedules stand on in this process."""

    def __init__(self, settings: Settings, database: Database, sidecar: Sidecar, invoker: Invoker) -> None:
        self._settings = settings
        self._store = PostgresSchedules(database)
        self._alarms = JobAlarms(sidecar)
        self._triggers = InvokedTriggers(invoker)

    def start(self, stack: AsyncExitStack, clock: Clock) -> Schedules:
        """Return the schedules; their reconciler ends with the stack."""
        schedules = Schedules(store=self._store, alarms=self._alarms, triggers=self._triggers, clock=clock)
        every_s = self._settings.schedule_seconds
        reconciling = partial(
            run_schedule_reconciler, store=self._store, schedules=schedules, clock=clock, every_s=every_s
        )
        run_beside(stack, "schedules", reconciling)
        return schedules
