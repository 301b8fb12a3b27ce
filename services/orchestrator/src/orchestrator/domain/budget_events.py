"""The events that tell of budgets."""

from datetime import datetime
from typing import Literal

from flowloom_contracts.agents import BeginCall, EndCall
from flowloom_contracts.events import BudgetData
from orchestrator.domain.milestones import step_event
from orchestrator.domain.records import NewEvent


def budget_event(
    call: BeginCall | EndCall, kind: Literal["warned", "reached"], data: BudgetData, at: datetime
) -> NewEvent:
    """Return the event of a budget that is nearly used up, or used up for a call."""
    return step_event(call.run_id, call.step, f"budget.{kind}.v1", data, at=at, attempt=call.attempt)
