"""Who may carry out a step: leases, fencing tokens and what an attempt's worker gets."""

from datetime import datetime, timedelta
from typing import Final

from flowloom_contracts.agents import LEASE_SECONDS, ClaimStep, StepClaim
from flowloom_contracts.memory import AGENT_ROLE
from flowloom_contracts.runs import RunStatus, StepError, StepStatus
from flowloom_language.events import StepFailed, StepQueued, StepStarted, StepWaiting
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.needs import needed_values
from flowloom_language.state import StepState
from flowloom_language.tasks import build_task
from orchestrator.domain.draft import Draft
from orchestrator.domain.failures import record_failure
from orchestrator.domain.large import ValuesNeededError
from orchestrator.domain.records import Execution, RunRecord, Worker
from orchestrator.domain.ruling import arguments_of, doing_of, rule_on_step
from orchestrator.domain.verdicts import Verdict
from orchestrator.domain.working_time import is_used_up, out_of_time, seconds_left

MAX_EXECS: Final = 3
"""Workers that may die in one attempt before the step itself is taken for the cause."""

_CARRIES_OUT: Final = (RunStatus.RUNNING, RunStatus.CANCELLING)

_ENDED: Final = (StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.SKIPPED, StepStatus.REUSED)


def needs_fresh_lease(record: RunRecord, path: str) -> bool:
    """Whether a claim has to see the stored lease, which heartbeats move without a new revision."""
    step = record.state.steps.get(path)
    return step is not None and step.status is StepStatus.RUNNING


def claim(record: RunRecord, request: ClaimStep, *, now: datetime, jitter: float) -> Verdict[StepClaim]:
    """Decide whether a worker gets the attempt; a taken step has a new, higher `exec`."""
    refusal = _refusal(record, request)
    if refusal is not None:
        return Verdict(refusal)
    worker = Worker(request.worker, request.boot_id)
    execution = record.execution(request.step)
    step = record.state.steps[request.step]
    if step.status is StepStatus.RUNNING and (held := _held_for(execution, worker, now)):
        return Verdict(StepClaim(retry_after_s=held))
    draft = Draft(record)
    answer = take(draft, request.step, worker, now=now, jitter=jitter)
    if answer.refused is not None:
        draft.wake_driver()
    return Verdict(answer, draft.stored())


def take(
    draft: Draft, path: str, worker: Worker, *, now: datetime, jitter: float, inline: bool = False
) -> StepClaim:
    """Give a step to a worker, or end the attempt when there is no task to give."""
    if draft.execution(path).execs_of_attempt >= MAX_EXECS:
        message = f"The step ended its worker {MAX_EXECS} times."
        return _fail(draft, path, StepError(code="internal", message=message), now=now, jitter=jitter)
    plan, values = draft.before.plan, draft.before.values
    missing = needed_values(plan, draft.state, path) - values.keys()
    if missing:
        raise ValuesNeededError(tuple(sorted(missing)))
    try:
        task = build_task(plan, draft.state, path, values=values)
    except ExpressionError as error:
        reason = StepError(code="expression", message=str(error))
        return _fail(draft, path, reason, now=now, jitter=jitter)
    record = draft.record
    ruling = rule_on_step(record, doing_of(record, path, task))
    if ruling.effect == "deny":
        return _fail(draft, path, ruling.error(), now=now, jitter=jitter)
    if ruling.effect == "ask":
        asked = ruling.request(f"{task.kind} step {path!r}", arguments_of(task))
        draft.apply(StepWaiting(path=path, attempt=_attempt(draft, path), decision=asked, at=now))
        return StepClaim(refused="waiting")
    left = seconds_left(record, path)
    if is_used_up(left):
        return _fail(draft, path, out_of_time(record, path), now=now, jitter=jitter)
    deadline_at = now + timedelta(seconds=task.timeout_s if left is None else min(task.timeout_s, left))
    execution = draft.execution(path).taken(
        worker, now=now, deadline_at=deadline_at, attempt=_attempt(draft, path), inline=inline
    )
    if draft.state.steps[path].status is StepStatus.RUNNING:
        draft.take_over(path, execution, at=now)
    else:
        started = StepStarted(path=path, attempt=_attempt(draft, path), deadline_at=deadline_at, at=now)
        draft.apply(started, execution=execution)
    return StepClaim(
        exec=execution.exec,
        deadline_at=deadline_at,
        task=task,
        workspace_id=record.workspace_id,
        role=_role_of_starter(record),
        workflow_id=record.workflow.id,
    )


def _role_of_starter(record: RunRecord) -> str:
    """The role that the one who started the run had then; a run of a trigger has no person behind it."""
    actor = record.origin.actor
    return actor.roles[0] if actor is not None and actor.roles else AGENT_ROLE


def _attempt(draft: Draft, path: str) -> int:
    step = draft.state.steps[path]
    return step.attempt + 1 if step.status is StepStatus.PENDING else step.attempt


def _fail(draft: Draft, path: str, error: StepError, *, now: datetime, jitter: float) -> StepClaim:
    if draft.state.steps[path].status in (StepStatus.PENDING, StepStatus.RETRYING):
        # Only an attempt that was handed out can be followed by another one.
        draft.apply(StepQueued(path=path, attempt=_attempt(draft, path), at=now))
    failed = StepFailed(path=path, attempt=_attempt(draft, path), error=error, at=now)
    record_failure(draft, failed, jitter=jitter)
    return StepClaim(refused=error.code)


def _refusal(record: RunRecord, request: ClaimStep) -> StepClaim | None:
    step = record.state.steps.get(request.step)
    if step is None:
        return StepClaim(refused="unknown_step")
    if request.attempt < step.attempt:
        return StepClaim(refused="superseded")
    if request.attempt == step.attempt and step.status in _ENDED:
        return StepClaim(done=True)
    if record.state.status is RunStatus.PAUSED and step.status is not StepStatus.RUNNING:
        # It is handed out again when the run goes on.
        return StepClaim(refused="paused")
    if record.state.status not in (*_CARRIES_OUT, RunStatus.PAUSED):
        return StepClaim(refused="cancelled")
    return None if _is_open(step, request.attempt) else StepClaim(refused="superseded")


def _is_open(step: StepState, attempt: int) -> bool:
    return step.attempt == attempt and step.status in (StepStatus.QUEUED, StepStatus.RUNNING)


def _held_for(execution: Execution, worker: Worker, now: datetime) -> float | None:
    """Return the seconds for which someone else's lease may still live, or None when the step is free."""
    until = execution.lease_until
    if until is None or until <= now:
        return None
    is_reborn = execution.worker == worker.name and execution.boot_id != worker.boot_id
    return None if is_reborn else min((until - now).total_seconds() + 0.05, LEASE_SECONDS / 4)
