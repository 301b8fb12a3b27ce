"""Run memory: ends of runs are kept as they are heard, and what follows from them is told a little later."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from flowloom_contracts.events import RunFinished
from flowloom_contracts.memory import StoreText
from flowloom_contracts.run_memory import RUN_MEMORY, FailuresQuery, KnownFailures
from flowloom_servicekit.clock import Clock
from memory.domain.run_memory import metadata_of, outcome_of, text_of, title_of
from memory.ports import ClaimedFailure, Known, RunMemory
from memory.usecases.search import Searching, active_embedder
from memory.usecases.texts import embedded

log = structlog.get_logger(__name__)

POLL_S: Final = 5.0
KEPT: Final = timedelta(days=180)
"""After half a year a workflow, and what it calls, are hardly the same any more."""

FORGET_EVERY_S: Final = 3_600.0
PLATFORM_ROLE: Final = "owner"
"""In the name of which the platform writes into a collection that others only read."""


@dataclass(frozen=True, slots=True)
class Remembering:
    """What run memory needs from outside."""

    runs: RunMemory
    searching: Searching
    clock: Clock


async def hear_end_of_run(event: RunFinished, *, runs: RunMemory, clock: Clock) -> bool:
    """Keep how a run has ended, once however often it is told; False if there is nothing to keep."""
    outcome = outcome_of(event)
    return outcome is not None and await runs.keep(outcome, clock.now())


async def list_failures(query: FailuresQuery, *, runs: RunMemory) -> KnownFailures:
    """Return how runs of a workflow fail, or what is known of the failure of one run."""
    signature = None
    if query.run_id is not None:
        signature = await runs.signature_of(query.workspace_id, query.workflow_id, query.run_id)
        if signature is None:
            return KnownFailures(items=[])
    found = await runs.known(query.workspace_id, query.workflow_id, signature)
    return KnownFailures(items=[one.failure for one in found])


async def tell_next(parts: Remembering) -> bool:
    """Write down what is known of one failure; False if there is nothing new about any."""
    claimed = await parts.runs.claim(parts.clock.now())
    if claimed is None:
        return False
    key = claimed.key
    found = await parts.runs.known(key.workspace_id, key.workflow_id, key.signature)
    if found:
        await _tell(claimed, found[0], parts)
    else:
        await parts.runs.drop(claimed)
    return True


async def _tell(claimed: ClaimedFailure, known: Known, parts: Remembering) -> None:
    key, failure, name = claimed.key, known.failure, known.workflow_name
    request = StoreText(
        workspace_id=key.workspace_id,
        collection=RUN_MEMORY,
        text=text_of(name, failure),
        metadata=metadata_of(name, failure),
        effect_key=key.effect_key,
        role=PLATFORM_ROLE,
    )
    embedder = await active_embedder(parts.searching)
    text = await embedded(request, embedder=embedder, clock=parts.clock)
    awaits = sum(remedy.runs for remedy in failure.remedies) < failure.seen
    await parts.runs.tell(claimed, title_of(name, failure), text, awaits_success=awaits)


class RunTeller:
    """Writes down what is new, one failure after the other: a hundred failures at once are told once."""

    def __init__(self, parts: Remembering) -> None:
        self._parts = parts
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._forget_at = 0.0

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._work(), name="run-memory")

    async def stop(self) -> None:
        """End at once; what is in work is due again when its lease ends."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            self._woken.clear()
            (worked,) = await asyncio.gather(self._look(), return_exceptions=True)
            if isinstance(worked, BaseException):
                log.warning("run memory has to wait", error=repr(worked))
            if worked is not True:
                await self._rest()

    async def _look(self) -> bool:
        clock = self._parts.clock
        if clock.monotonic() >= self._forget_at:
            self._forget_at = clock.monotonic() + FORGET_EVERY_S
            await self._parts.runs.forget(clock.now() - KEPT, clock.now())
        return await tell_next(self._parts)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._woken.wait()
        except TimeoutError:
            return
