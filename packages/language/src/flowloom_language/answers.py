"""Judges a model's answer: reads it as JSON where a schema asks for it, then applies schema and checks."""

import json
import re
from collections.abc import Iterator
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.step_fields import Checks
from flowloom_contracts.steps.agent import AgentStep
from flowloom_contracts.steps.llm import LlmStep
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.expressions.functions_of_text import PatternError, compile_pattern
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.values import printed
from flowloom_language.json_schemas import schema_errors
from flowloom_language.plan import Plan
from flowloom_language.scopes import NO_VALUES, Values, count_of, holds, step_scope, text_of
from flowloom_language.state import RunState

_FENCE: Final = re.compile(r"```[A-Za-z0-9_-]*[ \t]*\n(.*?)```", re.DOTALL)
_MAX_ANSWER: Final = 1_000_000


class InvalidAnswerError(Exception):
    """The answer cannot be used; the message tells the model why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_answer(plan: Plan, path: str, text: str) -> JsonValue:
    """Return the value of an answer: the text itself, or with an `output` schema the JSON in it.

    Raises InvalidAnswerError. A root that is not an object may come wrapped as `{"value": …}`.
    """
    schema = _asking_step(plan, path).output
    if schema is None:
        return text
    value = _json_in(text)
    if schema.get("type") != "object" and isinstance(value, dict) and list(value) == ["value"]:
        return value["value"]
    return value


def _json_in(text: str) -> JsonValue:
    """Models put fences and sentences around JSON: take the whole, then a fence, then the first that fits."""
    if len(text) > _MAX_ANSWER:
        raise InvalidAnswerError(f"The answer must not be longer than {_MAX_ANSWER} characters.")
    for candidate in (text.strip(), *(fence[1].strip() for fence in _FENCE.finditer(text))):
        try:
            return _decode(candidate)
        except (ValueError, RecursionError):
            continue
    for found in list(re.finditer(r"[{\[]", text))[:50]:
        try:
            value: JsonValue = _DECODER.raw_decode(text, found.start())[0]
        except (ValueError, RecursionError):
            continue
        return value
    raise InvalidAnswerError("The answer must be JSON and nothing else.")


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)


def _decode(text: str) -> JsonValue:
    value: JsonValue = _DECODER.decode(text)
    return value


def check_output(
    plan: Plan, state: RunState, path: str, output: JsonValue, *, values: Values = NO_VALUES
) -> str | None:
    """Return why an answer must be asked for again, or None when schema and checks hold.

    Raises ExpressionError if a check itself cannot be evaluated.
    """
    step = _asking_step(plan, path)
    if step.output is not None and (reason := _schema_reason(step.output, output)):
        return reason
    checks = step.checks if isinstance(step.checks, list) else [step.checks] if step.checks else []
    scope = {**step_scope(plan, state, path, values), "output": output}
    text = output if isinstance(output, str) else printed(output, Meter())
    for check in checks:
        for reason in _reasons(check, text, scope):
            return reason
    return None


def _schema_reason(schema: JsonObject, output: JsonValue) -> str | None:
    errors = schema_errors(schema, output, limit=3)
    if not errors:
        return None
    places = (error.json_path.replace("$", "the answer", 1) for error in errors)
    told = "; ".join(f"{place}: {error.message[:200]}" for place, error in zip(places, errors, strict=True))
    return f"The answer must follow the JSON Schema. {told}."


def _reasons(check: Checks, text: str, scope: Scope) -> Iterator[str]:
    yield from _length_reasons(check, text, scope)
    for wanted in _all(check.contains, scope):
        if wanted not in text:
            yield f"The answer must contain {wanted!r}."
    for unwanted in _all(check.not_contains, scope):
        if unwanted in text:
            yield f"The answer must not contain {unwanted!r}."
    for pattern in _all(check.matches, scope):
        if not _found(pattern, text):
            yield f"The answer must match the pattern {pattern!r}."
    for condition in _written(check.expr):
        if not holds(condition, scope):
            yield f"The answer must fulfil {condition}."


def _length_reasons(check: Checks, text: str, scope: Scope) -> Iterator[str]:
    least = count_of(check.min_chars, scope, purpose="min_chars", most=1_000_000)
    if least is not None and len(text) < least:
        yield f"The answer must be at least {least} characters, it has {len(text)}."
    most = count_of(check.max_chars, scope, purpose="max_chars", most=1_000_000)
    if most is not None and len(text) > most:
        yield f"The answer must be at most {most} characters, it has {len(text)}."


def _found(pattern: str, text: str) -> bool:
    try:
        return compile_pattern(pattern).search(text) is not None
    except PatternError as error:
        raise ExpressionError(str(error)) from error


def _all(texts: str | list[str] | None, scope: Scope) -> list[str]:
    return [text_of(text, scope) for text in _written(texts)]


def _written(texts: str | list[str] | None) -> list[str]:
    return [] if texts is None else [texts] if isinstance(texts, str) else texts


def _asking_step(plan: Plan, path: str) -> AgentStep | LlmStep:
    step = plan.step(path).step
    if not isinstance(step, AgentStep | LlmStep):
        raise TypeError(f"step {path!r} asks no model")
    return step
