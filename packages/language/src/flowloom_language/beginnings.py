"""Begins a step whose sources have ended: it is skipped, computed here, or handed out."""

from hashlib import sha256

from flowloom_contracts.runs import RunError, StepError, StepStatus
from flowloom_language.commands import EmitEvent, StartChildRun, StartStep
from flowloom_language.edges import Edge
from flowloom_language.error_places import with_field
from flowloom_language.events import (
    LoopStarted,
    RunEnding,
    StepSkipped,
    StepSucceeded,
    StepWaiting,
)
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.outcomes import (
    Ask,
    Call,
    Done,
    End,
    Listen,
    Outcome,
    Repeat,
    Sleep,
    StepFailure,
    Tell,
    load,
)
from flowloom_language.places import Place
from flowloom_language.round import NotYetError, Round
from flowloom_language.scopes import frame_scope, holds
from flowloom_language.state import AwaitedEvent, StepState
from flowloom_language.taking_over import reuse_of, take

_PASSES_ON = frozenset({"transform", "emit", "workflow"})
"""Kinds for which a value may stay where it is kept; the others look at what they are given."""

_ON = frozenset({StepStatus.SUCCEEDED, StepStatus.REUSED})


def begin(run: Round, place: Place, step: StepState) -> None:
    """Do with a pending step what its edges, its condition and its kind say."""
    known = reuse_of(run.state, place.path)
    if known is not None and take(run, place.step, place.path, known):
        return
    try:
        if not _runs(run, place):
            run.record(StepSkipped(path=place.path, at=run.now))
        elif place.step.is_slow:
            run.start(place, StartStep(place.path, place.step.kind, step.attempt + 1))
        else:
            _carry_out(run, place, step.attempt + 1)
    except NotYetError:
        run.starve(place.path)
    except ExpressionError as error:
        message = with_field(place.step, frame_scope(run.state, place.frame, run.values), error)
        run.fail(place.path, StepError(code="expression", message=message))
    except StepFailure as failure:
        run.fail(place.path, StepError(code=failure.code, message=str(failure)))


def begin_again(run: Round, place: Place, step: StepState) -> None:
    """Hand out the next attempt of a step whose back-off is over, or one that a person has allowed."""
    if place.step.is_slow:
        run.start(place, StartStep(place.path, place.step.kind, step.attempt))
        return
    try:
        _carry_out(run, place, step.attempt)
    except NotYetError:
        run.starve(place.path)
    except ExpressionError as error:
        message = with_field(place.step, frame_scope(run.state, place.frame, run.values), error)
        run.fail(place.path, StepError(code="expression", message=message))
    except StepFailure as failure:
        run.fail(place.path, StepError(code=failure.code, message=str(failure)))


def _runs(run: Round, place: Place) -> bool:
    deciding = [edge for edge in place.step.edges if edge.type != "wait"]
    if deciding:
        on = [_is_on(run, edge, place) for edge in deciding]
        if not (any(on) if place.step.join == "any" else all(on)):
            return False
    condition = place.step.step.condition
    if condition is None:
        return True
    return holds(condition, run.scope(place.frame, reading=[condition]))


def _is_on(run: Round, edge: Edge, place: Place) -> bool:
    source = run.state.steps.get(place.frame.prefix + edge.source)
    if source is None or source.status not in _ON:
        return False
    if edge.type == "need":
        return True
    chosen = source.output.get("chosen") if isinstance(source.output, dict) else None
    return isinstance(chosen, list) and place.step.id in chosen


def _carry_out(run: Round, place: Place, attempt: int) -> None:
    reading = place.step.texts["own"] if run.progress.has_refs else ()
    scope = run.scope(place.frame, reading=reading, passes_on=place.step.kind in _PASSES_ON)
    outcome = load(place.step.kind).run(place.step.step, scope, now=run.now)
    match outcome:
        case Done():
            _succeed(run, place, attempt, outcome)
        case Repeat():
            run.record(LoopStarted(path=place.path, attempt=attempt, over=outcome.over, at=run.now))
            run.progress.enter_loop(run.step(place.path), run.state)
        case Call():
            command = StartChildRun(
                place.path, attempt, outcome.workflow, outcome.version, outcome.inputs, outcome.mode
            )
            run.start(place, command)
        case Tell():
            told = f"{run.state.run.id}:{place.path}:{attempt}"
            event_id = f"evt_{sha256(told.encode()).hexdigest()[:32]}"
            run.commands.append(EmitEvent(place.path, outcome.topic, outcome.data, event_id))
            _succeed(run, place, attempt, Done({"event_id": event_id}))
        case End():
            _succeed(run, place, attempt, Done({"status": outcome.status, "message": outcome.message}))
            stop_run(run, place.path)
        case Sleep() | Ask() | Listen():
            run.record(_waiting(run, place, attempt, outcome))


def _succeed(run: Round, place: Place, attempt: int, done: Done) -> None:
    run.record(StepSucceeded(path=place.path, attempt=attempt, output=done.output, at=run.now))


def _waiting(run: Round, place: Place, attempt: int, outcome: Outcome) -> StepWaiting:
    if isinstance(outcome, Ask):
        request = outcome.request
        times = [request.expires_at, request.escalation.at if request.escalation else None]
        wake_at = min((time for time in times if time is not None), default=None)
        return StepWaiting(path=place.path, attempt=attempt, decision=request, wake_at=wake_at, at=run.now)
    if isinstance(outcome, Listen):
        awaited = AwaitedEvent(name=outcome.name)
        return StepWaiting(
            path=place.path, attempt=attempt, waits_for=awaited, wake_at=outcome.until, at=run.now
        )
    until = outcome.until if isinstance(outcome, Sleep) else None
    return StepWaiting(path=place.path, attempt=attempt, wake_at=until, at=run.now)


def stop_run(run: Round, path: str) -> None:
    """End the run as a `stop` step has said."""
    if run.state.ending is not None:
        return
    said = run.step(path).output
    message = said.get("message") if isinstance(said, dict) else None
    if isinstance(said, dict) and said.get("status") == "succeeded":
        run.record(RunEnding(outcome="succeeded", at=run.now))
        return
    error = RunError(code="stopped", message=str(message or "The workflow stopped the run."), step=path)
    run.record(RunEnding(outcome="failed", error=error, at=run.now))
