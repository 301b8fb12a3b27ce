"""The durable driver, played with a context of our own, and the rules that keep it replayable."""

import ast
import json
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import Any

import orchestrator.workflow
from orchestrator.workflow import MAX_HISTORY, MAX_KNOWN, drive_run

Answer = dict[str, object]
FORBIDDEN = {"time", "random", "uuid", "secrets", "os", "asyncio", "httpx", "structlog", "logging", "redis"}


class PlayedTask:
    """A task that the test completes."""

    def __init__(self, name: str, input: object = None, app_id: str | None = None) -> None:
        self.name, self.input, self.app_id = name, input, app_id
        self.is_complete = self.is_failed = False
        self._parent: Any = None
        self._result: object = None

    def complete(self, result: object = None, *, failed: bool = False) -> None:
        """Complete, and wake whoever waits."""
        self.is_complete, self.is_failed, self._result = True, failed, result
        if self._parent is not None:
            self._parent.on_child_completed(self)

    def get_result(self) -> object:
        """Return what the task was completed with."""
        assert not self.is_failed
        return self._result


class PlayedContext:
    """Records what the driver asks the engine for."""

    def __init__(self) -> None:
        self.activities: list[PlayedTask] = []
        self.timers: list[PlayedTask] = []
        self.signals: list[PlayedTask] = []
        self.continued: list[object] = []
        self.numbers = 0

    def next_sequence_number(self) -> int:
        """Number a task."""
        self.numbers += 1
        return self.numbers

    def call_activity(
        self, name: str, *, input: object, retry_policy: object, app_id: str | None = None
    ) -> PlayedTask:
        """Begin an activity."""
        self.numbers += 1
        task = PlayedTask(str(name), input, app_id)
        if name != "advance":
            self.activities.append(task)
        return task

    def create_timer(self, fire_at: datetime) -> PlayedTask:
        """Begin a timer."""
        self.timers.append(PlayedTask("timer", fire_at))
        return self.timers[-1]

    def wait_for_external_event(self, name: str) -> PlayedTask:
        """Wait for a signal."""
        self.signals.append(PlayedTask(str(name)))
        return self.signals[-1]

    def continue_as_new(self, input: object, *, save_events: bool) -> None:
        """Begin a new history."""
        assert save_events
        self.continued.append(input)


def _answer(
    *starts: dict[str, object], finished: bool = False, wake_at: str | None = None
) -> dict[str, object]:
    return {"finished": finished, "start": list(starts), "wake_at": wake_at}


def _start(
    step: str, *, attempt: int = 1, dispatch: int = 0, app_id: str | None = "agent-qa"
) -> dict[str, object]:
    return {"step": step, "attempt": attempt, "dispatch": dispatch, "app_id": app_id}


def _driver(ctx: PlayedContext) -> Generator[Any, Any, str]:
    driver = drive_run(ctx, {"run_id": "r"})  # type: ignore[arg-type]  # a context of the test's
    assert next(driver).name == "advance"
    return driver


def _ended(driver: Generator[Any, Any, str], answer: object) -> str:
    try:
        driver.send(answer)
    except StopIteration as stop:
        return str(stop.value)
    raise AssertionError("the driver goes on")


def test_ends_with_its_run() -> None:
    assert _ended(_driver(PlayedContext()), _answer(finished=True)) == "finished"


def _wake(ctx: PlayedContext, driver: Generator[Any, Any, str]) -> None:
    """Signal the driver, which then advances the run."""
    ctx.signals[-1].complete()
    assert driver.send(None).name == "advance"


def test_starts_each_dispatch_once() -> None:
    ctx = PlayedContext()
    driver = _driver(ctx)
    driver.send(_answer(_start("a"), _start("b", app_id=None)))
    assert [(task.input, task.app_id) for task in ctx.activities] == [
        ({"run_id": "r", "step": "a", "attempt": 1}, "agent-qa"),
        ({"run_id": "r", "step": "b", "attempt": 1}, None),
    ]
    ctx.activities[0].complete()
    assert driver.send(None).name == "advance"
    driver.send(_answer(_start("a"), _start("b", app_id=None)))
    assert len(ctx.activities) == 2
    _wake(ctx, driver)
    driver.send(_answer(_start("a", dispatch=1), _start("b", app_id=None)))
    assert len(ctx.activities) == 3


def _done(following: object = None) -> dict[str, object]:
    return {"status": "done", "digest": "", "following": following}


def test_waits_for_no_signal_when_one_advance_ends_the_run() -> None:
    ctx = PlayedContext()
    assert _ended(_driver(ctx), _answer(finished=True)) == "finished"
    assert ctx.signals == []


def test_starts_what_the_end_of_a_step_brings_with_it_without_asking() -> None:
    ctx = PlayedContext()
    driver = _driver(ctx)
    driver.send(_answer(_start("a")))
    ctx.activities[0].complete(_done(_answer(_start("b"), wake_at="2026-01-01T12:05:00+00:00")))
    driver.send(None)
    assert [task.input for task in ctx.activities][1:] == [{"run_id": "r", "step": "b", "attempt": 1}]
    assert len(ctx.timers) == 1
    ctx.activities[1].complete(_done(_answer(finished=True)))
    assert _ended(driver, None) == "finished"


def test_starts_what_all_ended_steps_bring_with_them() -> None:
    ctx = PlayedContext()
    driver = _driver(ctx)
    driver.send(_answer(_start("a"), _start("b")))
    ctx.activities[0].complete(_done(_answer(_start("b"))))
    ctx.activities[1].complete(_done(_answer(_start("c"), _start("d"))))
    driver.send(None)
    assert [task.input["step"] for task in ctx.activities] == ["a", "b", "c", "d"]  # type: ignore[index]  # an input is JSON data


def test_asks_when_any_ended_step_brings_nothing_with_it() -> None:
    for ending in ({"result": _done()}, {"failed": True}, {"result": None}):
        ctx = PlayedContext()
        driver = _driver(ctx)
        driver.send(_answer(_start("a"), _start("b")))
        ctx.activities[0].complete(_done(_answer(_start("c"))))
        ctx.activities[1].complete(**ending)
        assert driver.send(None).name == "advance"
        driver.send(_answer(_start("c")))
        assert len(ctx.activities) == 3


def test_asks_when_a_signal_came_beside_the_end_of_a_step() -> None:
    ctx = PlayedContext()
    driver = _driver(ctx)
    driver.send(_answer(_start("a")))
    ctx.activities[0].complete(_done(_answer(_start("b"))))
    ctx.signals[-1].complete()
    assert driver.send(None).name == "advance"


def test_keeps_one_signal_outstanding() -> None:
    ctx = PlayedContext()
    driver = _driver(ctx)
    driver.send(_answer(_start("a")))
    _wake(ctx, driver)
    driver.send(_answer())
    assert len(ctx.signals) == 2
    ctx.activities[0].complete()
    driver.send(None)
    assert len(ctx.signals) == 2


def test_sets_a_timer_only_for_an_earlier_time() -> None:
    ctx = PlayedContext()
    driver = _driver(ctx)
    for minute in ("05", "05", "07", "03"):
        driver.send(_answer(wake_at=f"2026-01-01T12:{minute}:00+00:00"))
        _wake(ctx, driver)
    assert [task.input.minute for task in ctx.timers] == [5, 3]  # type: ignore[attr-defined]  # a datetime


def test_begins_a_new_history_at_any_time_and_names_what_is_pending() -> None:
    ctx = PlayedContext()
    driver = drive_run(ctx, {"run_id": "r", "generation": 4})  # type: ignore[arg-type]  # a context of the test's
    assert next(driver).input == {"run_id": "r", "generation": 4}
    driver.send(_answer(_start("a"), _start("b")))
    ctx.activities[0].complete(_done(_answer(_start("c"))))
    driver.send(None)
    for _ in range(MAX_HISTORY - 5):
        _wake(ctx, driver)
        driver.send(_answer())
    ctx.signals[-1].complete()
    assert _ended(driver, None) == "continued"
    tasks = ctx.numbers
    assert ctx.continued == [{"run_id": "r", "generation": 5, "tasks": tasks, "known": ["b 1 0", "c 1 0"]}]


def test_starts_nothing_that_an_older_generation_has_started() -> None:
    ctx = PlayedContext()
    input = {"run_id": "r", "generation": 5, "tasks": 40, "known": ["b 1 0"]}
    driver = drive_run(ctx, input)  # type: ignore[arg-type]  # a context of the test's
    assert next(driver).input == {"run_id": "r", "generation": 5}
    assert ctx.numbers > 40
    driver.send(_answer(_start("b"), _start("d"), _start("b", dispatch=1)))
    assert [task.input["step"] for task in ctx.activities] == ["d", "b"]  # type: ignore[index]  # JSON data


def test_names_no_more_steps_than_history_can_hold() -> None:
    ctx = PlayedContext()
    driver = _driver(ctx)
    driver.send(_answer(*(_start(f"s[{n}].inner") for n in range(2 * MAX_KNOWN))))
    ctx.signals[-1].complete()
    assert _ended(driver, None) == "continued"
    assert len(json.dumps(ctx.continued[0])) < 8_000


def test_imports_nothing_that_replay_forbids() -> None:
    tree = ast.parse(Path(orchestrator.workflow.__file__).read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported & FORBIDDEN == set()
    ours = [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("orchestrator")
    ]
    assert ours == ["orchestrator.domain.driving"]
    calls = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert calls & {"now", "utcnow", "today", "uuid4"} == set()
