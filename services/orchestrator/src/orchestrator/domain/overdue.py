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

LOSSES_PER_DRIVER: Final = 2
"""How often a step in progress is lost before that: its driver did not hear of the first time, or in vain."""

_WORKED_ON: Final = (StepStatus.QUEUED, StepStatus.RUNNING)


def time_out(record: RunRecord, path: str, *, exec: int, now: datetime, jitter: float) -> Verdict[bool]:
    """End an attempt whose worker goes on after its deadline."""
    step, execution = record.state.steps.get(path), record.execution(path)
    if step is None or step.status is not StepStatus.RUNNING or execution.exec != exec:
        return Verdict(False)
    draft = Draft(record)
    error = StepError(code="timeout", message="The worker went on after its deadline.")
    failed = StepFailed(path=path, attempt=step.attempt, error=error, at=now)
    record_failure(draft, failed, jitter=jitter)
    draft.wake_driver()
    return Verdict(True, draft.stored())


def hand_out_again(record: RunRecord, path: str, *, exec: int, now: datetime) -> Verdict[bool]:
    """Let the driver start another activity for a step that nobody works on."""
    step, execution = record.state.steps.get(path), record.execution(path)
    if step is None or step.status not in _WORKED_ON or execution.exec != exec:
        return Verdict(False)
    draft = Draft(record)
    dispatch = execution.dispatch + 1
    waiting = replace(execution, dispatch=dispatch, queued_at=now)
    if step.status is StepStatus.RUNNING:
        draft.set_execution(path, replace(waiting, lease_until=now))
        _wake(draft, dispatch, per_driver=LOSSES_PER_DRIVER)
    else:
        draft.set_execution(path, waiting)
        _wake(draft, dispatch, per_driver=NUDGES_PER_DRIVER)
    return Verdict(True, draft.stored())


def wake(record: RunRecord, *, nudges: int) -> Verdict[bool]:
    """Wake a run's driver, or start another one when waking has not helped."""
    if record.state.status.is_terminal:
        return Verdict(False)
    draft = Draft(record)
    _wake(draft, nudges, per_driver=NUDGES_PER_DRIVER)
    return Verdict(True, draft.stored())


def _wake(draft: Draft, count: int, *, per_driver: int) -> None:
    if count % per_driver == 0:
        draft.replace_driver()
    else:
        draft.wake_driver()
