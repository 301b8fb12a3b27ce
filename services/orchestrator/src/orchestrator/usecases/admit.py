"""Gives free slots to queued runs: after a start, after an end, and every second while a queue exists."""

import asyncio
from typing import Final

import structlog

from flowloom_contracts.runs import Actor, RunCommand
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import FlowloomError, UpstreamError
from orchestrator.domain.records import Committed, OutboxKind
from orchestrator.ports.admission import AdmissionStore, Replaced
from orchestrator.usecases.control_runs import Controls, cancel_run
from orchestrator.usecases.gate import Relay

log = structlog.get_logger(__name__)

BATCH: Final = 100
PAUSE_SECONDS: Final = 0.05
"""Between two passes; ends that come meanwhile share the next one."""
WAIT_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 5.0
"""How often a process that knows of no queue looks whether another one has left one behind."""

REPLACED: Final = "A newer run has taken its place (limits.concurrency, on_full: cancel_oldest)."

FREES_A_SLOT: Final = frozenset({"run.finished.v1", "run.waiting.v1", "run.paused.v1"})
MAY_WAIT: Final = frozenset({"run.accepted.v1", "run.resumed.v1"})


class Admissions:
    """One per process; the store lets only one of them work at a time."""

    def __init__(self, *, store: AdmissionStore, relay: Relay, controls: Controls, clock: Clock) -> None:
        self._store = store
        self._relay = relay
        self._controls = controls
        self._clock = clock
        self._woken = asyncio.Event()
        self._is_waiting = True

    def committed(self, committed: Committed) -> None:
        """Look at once when a run waits for a slot, or has left one that somebody waits for."""
        types = {event.type for event in committed.events}
        if types & MAY_WAIT and not any(item.kind is OutboxKind.SCHEDULE for item in committed.outbox):
            self._is_waiting = True
            self._woken.set()
        elif self._is_waiting and types & FREES_A_SLOT:
            self._woken.set()

    async def run(self) -> None:
        """Admit for ever; an outage of Postgres is waited out."""
        while True:
            try:
                await self.turn()
            except UpstreamError as error:
                log.warning("nothing can be admitted", error=repr(error))
            await self._clock.sleep(PAUSE_SECONDS)
            await self._woken_or_after(WAIT_SECONDS if self._is_waiting else LOOK_SECONDS)

    async def _woken_or_after(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    async def turn(self) -> None:
        """Admit until no slot is free or nobody waits."""
        self._woken.clear()
        if not self._is_waiting:
            self._is_waiting = await self._store.is_waiting()
        while self._is_waiting and await self._pass() >= BATCH:
            continue

    async def _pass(self) -> int:
        done = await self._store.admit(limit=BATCH)
        if done is None:
            # Another process is at it and may not see our run yet.
            self._woken.set()
            return 0
        self._is_waiting = done.is_waiting
        for admitted in done.admitted:
            self._relay.push(
                Committed(admitted.run_id, admitted.epoch, first_n=0, events=(), outbox=(admitted.start,))
            )
        for replaced in done.replaced:
            await self._make_room(replaced)
        return len(done.admitted)

    async def _make_room(self, replaced: Replaced) -> None:
        actor = Actor(workspace_id=replaced.workspace_id)
        command = RunCommand(actor=actor, run_id=replaced.run_id, reason=REPLACED)
        try:
            await cancel_run(command, controls=self._controls)
        except FlowloomError as error:
            # It has ended meanwhile, or the next pass names it again.
            log.info("a run was not replaced", run_id=replaced.run_id, error=repr(error))
