"""`drive_run`: the durable driver of a run, thin enough to be replayed."""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.topics import EngineName
from flowloom_servicekit.dapr.replay import RetryPolicy, WorkflowContext, when_any
from orchestrator.domain.driving import AdvanceAnswer

ROUNDS_BEFORE_NEW_HISTORY: Final = 100

# A part of the platform that is away must not end a run: about four weeks of trying.
PATIENT: Final = RetryPolicy(
    first_retry_interval=timedelta(milliseconds=500),
    backoff_coefficient=2.0,
    max_retry_interval=timedelta(seconds=30),
    max_number_of_attempts=80_000,
)

Task = Any  # the engine's own task type, which it does not export


@dataclass
class Pending:
    """What the driver waits for; a task is forgotten once it has completed, well or not."""

    signal: Task
    steps: dict[str, Task] = field(default_factory=dict)
    started: set[str] = field(default_factory=set)
    timer: Task | None = None
    wake_at: str | None = None

    def tasks(self) -> list[Task]:
        """Return everything that can wake the driver."""
        return [self.signal, *self.steps.values(), *([self.timer] if self.timer is not None else [])]

    def forget_completed(self) -> None:
        """Drop what has completed; the run's own tables know how it went."""
        self.steps = {key: task for key, task in self.steps.items() if not task.is_complete}
        if self.timer is not None and self.timer.is_complete:
            self.timer, self.wake_at = None, None


def drive_run(ctx: WorkflowContext, input: JsonObject) -> Generator[Task, Any, str]:
    """Advance the run, start what comes back, wait for any of it, and again until the run has ended."""
    run_id = input["run_id"]
    pending = Pending(signal=ctx.wait_for_external_event(EngineName.SIGNAL))
    for _ in range(ROUNDS_BEFORE_NEW_HISTORY):
        answer = yield from _advance(ctx, run_id)
        if answer["finished"]:
            return "finished"
        yield from _wait(ctx, run_id, pending, answer)
    # Results of pending activities would be lost with the old history.
    while pending.steps:
        answer = yield from _advance(ctx, run_id)
        if answer["finished"]:
            return "finished"
        yield from _wait(ctx, run_id, pending, answer)
    ctx.continue_as_new(input, save_events=True)
    return "continued"


def _advance(ctx: WorkflowContext, run_id: JsonValue) -> Generator[Task, Any, AdvanceAnswer]:
    answer: AdvanceAnswer = yield ctx.call_activity(
        EngineName.ADVANCE, input={"run_id": run_id}, retry_policy=PATIENT
    )
    return answer


def _wait(
    ctx: WorkflowContext, run_id: JsonValue, pending: Pending, answer: AdvanceAnswer
) -> Generator[Task, Any, None]:
    _start_steps(ctx, run_id, pending, answer)
    _set_timer(ctx, pending, answer)
    yield when_any(pending.tasks())
    pending.forget_completed()
    if pending.signal.is_complete:
        pending.signal = ctx.wait_for_external_event(EngineName.SIGNAL)


def _start_steps(ctx: WorkflowContext, run_id: JsonValue, pending: Pending, answer: AdvanceAnswer) -> None:
    """Start each dispatch of an attempt once; a lost one comes back under the next dispatch number."""
    for step in answer["start"]:
        key = f"{step['step']} {step['attempt']} {step['dispatch']}"
        if key not in pending.started:
            pending.started.add(key)
            pending.steps[key] = ctx.call_activity(
                EngineName.RUN_STEP,
                input={"run_id": run_id, "step": step["step"], "attempt": step["attempt"]},
                retry_policy=PATIENT,
                app_id=step["app_id"],
            )


def _set_timer(ctx: WorkflowContext, pending: Pending, answer: AdvanceAnswer) -> None:
    wake_at = answer["wake_at"]
    if wake_at is None or (pending.wake_at is not None and pending.wake_at <= wake_at):
        return
    pending.timer = ctx.create_timer(datetime.fromisoformat(wake_at))
    pending.wake_at = wake_at
