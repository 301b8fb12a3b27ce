"""The reaper: ends what is overdue and wakes what has stopped moving, every two seconds."""

import asyncio
from typing import Final, assert_never

import structlog

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import FlowloomError, UpstreamError
from orchestrator.domain.overdue import hand_out_again, time_out, wake
from orchestrator.ports.reaper import Overdue, ReaperStore
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.jitter import jitter

log = structlog.get_logger(__name__)

TIDY_SECONDS: Final = 3600


async def run_reaper(*, store: ReaperStore, gate: RunGate, clock: Clock, every_s: float) -> None:
    """Reap for ever; an outage of Postgres is waited out."""
    tidied_at = clock.monotonic()
    while True:
        await clock.sleep(every_s)
        try:
            await reap(store=store, gate=gate, clock=clock)
            if clock.monotonic() - tidied_at > TIDY_SECONDS:
                tidied_at = clock.monotonic()
                await store.tidy(clock.now())
        except UpstreamError as error:
            log.warning("the reaper cannot work", error=repr(error))


async def reap(*, store: ReaperStore, gate: RunGate, clock: Clock) -> None:
    """One turn: each overdue thing is judged again on the stored run before anything changes."""
    for overdue in await store.overdue(clock.now()):
        log.warning("overdue", run_id=overdue.run_id, step=overdue.step, reason=overdue.reason)
        # Gathered, so that a run that cannot be handled, by a fault of ours even, keeps no other one waiting.
        handling = _handle(overdue, store=store, gate=gate, clock=clock)
        (failure,) = await asyncio.gather(handling, return_exceptions=True)
        if isinstance(failure, FlowloomError):
            log.warning("an overdue run was left for later", run_id=overdue.run_id, error=repr(failure))
        elif failure is not None:
            log.error("an overdue run cannot be handled", run_id=overdue.run_id, exc_info=failure)


async def _handle(overdue: Overdue, *, store: ReaperStore, gate: RunGate, clock: Clock) -> None:
    now = clock.now()
    match overdue.reason:
        case "deadline":
            await gate.change(
                overdue.run_id,
                lambda record: time_out(record, overdue.step, exec=overdue.exec, now=now, jitter=jitter()),
            )
        case "lost" | "unclaimed":
            await gate.change(
                overdue.run_id,
                lambda record: hand_out_again(record, overdue.step, exec=overdue.exec, now=now),
                stale=lambda _: True,
            )
        case "still":
            nudges = await store.nudge(overdue.run_id)
            await gate.change(overdue.run_id, lambda record: wake(record, nudges=nudges))
        case _:
            assert_never(overdue.reason)
