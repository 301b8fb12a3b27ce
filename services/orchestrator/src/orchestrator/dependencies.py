"""What routes and activities work with, made once per process by `bootstrap`."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from flowloom_servicekit.clock import Clock
from orchestrator.ports import CancelChannel, JournalStore, RunStore, RunViews
from orchestrator.usecases.gate import Relay, RunGate
from orchestrator.usecases.read_runs import History
from orchestrator.usecases.stops import StopRegistry


@dataclass(frozen=True)
class Dependencies:
    """The real parts, or a test's."""

    runs: RunStore
    views: RunViews
    journal: JournalStore
    history: History
    gate: RunGate
    relay: Relay
    stops: StopRegistry
    channel: CancelChannel
    clock: Clock


async def _dependencies(request: Request) -> Dependencies:  # a plain function would hop to a thread
    found: Dependencies = request.app.state.dependencies
    return found


Parts: TypeAlias = Annotated[Dependencies, Depends(_dependencies)]
