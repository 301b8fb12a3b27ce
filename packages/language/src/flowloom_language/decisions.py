"""Turns what people have said, and what the clock says instead of them, into what follows."""

from flowloom_contracts.approvals import Decision, DecisionRequest
from flowloom_contracts.base import JsonValue
from flowloom_contracts.document_parts import CheaperModel
from flowloom_contracts.runs import StepError
from flowloom_language.beginnings import begin_again
from flowloom_language.events import (
    StepDecided,
    StepEscalated,
    StepQueued,
    StepReplaced,
    StepSucceeded,
)
from flowloom_language.places import Place
from flowloom_language.round import Round
from flowloom_language.state import StepState

_TIME_IS_UP = StepError(code="timeout", message="Nobody has decided in time.")


def look_at_waiting(run: Round, place: Place, step: StepState) -> None:
    """Go on with a step that waits, if it was decided or its time has come."""
    if step.decided is not None and step.decision is not None:
        _turn(run, place, step.decision, step.decided)
    elif step.wake_at is None or step.wake_at > run.now:
        return
    elif step.decision is not None:
        _time_is_up(run, step, step.decision)
    elif step.waits_for is not None:
        message = f"No event {step.waits_for.name!r} has come in time."
        run.fail(step.path, StepError(code="timeout", message=message))
    else:
        run.record(StepSucceeded(path=step.path, attempt=step.attempt, at=run.now))


def _time_is_up(run: Round, step: StepState, request: DecisionRequest) -> None:
    if request.expires_at is None or request.expires_at > run.now:
        to = tuple(request.escalation.to) if request.escalation else ()
        run.record(
            StepEscalated(path=step.path, attempt=step.attempt, to=to, wake_at=request.expires_at, at=run.now)
        )
    elif request.on_expire == "fail":
        run.fail(step.path, _TIME_IS_UP)
    else:
        run.record(StepDecided(path=step.path, attempt=step.attempt, decision=request.on_expire, at=run.now))


def _turn(run: Round, place: Place, request: DecisionRequest, decided: Decision) -> None:
    step = run.step(place.path)
    if request.kind == "approval":
        output: JsonValue = decided.model_dump(mode="json")
        run.record(StepSucceeded(path=step.path, attempt=step.attempt, output=output, at=run.now))
        return
    match decided.decision:
        case "fail" | "reject":
            run.fail(step.path, _refusal(step, request, decided), ask=False)
        case "done":
            result = decided.data.get("result") if isinstance(decided.data, dict) else decided.data
            run.record(StepSucceeded(path=step.path, attempt=step.attempt, output=result, at=run.now))
        case "cheaper":
            model = _cheaper(run, decided)
            run.record(StepReplaced(path=step.path, attempt=step.attempt, model=model, at=run.now))
        case _ if not place.step.is_slow:
            begin_again(run, place, step)
        case _:
            run.record(StepQueued(path=step.path, attempt=step.attempt, at=run.now))


def _refusal(step: StepState, request: DecisionRequest, decided: Decision) -> StepError:
    by = decided.by or "the end of the time"
    if request.kind == "rule":
        return StepError(code="denied", message=f"Rule {request.rule!r}: rejected by {by}.")
    error = step.error or StepError(code=request.kind, message=request.title)
    return StepError(code=request.kind, message=f"{error.message} Decided by {by}: fail.")


def _cheaper(run: Round, decided: Decision) -> str:
    """The model that the person named, else the document's cheaper one, else the default."""
    named = decided.data.get("model") if isinstance(decided.data, dict) else None
    budget = run.plan.limits.budget
    written = budget.on_reach.model if budget and isinstance(budget.on_reach, CheaperModel) else "default"
    return named if isinstance(named, str) and named else written
