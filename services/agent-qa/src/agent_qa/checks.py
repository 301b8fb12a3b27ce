"""Checks that need no judgement: the same value gives the same result, and no model is asked."""

import difflib
import json
from dataclasses import dataclass
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.evaluator import evaluate
from flowloom_language.expressions.parser import parse_expression
from flowloom_language.json_schemas import schema_errors

MOST_FAULTS: Final = 10
MOST_CHARS: Final = 100_000
MOST_DIFF_LINES: Final = 40


@dataclass(frozen=True, slots=True)
class Check:
    """A check that was made; `detail` says what is wrong, or how it was found."""

    name: str
    passed: bool
    detail: str = ""

    def told(self) -> JsonObject:
        """Return it as it is written into an answer."""
        return {"check": self.name, "passed": self.passed, "detail": self.detail}


def check_schema(value: JsonValue, schema: JsonObject) -> Check:
    """Check a value against a JSON Schema; JSON in a text counts as its value."""
    wants_text = schema.get("type") in ("string", None)
    value = value if wants_text else _parsed(value)
    try:
        errors = schema_errors(schema, value, limit=MOST_FAULTS)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return Check("schema", passed=False, detail=f"the schema itself is wrong: {error}"[:300])
    told = "; ".join(f"{error.json_path}: {error.message[:200]}" for error in errors)
    return Check("schema", passed=not errors, detail=told)


def check_condition(value: JsonValue, condition: str) -> Check:
    """Check an expression of the workflow language in which `value` is the value: `size(value) > 20`."""
    name = f"assert {condition[:200]}"
    try:
        found = evaluate(parse_expression(condition), {"value": value})
    except ExpressionSyntaxError as error:
        return Check(name, passed=False, detail=f"it is no expression: {error.message}")
    except ExpressionError as error:
        return Check(name, passed=False, detail=f"it cannot be evaluated: {error}")
    if found is True:
        return Check(name, passed=True)
    return Check(name, passed=False, detail="" if found is False else f"it is {str(found)[:100]!r}, not true")


def difference(value: JsonValue, golden: JsonValue) -> tuple[float, str]:
    """Return how alike two values are as text, from 0 to 1, and the lines in which they differ."""
    one, other = printed(value)[:MOST_CHARS], printed(golden)[:MOST_CHARS]
    ours, theirs = one.split("\n"), other.split("\n")
    words = difflib.SequenceMatcher(None, one.split()[:5_000], other.split()[:5_000], autojunk=True)
    lines = difflib.unified_diff(theirs, ours, "golden", "value", lineterm="", n=1)
    shown = [line[:300] for _, line in zip(range(MOST_DIFF_LINES), lines, strict=False)]
    return (1.0 if one == other else words.ratio()), "\n".join(shown)


def printed(value: JsonValue) -> str:
    """Return text as it is and everything else as JSON on several lines."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)


def _parsed(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value
    try:
        found: JsonValue = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found
