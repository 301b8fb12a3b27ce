"""What becomes of a worker's answer: accepted, asked again, or too late."""

from datetime import datetime
from typing import Final

from flowloom_contracts.agents import MAX_REASKS, CompleteStep, StepCompletion
from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import StepError, StepStatus
from flowloom_language.answers import InvalidAnswerError, check_output, parse_answer
from flowloom_language.events import StepFailed, StepSucceeded
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.large_values import defused
from flowloom_language.needs import needed_values
from orchestrator.domain.draft import Draft
from orchestrator.domain.failures import record_failure
from orchestrator.domain.large import ValuesNeededError
from orchestrator.domain.records import OutboxKind, RunRecord
from orchestrator.domain.texts import sound

ASKING_KINDS: Final = ("agent", "llm")
"""Kinds whose answer is a model's: it is read and judged here."""

_SUPERSEDED = StepCompletion(outcome="superseded")


def complete(draft: Draft, request: CompleteStep, *, now: datetime, jitter: float) -> StepCompletion:
    """Write the end of an attempt into a draft; an empty draft means that nothing changes."""
    record = draft.record
    early = _known_answer(record, request)
    if early is not None:
        return early
    if request.status == "failed":
        return _fail(draft, request, _error_of(request), now=now, jitter=jitter)
    try:
        output, reason = _judged(record, request)
    except ExpressionError as error:
        if request.check_only:
            return StepCompletion(outcome="rejected", reason=str(error))
        wrong = StepError(code="expression", message=str(error))
        return _fail(draft, request, wrong, now=now, jitter=jitter)
    if request.check_only:
        return _verdict(request, output, reason)
    if reason is None:
        draft.apply(
            StepSucceeded(
                path=request.step,
                attempt=_attempt(draft, request),
                output=output,
                usage=request.usage,
                at=now,
            )
        )
        if request.text_lost:
            draft.ask(OutboxKind.REOPEN)
        return StepCompletion(outcome="accepted", output=output)
    if request.reasks < MAX_REASKS:
        return StepCompletion(outcome="reask", reason=reason)
    return _fail(draft, request, StepError(code="invalid_output", message=reason), now=now, jitter=jitter)


def _verdict(request: CompleteStep, output: JsonValue, reason: str | None) -> StepCompletion:
    """Return what would become of the answer, for a worker that has something to do before it completes."""
    if reason is None:
        return StepCompletion(outcome="accepted", output=output)
    return StepCompletion(outcome="reask" if request.reasks < MAX_REASKS else "rejected", reason=reason)


def _known_answer(record: RunRecord, request: CompleteStep) -> StepCompletion | None:
    """Answer whoever does not hold the step, or has completed it before."""
    step = record.state.steps.get(request.step)
    execution = record.execution(request.step)
    if step is None or execution.exec != request.exec:
        return _SUPERSEDED
    if step.status is StepStatus.RUNNING and not record.state.status.is_terminal:
        return None
    if step.status is StepStatus.CANCELLED or step.status is StepStatus.RUNNING:
        return _SUPERSEDED
    return StepCompletion(outcome="accepted", output=step.output)


def _judged(record: RunRecord, request: CompleteStep) -> tuple[JsonValue, str | None]:
    """Return the answer's value and why it cannot be used, if it cannot."""
    if record.state.steps[request.step].kind not in ASKING_KINDS:
        return sound(request.output), None
    try:
        output = defused(sound(parse_answer(record.plan, request.step, request.text or "")))
    except InvalidAnswerError as error:
        return None, error.reason
    missing = needed_values(record.plan, record.state, request.step) - record.values.keys()
    if missing:
        raise ValuesNeededError(tuple(sorted(missing)))
    return output, check_output(record.plan, record.state, request.step, output, values=record.values)


def _error_of(request: CompleteStep) -> StepError:
    return request.error or StepError(code="internal", message="The worker gave no reason.")


def _fail(
    draft: Draft, request: CompleteStep, error: StepError, *, now: datetime, jitter: float
) -> StepCompletion:
    failed = StepFailed(
        path=request.step, attempt=_attempt(draft, request), error=error, usage=request.usage, at=now
    )
    record_failure(draft, failed, jitter=jitter)
    return StepCompletion(outcome="accepted")


def _attempt(draft: Draft, request: CompleteStep) -> int:
    return draft.state.steps[request.step].attempt
