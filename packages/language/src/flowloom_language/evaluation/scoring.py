"""What a finished run is worth: the share of its checks that hold, and its likeness to a golden answer."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.evaluation import Case, Dataset, Scored
from flowloom_contracts.runs import Run, RunStatus
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.templates import parse_template, render

METRICS: Final = ("checks", "golden", "graded", "succeeded", "seconds", "tokens", "usd")
SCORES: Final = ("checks", "golden", "graded", "succeeded")
"""Between 0 and 1, more is better; of the others less is."""

_WORD: Final = re.compile(r"\w+")


GRADE: Final = "score"
"""The output of a grader's run."""


@dataclass(frozen=True, slots=True)
class WrongExpression:
    """An expression of a dataset that cannot be read: its place, and what is wrong."""

    path: str
    where: str
    reason: str

    @property
    def told(self) -> str:
        """The same as a sentence."""
        return f"{self.where}: {self.reason}"


def wrong_expressions(dataset: Dataset) -> Iterator[WrongExpression]:
    """Return what can be known to be wrong before anything runs."""
    for path, where, check in _expressions(dataset):
        try:
            parse_template(_written(check))
        except ExpressionSyntaxError as error:
            yield WrongExpression(path, where, f"{check!r}: {error}")


def grade_of(run: Run) -> float | None:
    """Return what a grader's run put out, None when that is no score."""
    found = (run.outputs or {}).get(GRADE)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= 1:
        return None
    return float(found)


def why_no_grade(run: Run) -> str:
    """Return why a grader's run gave no score, and what it has to do."""
    why = run.error.message if run.error else f"its output `{GRADE}` is {(run.outputs or {}).get(GRADE)!r}"
    return f"the grader's run {run.id} gave no score: {why[:500]}"


def grading_of(case: Case, run: Run) -> JsonObject:
    """Return the inputs of a grader."""
    scope = scope_of(case, run)
    return {name: scope[name] for name in ("inputs", "outputs", "golden")}


def _written(expression: str) -> str:
    """Return an expression as the one of a template."""
    return "${" + expression + "}"


def _expressions(dataset: Dataset) -> Iterator[tuple[str, str, str]]:
    yield "answer", "answer", dataset.answer
    for place, check in enumerate(dataset.checks):
        yield f"checks.{place}", "checks", check
    for number, case in enumerate(dataset.cases):
        for place, check in enumerate(case.checks):
            yield f"cases.{number}.checks.{place}", f"case {case.name!r}", check


def scope_of(case: Case, run: Run) -> JsonObject:
    """Return what checks can name: `inputs`, `outputs`, `golden` and `run`."""
    seconds = _seconds(run)
    about: JsonObject = {
        "status": run.status.value,
        "seconds": seconds,
        "tokens": run.usage.tokens,
        "usd": run.usage.usd,
    }
    return {"inputs": case.inputs, "outputs": run.outputs or {}, "golden": case.golden, "run": about}


def score(dataset: Dataset, case: Case, run: Run) -> Scored:
    """Return the figures that need no model."""
    scope = scope_of(case, run)
    figures = {"succeeded": float(run.status is RunStatus.SUCCEEDED)}
    about = scope["run"]
    if isinstance(about, dict):
        figures |= {name: float(str(about[name])) for name in ("seconds", "tokens", "usd")}
    checks = dataset.checks_of(case)
    failed = [told for check in checks if (told := _told(check, scope))]
    if run.error is not None:
        failed.append(f"the run failed: {run.error.message}")
    if checks:
        figures["checks"] = 1 - len([told for told in failed if not told.startswith("the run")]) / len(checks)
    if case.golden is not None:
        figures["golden"] = likeness(_answer(dataset.answer, scope), case.golden)
    return Scored(case=case.name, run_id=run.id, figures=figures, failed=failed)


def _told(check: str, scope: JsonObject) -> str | None:
    """Return why a check does not hold; one that cannot be computed does not."""
    try:
        value = render(_written(check), scope)
    except ExpressionError as error:
        return f"{check}: {error}"
    return None if value is True else f"{check}: is {value!r}"[:500]


def _answer(expression: str, scope: JsonObject) -> str:
    try:
        return _text(render(_written(expression), scope))
    except ExpressionError:
        return ""


def _text(value: JsonValue) -> str:
    if isinstance(value, dict):
        return " ".join(map(_text, value.values()))
    return " ".join(map(_text, value)) if isinstance(value, list) else "" if value is None else str(value)


def likeness(answer: str, golden: str) -> float:
    """Return the F1 of the words both have, as SQuAD scores answers (Rajpurkar et al. 2016)."""
    one, other = (Counter(_WORD.findall(text.lower())) for text in (answer, golden))
    both = sum((one & other).values())
    return 2 * both / (sum(one.values()) + sum(other.values())) if both else 0.0


def _seconds(run: Run) -> float:
    if run.started_at is None or run.finished_at is None:
        return 0.0
    return (run.finished_at - run.started_at).total_seconds()
