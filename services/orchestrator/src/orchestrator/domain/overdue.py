"""What to do about a step or run that does not move by itself."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from flowloom_contracts.runs import StepError, StepStatus
from flowloom_language.events import StepFailed
from orchestrator.domain.draft import Draft
from orchestrator.domain.failures import record_failure
from orchestrator.domain.records import RunRecord
from orchestrator.domain.verdicts import Verdict

NUDGES_PER_DRIVER: Final = 3
"""Wake-ups without effect before a run gets another driver."""


def time_out(record: RunRecord, path: str, *, exec: int, now: datetime, jitter: float) -> Verdict[bool]:
    """End an attempt whose worker goes on after its deadline."""
    step, execution = record.state.steps[path], record.execution(path)
    if step.status is not StepStatus.RUNNING or execution.exec != exec:
        return Verdict(False)
    draft = Draft(record)
    error = StepError(code="timeout", message="The worker went on after its deadline.")
    failed = StepFailed(path=path, attempt=step.attempt, error=error, at=now)
    record_failure(draft, failed, jitter=jitter)
    draft.wake_driver()
    return Verdict(True, draft.stored())


def hand_out_again(record: RunRecord, path: str, *, exec: int, now: datetime) -> Verdict[bool]:
    """Let the driver start another activity for a step that nobody works on."""
    step, execution = record.state.steps[path], record.execution(path)
    is_open = step.status in (StepStatus.QUEUED, StepStatus.RUNNING) and execution.exec == exec
    if not is_open:
        return Verdict(False)
    draft = Draft(record)
    dispatch = execution.dispatch + 1
    waiting = replace(execution, dispatch=dispatch, queued_at=now)
    if step.status is StepStatus.RUNNING:
        waiting = replace(waiting, lease_until=now)
    draft.set_execution(path, waiting)
    _wake(draft, dispatch)
    return Verdict(True, draft.stored())


def wake(record: RunRecord, *, nudges: int) -> Verdict[bool]:
    """Wake a run's driver, or start another one when waking has not helped."""
    if record.state.status.is_terminal:
        return Verdict(False)
    draft = Draft(record)
    _wake(draft, nudges)
    return Verdict(True, draft.stored())


def _wake(draft: Draft, count: int) -> None:
    if count % NUDGES_PER_DRIVER == 0:
        draft.replace_driver()
    else:
        draft.wake_driver()
