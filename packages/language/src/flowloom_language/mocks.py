"""What steps answer in a test instead of being carried out."""

import re
from collections.abc import Mapping
from typing import Final

from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import StepError, Usage
from flowloom_contracts.tests_document import Mock, Mocks
from flowloom_language.answers import check_output
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.offline_run import OfflineRun
from flowloom_language.plan import SLOW_KINDS, Block, Plan, PlanStep
from flowloom_language.tasks import build_task, step_budget

_INDEX: Final = re.compile(r"\[(\d+)\]")
_OUTSIDE: Final = SLOW_KINDS | {"workflow"}
_MOCKED: Final = "code"
"""The kind of a mocked step that only computes: it is handed out like the others."""

_CODES: Final = {"agent": "asks a model", "llm": "asks a model", "code": "needs the sandbox"}


class MissingMockError(Exception):
    """A step would act outside of the test."""


def mocked_plan(plan: Plan, mocks: Mapping[str, Mocks]) -> Plan:
    """Return the plan in which mocked steps, and those that start other runs, are handed out."""
    named = {_plain(path) for path in mocks}
    failing = None if plan.on_failure is None else _block(plan.on_failure, named)
    steps = [_step(step, named) for step in plan.steps]
    return Plan(
        name=plan.name,
        steps=steps,
        outputs=plan.outputs,
        on_failure=failing,
        limits=plan.limits,
        agents=plan.agents,
        secrets=plan.secrets,
    )


def _block(block: Block, named: set[str]) -> Block:
    return Block(steps=[_step(step, named) for step in block.steps])


def _step(step: PlanStep, named: set[str]) -> PlanStep:
    recovery = step.recovery
    changes: dict[str, object] = {
        "body": None if step.body is None else _block(step.body, named),
        "undo": None if step.undo is None else _step(step.undo, named),
        "recovery": None
        if recovery is None
        else recovery.model_copy(update={"block": _block(recovery.block, named)}),
    }
    if not step.is_slow and (step.path.replace("[]", "") in named or step.kind == "workflow"):
        changes |= {"kind": _MOCKED, "body": None}
    return step.model_copy(update=changes)


def _plain(path: str) -> str:
    return _INDEX.sub("", path)


class MockedSteps:
    """Answers for the steps of one test; `plan` is the workflow's own."""

    def __init__(self, plan: Plan, mocks: Mapping[str, Mocks]) -> None:
        self._plan = plan
        self._mocks = mocks

    def answer(self, run: OfflineRun, path: str) -> None:
        """End the attempt of a step as its mock says; raises MissingMockError."""
        kind = self._plan.at(path).kind
        mock = self._mock(run, path)
        run.begin(path)
        usage = Usage(tokens=mock.usage.tokens, usd_micro=round(mock.usage.usd * 1e6))
        error = self._reason(run, path, kind, mock, usage=usage)
        if error is None:
            run.succeed(path, mock.output, usage)
        else:
            run.fail(path, error, usage)

    def _mock(self, run: OfflineRun, path: str) -> Mock:
        """A list goes by loop index, then by attempt: its position is the sum of both."""
        found = self._mocks.get(path)
        indexes = [] if found is not None else [int(index) for index in _INDEX.findall(path)]
        found = self._mocks.get(_plain(path)) if found is None else found
        if found is None:
            raise MissingMockError(_missing(self._plan.at(path), path))
        if not isinstance(found, list):
            return found
        step = run.state.steps[path]
        position = (indexes[-1] if indexes else 0) + step.attempt - step.tried - 1
        return found[min(position, len(found) - 1)]

    def _reason(self, run: OfflineRun, path: str, kind: str, mock: Mock, *, usage: Usage) -> StepError | None:
        """Return why the attempt fails: the mock says so, or the real one could not have succeeded."""
        try:
            if kind in SLOW_KINDS:
                build_task(run.plan, run.state, path)
            if mock.error is not None:
                return StepError(code=mock.error.code, message=mock.error.message)
            if self._is_over_budget(run, path, usage):
                return StepError(code="budget", message="The step has used more than its budget.")
            wrong = _wrong_answer(run, path, kind, mock.output)
        except ExpressionError as error:
            return StepError(code="expression", message=str(error))
        return None if wrong is None else StepError(code="invalid_output", message=wrong)

    def _is_over_budget(self, run: OfflineRun, path: str, usage: Usage) -> bool:
        step = run.state.steps[path]
        own, whole = step_budget(run.plan, run.state, path), run.plan.limits.budget
        return _is_over(own, step.usage.plus(usage)) or _is_over(whole, run.state.usage.plus(usage))


def _is_over(budget: object, usage: Usage) -> bool:
    tokens, usd = getattr(budget, "tokens", None), getattr(budget, "usd", None)
    is_over_tokens = tokens is not None and usage.tokens > tokens
    return is_over_tokens or (usd is not None and usage.usd_micro > usd * 1e6)


def _wrong_answer(run: OfflineRun, path: str, kind: str, output: JsonValue) -> str | None:
    if kind not in ("agent", "llm"):
        return None
    return check_output(run.plan, run.state, path, output)


def _missing(step: PlanStep, path: str) -> str:
    why = _CODES.get(step.kind, "acts outside")
    plain = _plain(path)
    return f"{path}: this {step.kind} step {why} and has no mock. Write mocks: {{{plain}: {{output: …}}}}."
