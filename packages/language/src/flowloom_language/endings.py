"""Brings a run to its end: everything stops, steps are taken back, `on_failure` runs, then it has ended."""

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import TERMINAL_STEP_STATUSES, RunError, StepStatus
from flowloom_language.events import (
    RunCancelled,
    RunEnding,
    RunFailed,
    RunSucceeded,
    StageReached,
    UndoStarted,
)
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.templates import render
from flowloom_language.places import on_failure_frame, run_frame
from flowloom_language.round import NotYetError, Round
from flowloom_language.state import Ending, StepState
from flowloom_language.template_sites import texts

_ON_FAILURE = "on_failure."


def move_run(run: Round) -> bool:
    """Take the run's next step towards its end; False when there is none to take now."""
    state = run.state
    if state.status.is_terminal:
        return False
    if state.ending is not None:
        return _move_ending(run, state.ending)
    root = run.progress.root
    if root.failed is not None:
        run.record(RunEnding(outcome="failed", error=_error_of(run.step(root.failed)), at=run.now))
        return True
    if root.open:
        return False
    return _succeed(run)


def time_is_up(run: Round) -> None:
    """End the run when its own time is over."""
    state = run.state
    if state.ending is None and state.deadline_at is not None and state.deadline_at <= run.now:
        error = RunError(code="timeout", message="The run has reached the limit of its time.")
        run.record(RunEnding(outcome="failed", error=error, at=run.now))


def _error_of(step: StepState) -> RunError:
    if step.error is None:
        return RunError(code="internal", message="The step failed without a reason.", step=step.path)
    return RunError(code=step.error.code, message=step.error.message, step=step.origin or step.path)


def _succeed(run: Round) -> bool:
    try:
        outputs = _outputs(run)
    except NotYetError:
        return False
    except ExpressionError as error:
        wrong = RunError(code="expression", message=str(error))
        if run.state.ending is None:
            run.record(RunEnding(outcome="failed", error=wrong, at=run.now))
        else:
            run.record(RunFailed(error=wrong, at=run.now))
        return True
    run.record(RunSucceeded(outputs=outputs, at=run.now))
    return True


def _outputs(run: Round) -> JsonObject:
    """Evaluate `outputs`; where only a part of the run was asked for, what is missing is left out."""
    frame, outputs = run_frame(run.plan), JsonObject()
    for name, template in run.plan.outputs.items():
        reading = [text for _, text in texts(template)] if run.progress.has_refs else ()
        try:
            outputs[name] = render(template, run.scope(frame, reading=reading))
        except ExpressionError as error:
            if run.state.until_step is None:
                raise ExpressionError(f"outputs.{name}: {error}") from error
    return outputs


def _move_ending(run: Round, ending: Ending) -> bool:
    if ending.stage == "stopping":
        run.stop_block("")
        if ending.killed:
            _stop_closing(run)
        if ending.outcome == "succeeded":
            return _succeed(run)
    if ending.killed:
        return _finish(run, ending)
    if ending.stage != "on_failure":
        return _take_back(run, ending)
    block = run.progress.blocks.get(_ON_FAILURE)
    if block is not None and block.failed is not None:
        run.stop_block(_ON_FAILURE)
    elif block is not None and block.open:
        return False
    return _finish(run, ending)


def _stop_closing(run: Round) -> None:
    """A run that is killed stops taking back and its `on_failure` as well."""
    run.stop_block(_ON_FAILURE)
    for step in run.state.steps.values():
        if step.undoes is not None and step.status not in TERMINAL_STEP_STATUSES:
            run.stop(step)


def _take_back(run: Round, ending: Ending) -> bool:
    """Start the next `undo`, one after the other, the last success first."""
    state = run.state
    undos = [step for step in state.steps.values() if step.undoes is not None]
    if any(step.status not in TERMINAL_STEP_STATUSES for step in undos):
        return False
    done = {step.undoes for step in undos}
    left = [step for step in state.steps.values() if step.path not in done and _is_to_undo(run, step)]
    if not left:
        return _go_to_on_failure(run, ending)
    if ending.stage != "undo":
        run.record(StageReached(stage="undo", at=run.now))
    last = max(left, key=lambda step: step.ended)
    planned = run.plan.at(last.path).undo
    if planned is not None:
        path = f"{last.path}.undo"
        run.record(UndoStarted(path=path, kind=planned.kind, of=last.path, at=run.now))
        run.progress.push(path)
    return True


def _is_to_undo(run: Round, step: StepState) -> bool:
    if step.status is not StepStatus.SUCCEEDED or step.recovered or step.undone or not step.ended:
        return False
    if step.path.startswith(_ON_FAILURE) and run.plan.on_failure is not None:
        return False
    return run.plan.at(step.path).undo is not None


def _go_to_on_failure(run: Round, ending: Ending) -> bool:
    if run.plan.on_failure is None:
        return _finish(run, ending)
    run.record(StageReached(stage="on_failure", steps=run.plan.on_failure.new_steps, at=run.now))
    run.progress.enter(on_failure_frame(run.plan), run.state)
    return True


def _finish(run: Round, ending: Ending) -> bool:
    if ending.outcome == "cancelled":
        run.record(RunCancelled(at=run.now))
    else:
        error = ending.error or RunError(code="internal", message="The run failed without a reason.")
        run.record(RunFailed(error=error, at=run.now))
    return True
