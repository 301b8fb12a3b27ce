"""Hostile expressions and schemas: refused, or stopped by the counters."""

import threading
import time
from contextlib import suppress

import pytest

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.functions import FUNCTIONS, LAZY
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
        "wide": {f"k{n}": [n, str(n)] for n in range(9_000)},
    }
}
_SOON = 0.03
"""Seconds of CPU that no expression needs, with room for a machine that has other work."""
_VALUES = [
    "inputs.long", "inputs.deep", "inputs.many", "inputs.more", "inputs.a", "inputs.wide", "null", "-1",
    "'['", "[inputs.many]",
]  # fmt: skip
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


@pytest.mark.alone
@pytest.mark.parametrize("name", [*FUNCTIONS, *LAZY])
def test_any_function_of_anything_stops_soon(name: str) -> None:
    """With the list above more than 200 hostile expressions; the aim is 5 ms on a machine of its own."""
    count = LAZY[name] if name in LAZY else FUNCTIONS[name].least
    for value in _VALUES:
        for others in ("inputs.long", "3", "'x'"):
            expression = f"{name}({', '.join([value, *[others] * (count - 1)])})"
            assert min(_cpu_seconds(expression) for _ in range(10)) < _SOON, expression


@pytest.mark.alone
def test_hostile_expressions_stop_soon() -> None:
    for expression in _HOSTILE:
        best = min(_cpu_seconds(expression) for _ in range(5))
        assert best < _SOON, expression


def test_an_honest_expression_over_the_longest_list_is_not_refused() -> None:
    rows: JsonValue = [{"score": n / 10_000, "name": f"n{n}"} for n in range(10_000)]
    scope = {"inputs": {"rows": rows}}
    found = render("${inputs.rows.filter(row, row.score > 0.5)}", scope)
    assert isinstance(found, list) and len(found) == 4_999
    assert render("${size(inputs.rows.map(row, row.name))}", scope) == 10_000
    assert render("${size(json(inputs.rows.map(row, row.name)))}", scope) == 78_891


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
    with suppress(ExpressionError, ExpressionSyntaxError):
        _evaluate(expression)
    return time.process_time() - before
