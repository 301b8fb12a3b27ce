"""The orchestrator, through the sidecar."""

from collections import OrderedDict
from typing import Final, TypeAlias, TypeVar

from flowloom_contracts.base import Request, Response
from flowloom_contracts.events import RunEventList
from flowloom_contracts.runs import (
    Actor,
    Run,
    RunCommand,
    RunEventsQuery,
    RunList,
    RunListQuery,
    RunQuery,
    RunSnapshot,
    StepList,
    StepsQuery,
)
from flowloom_contracts.starts import StartRun
from flowloom_contracts.topics import AppId
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.invoke import Invoker

TIMEOUT_SECONDS: Final = 10.0
NEW_SECONDS: Final = 5.0
"""How long a run that was started here is new: its stream is in Redis for an hour after its end."""

MOST_NEW: Final = 1_000

R = TypeVar("R", bound=Response)

_Started: TypeAlias = tuple[str, str | None, str]
"""A workspace, who started a run, and the run: nobody else is told of it without the orchestrator."""


class OrchestratorRuns:
    """Runs over service invocation; what the orchestrator refuses reaches the client as it was said."""

    def __init__(self, invoker: Invoker, clock: Clock) -> None:
        self._invoker = invoker
        self._clock = clock
        self._new: OrderedDict[_Started, tuple[float, Run]] = OrderedDict()

    async def start(self, request: StartRun) -> Run:
        """Store a run durably and return it."""
        run = await self._ask("start", request, Run)
        self._new[_started(request.actor, run.id)] = (self._clock.monotonic() + NEW_SECONDS, run)
        if len(self._new) > MOST_NEW:
            self._new.popitem(last=False)
        return run

    def newly_started(self, query: RunQuery) -> Run | None:
        """See `Runs`."""
        until, run = self._new.get(_started(query.actor, query.run_id), (0.0, None))
        return run if self._clock.monotonic() < until else None

    async def page(self, query: RunListQuery) -> RunList:
        """Return a page of runs, newest first."""
        return await self._ask("list", query, RunList)

    async def get(self, query: RunQuery) -> Run:
        """Return one run."""
        return await self._ask("get", query, Run)

    async def steps(self, query: StepsQuery) -> StepList:
        """Return a page of the steps of a run."""
        return await self._ask("steps", query, StepList)

    async def events(self, query: RunEventsQuery) -> RunEventList:
        """Return a page of a run's history."""
        return await self._ask("events", query, RunEventList)

    async def snapshot(self, query: RunQuery) -> RunSnapshot:
        """Return where a run is now."""
        return await self._ask("snapshot", query, RunSnapshot)

    async def cancel(self, command: RunCommand) -> Run:
        """Ask a run to stop."""
        return await self._ask("cancel", command, Run)

    async def _ask(self, verb: str, request: Request, answer: type[R]) -> R:
        return await self._invoker.call(
            AppId.ORCHESTRATOR, f"runs/{verb}", request, answer, timeout_s=TIMEOUT_SECONDS
        )


def _started(actor: Actor, run_id: str) -> _Started:
    return (actor.workspace_id, actor.user_id, run_id)
