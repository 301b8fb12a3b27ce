"""What routes and activities work with, made once per process by `bootstrap`."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from flowloom_servicekit.clock import Clock
from orchestrator.ports.approvals import ApprovalStore
from orchestrator.ports.journal import JournalStore
from orchestrator.ports.policies import PolicyStore
from orchestrator.ports.runs import RunStore
from orchestrator.ports.stats import StatsStore
from orchestrator.ports.views import RunViews
from orchestrator.usecases.ask_models import ModelQuestions
from orchestrator.usecases.budget_book import BudgetBook
from orchestrator.usecases.call_mcp import AgentCalls, McpTools
from orchestrator.usecases.control_runs import Controls
from orchestrator.usecases.fork_run import Forks
from orchestrator.usecases.gate import Relay, RunGate
from orchestrator.usecases.guard_calls import CallGuard
from orchestrator.usecases.hear_events import EventDelivery
from orchestrator.usecases.keep_files import RunFiles
from orchestrator.usecases.keep_values import ValueKeeper
from orchestrator.usecases.read_runs import History
from orchestrator.usecases.schedules import Schedules


@dataclass(frozen=True)
class Dependencies:
    """The real parts, or a test's."""

    runs: RunStore
    views: RunViews
    journal: JournalStore
    history: History
    gate: RunGate
    relay: Relay
    controls: Controls
    forks: Forks
    values: ValueKeeper
    files: RunFiles
    clock: Clock
    events: EventDelivery
    approvals: ApprovalStore
    guard: CallGuard
    schedules: Schedules
    stats: StatsStore
    policies: PolicyStore
    budgets: BudgetBook
    models: ModelQuestions
    mcp: McpTools
    agent_calls: AgentCalls


async def _dependencies(request: Request) -> Dependencies:  # a plain function would hop to a thread
    found: Dependencies = request.app.state.dependencies
    return found


Parts: TypeAlias = Annotated[Dependencies, Depends(_dependencies)]
