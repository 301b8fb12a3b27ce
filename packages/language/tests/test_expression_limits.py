"""Hostile expressions and schemas: refused, or stopped by the counters."""

import threading
import time

import pytest

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.templates import parse_template, render
from flowloom_language.json_schemas import schema_errors

_LONG: JsonValue = "x" * 900_000
_DEEP: JsonValue = []
for _ in range(200):
    _DEEP = [_DEEP]
_SCOPE: dict[str, JsonValue] = {
    "inputs": {
        "long": _LONG,
        "deep": _DEEP,
        "many": list(range(10_000)),
        "more": list(range(10_001)),
        "a": "a" * 50_000,
    }
}
_HOSTILE = [
    "range(10000).map(x, range(10000))",
    "range(10000).map(x, range(10000).map(y, x * y))",
    "range(10000).filter(x, range(10000).exists(y, y == x))",
    "range(10000).map(x, 'y').map(z, inputs.long)",
    "inputs.long + inputs.long",
    "inputs.long.replace('x', 'xxxxxxxxxx')",
    "inputs.long.replace('', 'xxxxxxxxxx')",
    "split(inputs.long, '')",
    "join(inputs.many.map(x, inputs.long), '')",
    "[inputs.long, inputs.long, inputs.long, inputs.long, inputs.long].map(x, x + 'y')",
    "inputs.deep == inputs.deep",
    "json(inputs.deep)",
    "hash(inputs.deep)",
    "inputs.more.map(x, x)",
    "inputs.many + inputs.many",
    "flatten(inputs.many.map(x, [x, x]))",
    "unique(inputs.many.map(x, inputs.many))",
    "parse_json('" + "[" * 300 + "')",
    "parse_json(join(range(2000).map(x, '['), ''))",
    "int('" + "9" * 900 + "')",
    "inputs.a.matches(inputs.a)",
    "9007199254740991 * 9007199254740991",
    "1e308 * 1e308",
    "".join(["-"] * 65) + "1",
    "inputs" + ".x" * 600,
    "inputs" + "['x']" * 300,
    "[" * 20 + "]" * 20,
    "{'a':" * 20 + "1" + "}" * 20,
    "true ? " * 30 + "1",
    "true?1:" * 65 + "1",
    "size(" * 20 + "1" + ")" * 20,
]


@pytest.mark.parametrize("expression", _HOSTILE, ids=lambda text: text[:40])
def test_a_hostile_expression_is_refused(expression: str) -> None:
    with pytest.raises((ExpressionError, ExpressionSyntaxError)):
        _evaluate(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "size(inputs.long)",
        "inputs.a.matches('(a+)+$')",
        "inputs.a.matches('(a|aa)+b')",
        "sum(inputs.many)",
        "size(sort(inputs.many))",
        "1" + "+1" * 64,
        "(" * 15 + "1" + ")" * 15,
        "!" * 64 + "true",
        "inputs.many.exists(x, x == 5000)",
    ],
    ids=lambda text: text[:40],
)
def test_a_large_but_honest_expression_works_on_a_small_stack(expression: str) -> None:
    found = list[JsonValue]()
    before = threading.stack_size(512 * 1024)
    try:
        worker = threading.Thread(target=lambda: found.append(_evaluate(expression)))
        worker.start()
        worker.join(30)
    finally:
        threading.stack_size(before)
    assert len(found) == 1


def test_hostile_expressions_stop_soon() -> None:
    for expression in _HOSTILE:
        best = min(_cpu_seconds(expression) for _ in range(3))
        assert best < 0.25, expression


def test_a_reference_passes_values_of_any_size_on() -> None:
    assert _evaluate("inputs.long") is _LONG
    assert _evaluate("inputs.deep") is _DEEP


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {
            "$defs": {
                **{f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(30)},
                "d30": {"type": "object"},
            },
            "$ref": "#/$defs/d0",
        },
    ],
)
def test_a_hostile_schema_is_stopped(schema: JsonObject) -> None:
    (error,) = schema_errors(schema, {})
    assert "cannot be applied" in error.message


def test_patterns_of_a_schema_take_linear_time() -> None:
    schema: JsonObject = {
        "patternProperties": {"^(a+)+$": {"type": "integer"}},
        "additionalProperties": False,
        "properties": {"x": {"pattern": "^(a+)+$"}},
    }
    errors = schema_errors(schema, {"a" * 5_000 + "!": 1, "x": "a" * 5_000 + "!", "aa": "text"})
    assert len(errors) == 3


def _evaluate(expression: str) -> JsonValue:
    parse_template(f"${{{expression}}}")
    return render(f"${{{expression}}}", _SCOPE)


def _cpu_seconds(expression: str) -> float:
    before = time.process_time()
    with pytest.raises((ExpressionError, ExpressionSyntaxError)):
        _evaluate(expression)
    return time.process_time() - before
