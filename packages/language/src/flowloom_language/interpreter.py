"""`decide`: what happens next in a run, from its plan and state alone."""

from datetime import datetime, timedelta

from flowloom_contracts.runs import TERMINAL_STEP_STATUSES, RunStatus, StepError, StepStatus
from flowloom_language.beginnings import begin, begin_again, stop_run
from flowloom_language.commands import Command
from flowloom_language.decisions import look_at_waiting
from flowloom_language.endings import move_run, time_is_up
from flowloom_language.events import (
    RunResumed,
    RunStarted,
    RunWaiting,
    StepFailed,
    StepSkipped,
    StepSucceeded,
)
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.templates import render
from flowloom_language.loops import look_at_item, look_at_loop
from flowloom_language.places import Place, recovery_frame
from flowloom_language.plan import Plan
from flowloom_language.round import NotYetError, Round
from flowloom_language.scopes import NO_VALUES, Values
from flowloom_language.state import ITEM, RunState, StepState
from flowloom_language.taking_over import take


def decide(plan: Plan, state: RunState, *, now: datetime, values: Values = NO_VALUES) -> list[Command]:
    """Return everything that can be done now, in the order in which it must be carried out.

    First the records (each fits the state after the one before it), with `EmitEvent`, `StopStep` and
    `CancelChildRun` beside the records they belong to; then what is to be started, in the order of the
    document; then `AskAgain` if `MAX_RECORDS` were not enough, and at most one timer. Asked again without
    anything new, it answers the same.

    `values` are large values by reference; `NeedValues` names those that are missing.
    """
    if state.status.is_terminal or state.status is RunStatus.PAUSED:
        return []
    run = Round(plan, state, now=now, values=values)
    if state.status is RunStatus.QUEUED:
        _start(run)
    time_is_up(run)
    run.wake()
    _go_on(run)
    while not run.is_full and move_run(run):
        _go_on(run)
    if run.is_waiting and run.has_work():
        run.record(RunResumed(at=now))
    if run.state.status is RunStatus.RUNNING and not run.is_full and run.is_idle():
        run.record(RunWaiting(at=now))
    return run.result()


def _start(run: Round) -> None:
    longest = run.plan.timeout
    deadline_at = None if longest is None else run.now + timedelta(seconds=longest)
    run.record(RunStarted(at=run.now, deadline_at=deadline_at))
    for planned in run.plan.steps:
        reused = run.state.reuse.get(planned.path)
        if reused is not None and run.step(planned.path).status is StepStatus.PENDING:
            take(run, planned, planned.path, reused)
    if run.state.until_step is not None:
        wanted = needed_for(run.plan, run.state.until_step)
        for planned in run.plan.steps:
            if planned.path not in wanted and run.step(planned.path).status is StepStatus.PENDING:
                run.record(StepSkipped(path=planned.path, at=run.now))


def needed_for(plan: Plan, path: str) -> set[str]:
    """Return a step of the run and all steps it depends on, by any edge."""
    found, open_ = set[str](), [path]
    while open_:
        step = plan.block.get(open_.pop())
        if step is not None and step.path not in found:
            found.add(step.path)
            open_ += [edge.source for edge in step.edges]
    return found


def _go_on(run: Round) -> None:
    """Look at every step that something may follow from, until nothing is left or the run is failing."""
    while not run.is_full and not _is_stopped(run) and (path := run.progress.pop()) is not None:
        step = run.state.steps.get(path)
        if step is None:
            continue
        if step.status in TERMINAL_STEP_STATUSES:
            if step.kind == "stop" and step.status is StepStatus.SUCCEEDED:
                stop_run(run, path)
            continue
        _look(run, step)


def _is_stopped(run: Round) -> bool:
    ending = run.state.ending
    if ending is not None:
        return ending.stage == "stopping" or run.state.status.is_terminal
    return run.progress.root.failed is not None


def _look(run: Round, step: StepState) -> None:
    if step.kind == ITEM:
        look_at_item(run, step)
        return
    place = run.progress.place(step.path)
    match step.status:
        case StepStatus.PENDING:
            if not run.progress.blocked.get(step.path):
                begin(run, place, step)
        case StepStatus.RETRYING:
            if step.wake_at is not None and step.wake_at <= run.now:
                begin_again(run, place, step)
        case StepStatus.WAITING:
            look_at_waiting(run, place, step)
        case StepStatus.RUNNING if step.recovering is not None:
            _look_at_recovery(run, place, step)
        case StepStatus.RUNNING if step.kind == "loop":
            look_at_loop(run, place, step)
        case StepStatus.RUNNING if step.child is not None:
            _look_at_child(run, place, step)
        case _:
            pass


def _look_at_recovery(run: Round, place: Place, step: StepState) -> None:
    """End a step whose `on_error` steps have ended: recovered, or with their error."""
    block, recovery = run.progress.blocks.get(f"{step.path}.on_error."), place.step.recovery
    if block is None or recovery is None:
        return
    if block.failed is not None:
        failed = run.step(block.failed)
        run.stop_block(block.frame.prefix)
        error = failed.error or StepError(code="internal", message="The step failed without a reason.")
        _end_failed(run, step, error, origin=failed.origin or failed.path)
    elif not block.open:
        try:
            reading = place.step.texts["recovery"] if run.progress.has_refs else ()
            output = render(recovery.output, run.scope(recovery_frame(place), reading=reading))
        except NotYetError:
            run.starve(step.path)
        except ExpressionError as wrong:
            error = StepError(code="expression", message=f"on_error.output: {wrong}")
            _end_failed(run, step, error, origin=step.path)
        else:
            run.record(
                StepSucceeded(path=step.path, attempt=step.attempt, output=output, recovered=True, at=run.now)
            )


def _end_failed(run: Round, step: StepState, error: StepError, *, origin: str) -> None:
    run.record(StepFailed(path=step.path, attempt=step.attempt, error=error, origin=origin, at=run.now))


def _look_at_child(run: Round, place: Place, step: StepState) -> None:
    """End a `workflow` step whose run has ended, or for which nobody waits."""
    child, written = step.child, place.step.step
    if child is None:
        return
    if getattr(written, "mode", "wait") == "detach":
        output = {"run_id": child.run_id}
        run.record(StepSucceeded(path=step.path, attempt=step.attempt, output=dict(output), at=run.now))
    elif child.status is RunStatus.SUCCEEDED:
        done = dict(child.outputs or {})
        run.record(StepSucceeded(path=step.path, attempt=step.attempt, output=done, at=run.now))
    elif child.status is not None:
        code = child.error.code if child.error else "cancelled"
        reason = child.error.message if child.error else "It was cancelled."
        run.fail(step.path, StepError(code=code, message=f"Run {child.run_id}: {reason}"), ask=False)
