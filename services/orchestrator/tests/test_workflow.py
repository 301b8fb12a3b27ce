"""The durable driver, played with a context of our own, and the rules that keep it replayable."""

import ast
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import Any

import orchestrator.workflow
from orchestrator.workflow import ROUNDS_BEFORE_NEW_HISTORY, drive_run

Answer = dict[str, object]
FORBIDDEN = {"time", "random", "uuid", "secrets", "os", "asyncio", "httpx", "structlog", "logging", "redis"}


class PlayedTask:
    """A task that the test completes."""

    def __init__(self, name: str, input: object = None, app_id: str | None = None) -> None:
        self.name, self.input, self.app_id = name, input, app_id
        self.is_complete = False
        self._parent: Any = None

    def complete(self) -> None:
        """Complete, and wake whoever waits."""
        self.is_complete = True
        self._parent.on_child_completed(self)


class PlayedContext:
    """Records what the driver asks the engine for."""

    def __init__(self) -> None:
        self.activities: list[PlayedTask] = []
        self.timers: list[PlayedTask] = []
        self.signals: list[PlayedTask] = []
        self.continued: list[object] = []

    def call_activity(
        self, name: str, *, input: object, retry_policy: object, app_id: str | None = None
    ) -> PlayedTask:
        """Begin an activity."""
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


def test_keeps_one_signal_outstanding() -> None:
    ctx = PlayedContext()
    driver = _driver(ctx)
    driver.send(_answer(_start("a")))
    _wake(ctx, driver)
    assert len(ctx.signals) == 2
    driver.send(_answer())
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


def test_begins_a_new_history_only_when_nothing_is_pending() -> None:
    ctx = PlayedContext()
    driver = _driver(ctx)
    driver.send(_answer(_start("a")))
    for _ in range(ROUNDS_BEFORE_NEW_HISTORY + 5):
        _wake(ctx, driver)
        driver.send(_answer())
    assert ctx.continued == []
    ctx.activities[0].complete()
    assert _ended(driver, None) == "continued"
    assert ctx.continued == [{"run_id": "r"}]


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
