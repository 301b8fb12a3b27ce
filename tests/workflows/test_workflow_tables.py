"""Runs the tables beside this file: document, inputs, scripted answers, expected statuses and outputs."""

from pathlib import Path
from typing import TypedDict

import pytest
import yaml

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import StepStatus
from flowloom_language.answers import InvalidAnswerError, check_output, parse_answer
from flowloom_language.document import validate_document
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.inputs import InputError
from flowloom_language.tasks import build_task
from flowloom_language.testing.driver import Driver

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: case}\n"
_MAX_ROUNDS = 200


class Case(TypedDict, total=False):
    """One row of a table.

    `document` is written without its first three lines. `answers` gives for each slow step what its worker
    says, attempt by attempt and re-ask by re-ask: a text, or `{error: code}`; the last repeats.
    """

    name: str
    document: str
    inputs: JsonObject
    answers: dict[str, JsonValue]
    cancel_at: str
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
    seen = run.seen()
    assert {name: seen[name] for name in expect} == expect


def _problems(case: Case) -> list[str]:
    return [f"{one.path} {one.code.value}" for one in validate_document(_HEAD + case["document"]).problems]


def _driver(case: Case) -> Driver:
    return Driver(_HEAD + case["document"], case.get("inputs", {}))


class _Run:
    def __init__(self, driver: Driver, case: Case) -> None:
        self.driver = driver
        self.case = case
        self.asked = dict[str, int]()
        self.prompts = dict[str, JsonValue]()

    def to_the_end(self) -> None:
        for _ in range(_MAX_ROUNDS):
            for path in self.driver.go():
                self._work(path)
            if self.driver.state.status.is_terminal:
                return
            if self.driver.timer is not None and not self._has_queued():
                self.driver.sleep((self.driver.timer - self.driver.now).total_seconds())
        raise AssertionError(f"the run does not end: {self.driver.statuses()}")

    def _has_queued(self) -> bool:
        return any(step.status is StepStatus.QUEUED for step in self.driver.state.steps.values())

    def _work(self, path: str) -> None:
        if self.driver.state.steps[path].status is not StepStatus.QUEUED:
            return
        self.driver.start(path)
        if self.case.get("cancel_at") == path:
            self.driver.cancel("The case says so.")
            return
        try:
            self.prompts[path] = build_task(self.driver.plan, self.driver.state, path).prompt
            self._answer(path)
        except ExpressionError as error:
            self.driver.fail(path, "expression", str(error))

    def _answer(self, path: str) -> None:
        reason = "no answer"
        for _ in range(3):
            said = self._next_answer(path)
            if isinstance(said, dict):
                self.driver.fail(path, str(said["error"]))
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
        scripted = self.case.get("answers", {}).get(path, "ok")
        listed = scripted if isinstance(scripted, list) else [scripted]
        number = self.asked.get(path, 0)
        self.asked[path] = number + 1
        return listed[min(number, len(listed) - 1)]

    def seen(self) -> JsonObject:
        state = self.driver.state
        return {
            "status": state.status.value,
            "steps": dict(self.driver.statuses()),
            "outputs": state.outputs,
            "values": {path: step.output for path, step in state.steps.items()},
            "attempts": {path: step.attempt for path, step in state.steps.items()},
            "asked": dict(self.asked),
            "prompts": self.prompts,
            "error": f"{state.error.step} {state.error.code}" if state.error else None,
            "message": state.error.message if state.error else None,
        }
