"""What people do with a run: each command becomes a draft, or a refusal that says where the run is."""

from dataclasses import replace
from datetime import datetime

from flowloom_contracts.runs import RunStatus, StepStatus
from flowloom_language.events import CancelRequested, RunKilled, RunPaused, RunResumed, RunRetried
from orchestrator.domain.draft import Draft
from orchestrator.domain.errors import RunFinishedError, RunNotInThatStateError
from orchestrator.domain.records import OutboxKind, RunRecord
from orchestrator.domain.rounds import settle

_RETRIED = (RunStatus.FAILED, RunStatus.CANCELLED)


def cancel(record: RunRecord, *, reason: str | None, now: datetime) -> Draft:
    """Stop everything; what was done is taken back, then the run ends. Empty: it is so already."""
    draft = Draft(record)
    if record.state.status in (RunStatus.CANCELLING, RunStatus.CANCELLED):
        return draft
    _refuse_finished(record)
    draft.apply(CancelRequested(reason=reason, at=now))
    settle(draft, now=now)
    draft.wake_driver()
    return draft


def kill(record: RunRecord, *, reason: str | None, now: datetime) -> Draft:
    """End the run at once, without `undo` and `on_failure`."""
    draft = Draft(record)
    is_killed = record.state.ending is not None and record.state.ending.killed
    if is_killed or record.state.status is RunStatus.CANCELLED:
        return draft
    _refuse_finished(record)
    draft.apply(RunKilled(reason=reason, at=now))
    settle(draft, now=now)
    draft.wake_driver()
    return draft


def pause(record: RunRecord, *, reason: str | None, now: datetime) -> Draft:
    """Let nothing new start."""
    draft = Draft(record)
    if record.state.status is RunStatus.PAUSED:
        return draft
    _refuse_finished(record)
    if record.state.status is RunStatus.CANCELLING:
        raise RunNotInThatStateError("The run is being cancelled; it cannot be paused any more.")
    draft.apply(RunPaused(reason=reason, at=now))
    # Times that pass meanwhile are looked at when the run goes on.
    draft.wake_at = None
    return draft


def resume(record: RunRecord, *, now: datetime) -> Draft:
    """Go on; steps that were handed out, and that nobody has begun, are handed out again."""
    draft = Draft(record)
    _refuse_finished(record)
    if record.state.status is not RunStatus.PAUSED:
        raise RunNotInThatStateError(f"The run is {record.state.status}; only a paused run can be resumed.")
    draft.apply(RunResumed(at=now))
    for path in draft.busy:
        if draft.state.steps[path].status is StepStatus.QUEUED:
            execution = draft.execution(path)
            again = replace(execution, dispatch=execution.dispatch + 1)
            draft.set_execution(path, again.handed_out(now, generation=draft.generation))
    draft.wake_driver()
    return draft


def retry(record: RunRecord, *, now: datetime) -> Draft:
    """Start again where the run stopped; what succeeded and was not taken back stays."""
    draft = Draft(record)
    if record.state.status not in _RETRIED:
        raise RunNotInThatStateError(
            f"The run is {record.state.status}; only one that failed or was cancelled can be retried."
        )
    # The old stream is sealed, and its archive ends with the end that is not one any more.
    draft.ask(OutboxKind.REOPEN)
    draft.apply(RunRetried(attempt=record.state.run.attempt + 1, at=now))
    draft.drive_anew()
    return draft


def _refuse_finished(record: RunRecord) -> None:
    if record.state.status.is_terminal:
        raise RunFinishedError(f"The run is {record.state.status}.")
