"""What becomes of a `workflow` step when the run that it asked for exists, cannot exist, or has ended."""

from datetime import datetime
from typing import Final

from flowloom_contracts.runs import StepError, StepStatus
from flowloom_language.events import ChildRunEnded, ChildRunStarted, StepFailed
from orchestrator.domain.draft import Draft
from orchestrator.domain.failures import record_failure
from orchestrator.domain.records import RunRecord
from orchestrator.domain.verdicts import Verdict

MAX_DEPTH: Final = 8
"""Runs above one another."""


def is_wanted(record: RunRecord, path: str, attempt: int) -> bool:
    """Whether an attempt of a step still waits for its run to be started."""
    step = record.state.steps.get(path)
    if step is None or record.state.status.is_terminal:
        return False
    if step.status is StepStatus.PENDING:
        is_asked = record.execution(path).queued_at is not None
        return is_asked and attempt == step.attempt + 1
    is_allowed = step.status is StepStatus.WAITING and step.decided is not None
    return (is_allowed or step.status is StepStatus.RETRYING) and attempt == step.attempt


def started(record: RunRecord, path: str, attempt: int, *, run_id: str, now: datetime) -> Verdict[bool]:
    """Note the run of a step; False when nobody wants it any more."""
    step = record.state.steps.get(path)
    if step is not None and step.child is not None and step.child.run_id == run_id:
        return Verdict(True)
    if not is_wanted(record, path, attempt):
        return Verdict(False)
    draft = Draft(record)
    draft.apply(ChildRunStarted(path=path, attempt=attempt, run_id=run_id, at=now))
    draft.wake_driver()
    return Verdict(True, draft.stored())


def refused(
    record: RunRecord, path: str, attempt: int, *, error: StepError, now: datetime, jitter: float
) -> Verdict[bool]:
    """Let the attempt fail, because its run cannot be started."""
    if not is_wanted(record, path, attempt):
        return Verdict(False)
    draft = Draft(record)
    failed = StepFailed(path=path, attempt=attempt, error=error, at=now)
    record_failure(draft, failed, jitter=jitter)
    draft.wake_driver()
    return Verdict(True, draft.stored())


def ended(record: RunRecord, child: RunRecord, *, now: datetime) -> Verdict[bool]:
    """Tell the step that its run has ended; what follows, the interpreter says."""
    parent = child.origin.parent
    step = record.state.steps.get(parent.step) if parent is not None else None
    if step is None or step.child is None or step.child.run_id != child.id:
        return Verdict(False)
    if step.status is not StepStatus.RUNNING or step.child.status is not None:
        return Verdict(False)
    if record.state.status.is_terminal:
        return Verdict(False)
    draft = Draft(record)
    draft.apply(
        ChildRunEnded(
            path=step.path,
            attempt=step.attempt,
            run_id=child.id,
            status=child.state.status,
            outputs=child.state.outputs,
            error=child.state.error,
            at=now,
        )
    )
    draft.wake_driver()
    return Verdict(True, draft.stored())
