"""Rules about steps that no worker carries out, but that reach beyond their run: `emit` and `workflow`."""

from datetime import datetime

from flowloom_contracts.approvals import DecisionRequest
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import StepStatus
from flowloom_language.commands import EmitEvent, StartChildRun
from flowloom_language.events import StepFailed, StepQueued, StepWaiting
from flowloom_language.state import StepState
from orchestrator.domain.draft import Draft
from orchestrator.domain.failures import record_failure
from orchestrator.domain.ruling import Doing, rule_on_step


def is_held_back(draft: Draft, command: EmitEvent | StartChildRun, *, now: datetime) -> bool:
    """Whether a rule forbids the step, which has failed then, or asks a person, for whom it waits then.

    Raises `RulesNeededError`.
    """
    path = command.path
    step = draft.state.steps.get(path)
    if step is None or not _begins(draft, step):
        return False
    planned = draft.record.plan.at(path)
    ruling = rule_on_step(draft.record, Doing(path=path, kind=planned.kind, effect=planned.effect))
    if ruling.effect == "go":
        return False
    attempt = step.attempt + 1 if step.status is StepStatus.PENDING else step.attempt
    if ruling.effect == "deny":
        failed = StepFailed(path=path, attempt=attempt, error=ruling.error(), at=now)
        record_failure(draft, failed, jitter=0)
    else:
        _ask(draft, path, attempt, ruling.request(f"{planned.kind} step {path!r}", _shown(command)), now=now)
    return True


def _begins(draft: Draft, step: StepState) -> bool:
    """Whether the step has not gone out yet; the run that it asked for comes by itself."""
    if draft.execution(step.path).queued_at is not None:
        return False
    is_allowed = step.status is StepStatus.WAITING and step.decided is not None
    return is_allowed or step.status in (StepStatus.PENDING, StepStatus.RETRYING)


def _ask(draft: Draft, path: str, attempt: int, request: DecisionRequest, *, now: datetime) -> None:
    if draft.state.steps[path].status is StepStatus.RETRYING:
        draft.apply(StepQueued(path=path, attempt=attempt, at=now))
    draft.apply(StepWaiting(path=path, attempt=attempt, decision=request, at=now))


def _shown(command: EmitEvent | StartChildRun) -> JsonObject:
    """Return what people see of it."""
    if isinstance(command, EmitEvent):
        return {"topic": command.topic, "data": command.data}
    return {"workflow": command.workflow, "version": command.version, "inputs": command.inputs}
