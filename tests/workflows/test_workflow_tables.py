"""Runs the tables beside this file: document, inputs, what others do, and what must come out."""

import re
from pathlib import Path
from typing import TypedDict

import pytest
import yaml

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import RunError, RunStatus, StepStatus
from flowloom_language.answers import InvalidAnswerError, check_output, parse_answer
from flowloom_language.awaited_events import fits
from flowloom_language.document import validate_document
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.inputs import InputError
from flowloom_language.state import StepState
from flowloom_language.tasks import build_task
from flowloom_language.testing.driver import Driver

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: case}\n"
_MAX_ROUNDS = 200


class Case(TypedDict, total=False):
    """One row of a table.

    `document` is written without its first three lines. `answers` gives for each slow step what its worker
    says, attempt by attempt and re-ask by re-ask: a text (for tool, http and code any value), or
    `{error: code}`; the last repeats. Paths may be written without the numbers of items. `decisions` are
    what people say, `events` come one after the other when something waits for them, `children` are the
    ends of other runs. `cancel_at`, `pause_at` and `kill_at` name a step that is running then; a paused run
    goes on when all is quiet. `retries` is how often somebody retries a run that has failed.
    """

    name: str
    document: str
    inputs: JsonObject
    answers: dict[str, JsonValue]
    decisions: dict[str, JsonValue]
    events: list[JsonObject]
    children: dict[str, JsonObject]
    cancel_at: str
    pause_at: str
    kill_at: str
    retries: int
    until_step: str
    expect: JsonObject


def _cases() -> list[tuple[str, Case]]:
    found = list[tuple[str, Case]]()
    for file in sorted(Path(__file__).parent.glob("*.yaml")):
        table: list[Case] = yaml.safe_load(file.read_text("utf-8"))
        found += [(f"{file.stem}: {case['name']}", case) for case in table]
    return found


_CASES = _cases()


@pytest.mark.parametrize("case", [case for _, case in _CASES], ids=[name for name, _ in _CASES])
def test_the_table(case: Case) -> None:
    expect = case["expect"]
    if "problems" in expect:
        assert _problems(case) == expect["problems"]
        return
    if "input_errors" in expect:
        with pytest.raises(InputError) as raised:
            _driver(case)
        assert [f"{one.path} {one.code}" for one in raised.value.errors] == expect["input_errors"]
        return
    run = _Run(_driver(case), case)
    run.to_the_end()
    for _ in range(case.get("retries", 0)):
        run.driver.retry()
        run.to_the_end()
    seen = run.seen()
    some = expect.pop("some", {})
    assert isinstance(some, dict)
    assert {name: seen[name] for name in expect} == expect
    assert {path: run.statuses().get(path) for path in some} == some


def _problems(case: Case) -> list[str]:
    return [f"{one.path} {one.code.value}" for one in validate_document(_HEAD + case["document"]).problems]


def _driver(case: Case) -> Driver:
    return Driver(_HEAD + case["document"], case.get("inputs", {}), until_step=case.get("until_step"))


def _plain(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


class _Run:
    def __init__(self, driver: Driver, case: Case) -> None:
        self.driver = driver
        self.case = case
        self.asked = dict[str, int]()
        self.tasks = dict[str, JsonObject]()
        self.events = list(case.get("events", []))
        self.interrupted = set[str]()

    def to_the_end(self) -> None:
        for _ in range(_MAX_ROUNDS):
            self.driver.go()
            queued = self._queued()
            for path in queued:
                self._work(path)
            if self.driver.state.status.is_terminal:
                return
            if not queued and not self._others_act() and not self._time_passes():
                return
        raise AssertionError(f"the run does not end: {self.statuses()}")

    def _queued(self) -> list[str]:
        state = self.driver.state
        if state.status is RunStatus.PAUSED:
            return []
        return [step.path for step in state.steps.values() if step.status is StepStatus.QUEUED]

    def _others_act(self) -> bool:
        return any(self._acts(step) for step in self.driver.state.steps.values()) or self._unpause()

    def _acts(self, step: StepState) -> bool:
        said = self.case.get("decisions", {}).get(step.path)
        if step.status is StepStatus.WAITING and step.decision and step.decided is None and said:
            whole = said if isinstance(said, dict) else {"decision": said}
            self.driver.decide(step.path, str(whole["decision"]), data=whole.get("data"))
            return True
        if step.waits_for is not None and self.events:
            event = {"at": "2026-01-01T00:00:00Z", "data": None} | self.events[0]
            if fits(self.driver.plan, self.driver.state, step.path, event):
                self.events.pop(0)
                self.driver.receive(step.path, str(event["name"]), event["data"])
                return True
        ended = self.case.get("children", {}).get(_plain(step.path))
        if ended is not None and step.child is not None and step.child.status is None:
            return self._end_child(step, ended)
        return False

    def _end_child(self, step: StepState, ended: JsonObject) -> bool:
        if step.status is not StepStatus.RUNNING:
            return False
        outputs = ended.get("outputs")
        code = ended.get("error")
        error = RunError(code=str(code), message="The other run failed.") if code else None
        self.driver.end_child(step.path, outputs if isinstance(outputs, dict) else None, error=error)
        return True

    def _unpause(self) -> bool:
        is_paused = self.driver.state.status is RunStatus.PAUSED
        if is_paused:
            self.driver.sleep(60)
            self.driver.resume()
        return is_paused

    def _time_passes(self) -> bool:
        timer = self.driver.timer
        if timer is None:
            return False
        self.driver.sleep((timer - self.driver.now).total_seconds())
        return True

    def _work(self, path: str) -> None:
        if path not in self._queued():
            return
        self.driver.start(path)
        if self._interrupts(path):
            return
        try:
            task = build_task(self.driver.plan, self.driver.state, path)
            self.tasks[path] = task.model_dump(mode="json", exclude_defaults=True)
            self._answer(path)
        except ExpressionError as error:
            self.driver.fail(path, "expression", str(error))

    def _interrupts(self, path: str) -> bool:
        if path in self.interrupted:
            return False
        self.interrupted.add(path)
        if self.case.get("cancel_at") == path:
            self.driver.cancel("The case says so.")
        elif self.case.get("kill_at") == path:
            self.driver.kill()
        elif self.case.get("pause_at") == path:
            self.driver.pause()
        ending = self.driver.state.ending
        return ending is not None and ending.stage == "stopping"

    def _answer(self, path: str) -> None:
        is_asking = self.driver.plan.at(path).kind in ("agent", "llm")
        reason = "no answer"
        for _ in range(3):
            said = self._next_answer(path)
            if isinstance(said, dict) and "error" in said:
                self.driver.fail(path, str(said["error"]))
                return
            if not is_asking:
                self.driver.succeed(path, said)
                return
            try:
                output = parse_answer(self.driver.plan, path, str(said))
            except InvalidAnswerError as error:
                reason = error.reason
                continue
            found = check_output(self.driver.plan, self.driver.state, path, output)
            if found is None:
                self.driver.succeed(path, output)
                return
            reason = found
        self.driver.fail(path, "invalid_output", reason)

    def _next_answer(self, path: str) -> JsonValue:
        answers = self.case.get("answers", {})
        scripted = answers.get(path, answers.get(_plain(path), "ok"))
        listed = scripted if isinstance(scripted, list) else [scripted]
        number = self.asked.get(path, 0)
        self.asked[path] = number + 1
        return listed[min(number, len(listed) - 1)]

    def statuses(self) -> dict[str, str]:
        return {path: step.status.value for path, step in self.driver.seen.items()}

    def seen(self) -> JsonObject:
        state, steps = self.driver.state, self.driver.seen
        return {
            "status": state.status.value,
            "steps": dict(self.statuses()),
            "outputs": state.outputs,
            "values": {path: step.output for path, step in steps.items()},
            "attempts": {path: step.attempt for path, step in steps.items()},
            "recovered": [path for path, step in steps.items() if step.recovered],
            "asked": dict(self.asked),
            "prompts": {path: task.get("prompt", "") for path, task in self.tasks.items()},
            "tasks": dict(self.tasks),
            "emitted": [{"topic": one.topic, "data": one.data} for one in self.driver.emitted],
            "called": [
                {"workflow": one.workflow, "version": one.version, "inputs": one.inputs}
                for one in self.driver.children.values()
            ],
            "stopped": [one.path for one in self.driver.stopped],
            "events": [_shown(event) for event in self.driver.events],
            "waits": [path for path, step in state.steps.items() if step.status is StepStatus.WAITING],
            "error": f"{state.error.step} {state.error.code}" if state.error else None,
            "message": state.error.message if state.error else None,
        }


def _shown(event: object) -> str:
    path = getattr(event, "path", None)
    return f"{getattr(event, 'type', '')} {path}" if path else str(getattr(event, "type", ""))
