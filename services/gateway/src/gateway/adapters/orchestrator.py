"""The orchestrator, through the sidecar."""

from typing import Final, TypeVar

from flowloom_contracts.base import Request, Response
from flowloom_contracts.events import RunEventList
from flowloom_contracts.runs import (
    Run,
    RunCommand,
    RunEventsQuery,
    RunList,
    RunListQuery,
    RunQuery,
    RunSnapshot,
    StartRun,
    StepList,
)
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker

TIMEOUT_SECONDS: Final = 10.0

R = TypeVar("R", bound=Response)


class OrchestratorRuns:
    """Runs over service invocation; what the orchestrator refuses reaches the client as it was said."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def start(self, request: StartRun) -> Run:
        """Store a run durably and return it."""
        return await self._ask("start", request, Run)

    async def page(self, query: RunListQuery) -> RunList:
        """Return a page of runs, newest first."""
        return await self._ask("list", query, RunList)

    async def get(self, query: RunQuery) -> Run:
        """Return one run."""
        return await self._ask("get", query, Run)

    async def steps(self, query: RunQuery) -> StepList:
        """Return the steps of a run."""
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
