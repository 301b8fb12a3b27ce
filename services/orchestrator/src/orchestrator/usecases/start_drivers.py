"""Gives accepted runs to their drivers: what never waits for anybody is carried out here, at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import structlog

from flowloom_contracts.base import JsonObject
from flowloom_contracts.topics import EngineName
from flowloom_servicekit.dapr.workflows import Engine
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.tracing import about, attached, carrier, span
from orchestrator.domain.driving import AdvanceAnswer
from orchestrator.domain.records import OutboxItem

log = structlog.get_logger(__name__)

Advancing: TypeAlias = Callable[[str], Awaitable[AdvanceAnswer]]

MAX_HERE: Final = 32
"""Runs carried out here at once; the engine keeps more than that in its own order."""


class DriverStarts:
    """One per process. The outbox row of a start stays until the run has ended here or the engine has it.

    So a run is not lost with this process: whoever finds the row starts it again, and a body that runs twice
    has one effect. With `here` in the payload the first round is tried in this process; see decision 0011.
    """

    def __init__(self, *, engine: Engine, advance: Advancing | None) -> None:
        self._engine = engine
        self._advance = advance
        self._here: dict[int, asyncio.Task[None]] = {}
        self._done: list[int] = []

    @property
    def carried(self) -> frozenset[int]:
        """The rows of runs that are being carried out here."""
        return frozenset(self._here)

    def taken_done(self) -> list[int]:
        """Return the rows that are done since this was asked, once."""
        done, self._done = self._done, []
        return done

    async def start(self, run_id: str, item: OutboxItem) -> bool:
        """Return whether the row is done; one that is carried out here is done later."""
        if item.id in self._here:
            return False
        with attached(_trace_of(item)), about(run=run_id):
            return await self._begin(run_id, item)

    async def _begin(self, run_id: str, item: OutboxItem) -> bool:
        if self._advance is None or not item.payload.get("here") or len(self._here) >= MAX_HERE:
            await self._schedule(run_id, item)
            return True
        task = asyncio.create_task(self._carry(run_id, item, self._advance))
        self._here[item.id] = task
        task.add_done_callback(lambda _: self._here.pop(item.id, None))
        return False

    async def stop(self) -> None:
        """Stop carrying; the rows are found at the next start."""
        tasks = list(self._here.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, run_id: str, item: OutboxItem, advance: Advancing) -> None:
        """Advance the run here, and give it to the engine if it has not ended with that."""
        round_ = asyncio.ensure_future(_traced(advance, run_id))
        try:
            await asyncio.wait({round_})
        finally:
            round_.cancel()
        failure = round_.exception()
        if failure is not None:
            log.warning("a run goes on in the engine", run_id=run_id, error=repr(failure))
        if failure is not None or not round_.result()["finished"]:
            try:
                await self._schedule(run_id, item)
            except UpstreamError as error:
                log.warning("a driver is started later", run_id=run_id, error=repr(error))
                return
        self._done.append(item.id)

    async def _schedule(self, run_id: str, item: OutboxItem) -> None:
        generation = item.payload.get("generation", 0)
        trace: JsonObject = {**carrier()}
        told: JsonObject = {"run_id": run_id, "generation": generation, **({"trace": trace} if trace else {})}
        await self._engine.schedule(str(item.payload["instance"]), EngineName.DRIVE_RUN, told)


async def _traced(advance: Advancing, run_id: str) -> AdvanceAnswer:
    with span("advance here", kind="consumer", **{"flowloom.run_id": run_id}):
        return await advance(run_id)


def _trace_of(item: OutboxItem) -> dict[str, str]:
    """Return the trace in which a run was accepted: it is kept with the row, which may wait for long."""
    kept = item.payload.get("trace")
    return {name: str(value) for name, value in kept.items()} if isinstance(kept, dict) else {}
