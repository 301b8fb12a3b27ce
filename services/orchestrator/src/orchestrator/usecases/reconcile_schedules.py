"""Keeps the scheduler's alarms like the table: also after it was down, or has lost all it knew."""

from datetime import timedelta
from typing import Final

import structlog

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import FlowloomError
from orchestrator.ports.schedules import ScheduleStore
from orchestrator.usecases.schedules import Schedules

log = structlog.get_logger(__name__)

BATCH: Final = 200
GRACE: Final = timedelta(seconds=2)
"""How late an alarm may be before its schedule is fired without it."""


async def run_schedule_reconciler(
    *, store: ScheduleStore, schedules: Schedules, clock: Clock, every_s: float
) -> None:
    """Reconcile at the start and every few seconds, for ever."""
    while True:
        try:
            await reconcile_schedules(store=store, schedules=schedules, clock=clock, ahead_s=2 * every_s)
        except FlowloomError as error:
            log.warning("schedules cannot be compared with their alarms", error=repr(error))
        await clock.sleep(every_s)


async def reconcile_schedules(
    *, store: ScheduleStore, schedules: Schedules, clock: Clock, ahead_s: float
) -> None:
    """Fire what is overdue, and arm again what is due until the turn after the next one.

    Arming what is armed changes nothing. So a scheduler that has forgotten is noticed before the next due
    time, or fires at most one turn late; what lies further ahead need not be looked at.
    """
    now = clock.now()
    for stored in await store.due(now + timedelta(seconds=ahead_s), limit=BATCH):
        next_at = stored.schedule.next_at
        try:
            if next_at is not None and next_at <= now - GRACE:
                log.warning("a schedule is late", schedule_id=stored.id, due_at=next_at.isoformat())
                await schedules.look_at(stored)
            else:
                await schedules.arm(stored.schedule)
        except FlowloomError as error:
            log.warning("a schedule was left for later", schedule_id=stored.id, error=repr(error))
