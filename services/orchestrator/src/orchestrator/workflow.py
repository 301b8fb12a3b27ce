"""`drive_run`: the durable driver of a run, thin enough to be replayed."""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.topics import EngineName
from flowloom_servicekit.dapr.replay import (
    RetryPolicy,
    WorkflowContext,
    count_from,
    tasks_so_far,
    when_any,
)
from orchestrator.domain.driving import AdvanceAnswer

MAX_HISTORY: Final = 100
"""Rounds and started steps after which a driver goes on with a new history: replay costs its length."""

MAX_KNOWN: Final = 150
"""Started steps that are named to the next generation; it starts others again, which is harmless."""

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

    signal: Task | None = None
    steps: dict[str, Task] = field(default_factory=dict)
    started: dict[str, None] = field(default_factory=dict)
    timer: Task | None = None
    wake_at: str | None = None

    def tasks(self) -> list[Task]:
        """Return everything that can wake the driver."""
        return [self.signal, *self.steps.values(), *([self.timer] if self.timer is not None else [])]

    def taken(self) -> list[AdvanceAnswer]:
        """Forget what has completed and return what follows from it, or nothing when `advance` has to say.

        The end of a step that was committed together with what follows brings that with it. Everything
        else, a worker that had nothing to tell included, says only that there may be something to do.
        """
        ended = [task for task in self.steps.values() if task.is_complete]
        self.steps = {key: task for key, task in self.steps.items() if not task.is_complete}
        following = [_following(task) for task in ended]
        is_woken = self.signal is not None and self.signal.is_complete
        if is_woken:
            self.signal = None
        if self.timer is not None and self.timer.is_complete:
            self.timer, self.wake_at, is_woken = None, None, True
        known = [answer for answer in following if answer is not None]
        return [] if is_woken or len(known) < len(ended) else known


def _following(task: Task) -> AdvanceAnswer | None:
    outcome = None if task.is_failed else task.get_result()
    following: AdvanceAnswer | None = outcome.get("following") if isinstance(outcome, dict) else None
    return following


def drive_run(ctx: WorkflowContext, input: JsonObject) -> Generator[Task, Any, str]:
    """Advance the run, start what comes back, wait for any of it, and again until the run has ended.

    A long history is left behind at any time, whatever is pending: the end of a step that an older generation
    has started raises `signal`, and its result, which the engine still delivers, meets no task of this one,
    because numbers of tasks go on counting.
    """
    driver = Driver.of(ctx, input)
    while driver.length < MAX_HISTORY:
        driver.length += 1
        answers = driver.pending.taken()
        if not answers:
            answers = [(yield from _advance(ctx, driver))]
        if any(answer["finished"] for answer in answers):
            return "finished"
        for answer in answers:
            _start_steps(ctx, driver, answer)
            _set_timer(ctx, driver.pending, answer)
        yield from _wait(ctx, driver.pending)
    ctx.continue_as_new(driver.following(ctx), save_events=True)
    return "continued"


@dataclass
class Driver:
    """One generation of the driver of a run."""

    run_id: JsonValue
    generation: int | None
    pending: Pending
    trace: JsonValue = None
    length: int = 0

    @classmethod
    def of(cls, ctx: WorkflowContext, input: JsonObject) -> "Driver":
        """Return the driver that this input describes; one of an older build knows no generations."""
        generation, known = input.get("generation"), input.get("known")
        count_from(ctx, int(str(input.get("tasks") or 0)))
        started = dict.fromkeys(map(str, known)) if isinstance(known, list) else {}
        return cls(
            run_id=input["run_id"],
            generation=generation if isinstance(generation, int) else None,
            pending=Pending(started=started),
            trace=input.get("trace"),
        )

    def told(self, **fields: JsonValue) -> JsonObject:
        """Return what an activity or the next generation is told: run, and trace where there is one."""
        what: JsonObject = {"run_id": self.run_id, **fields}
        return what if self.trace is None else {**what, "trace": self.trace}

    def following(self, ctx: WorkflowContext) -> JsonObject:
        """Return the input of the next generation."""
        open_ = [key for key, task in self.pending.steps.items() if not task.is_complete]
        return self.told(
            generation=(self.generation or 0) + 1, tasks=tasks_so_far(ctx), known=[*open_[:MAX_KNOWN]]
        )


def _advance(ctx: WorkflowContext, driver: Driver) -> Generator[Task, Any, AdvanceAnswer]:
    generation: JsonObject = {} if driver.generation is None else {"generation": driver.generation}
    input = driver.told(**generation)
    answer: AdvanceAnswer = yield ctx.call_activity(EngineName.ADVANCE, input=input, retry_policy=PATIENT)
    return answer


def _wait(ctx: WorkflowContext, pending: Pending) -> Generator[Task, Any, None]:
    """Wait for anything to happen; a signal that came before anybody waited for it is kept by the engine.

    The wait for a signal is begun here and not at once: it costs the engine a timer, which a run that one
    `advance` carries to its end never needs.
    """
    if pending.signal is None:
        pending.signal = ctx.wait_for_external_event(EngineName.SIGNAL)
    yield when_any(pending.tasks())


def _start_steps(ctx: WorkflowContext, driver: Driver, answer: AdvanceAnswer) -> None:
    """Start each dispatch of an attempt once; a lost one comes back under the next dispatch number."""
    pending = driver.pending
    for step in answer["start"]:
        key = f"{step['step']} {step['attempt']} {step['dispatch']}"
        if key not in pending.started:
            pending.started[key] = None
            driver.length += 1
            pending.steps[key] = ctx.call_activity(
                EngineName.RUN_STEP,
                input=driver.told(step=step["step"], attempt=step["attempt"]),
                retry_policy=PATIENT,
                app_id=step["app_id"],
            )


def _set_timer(ctx: WorkflowContext, pending: Pending, answer: AdvanceAnswer) -> None:
    wake_at = answer["wake_at"]
    if wake_at is None or (pending.wake_at is not None and pending.wake_at <= wake_at):
        return
    pending.timer = ctx.create_timer(datetime.fromisoformat(wake_at))
    pending.wake_at = wake_at
