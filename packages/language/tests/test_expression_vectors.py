"""The shared vectors: what every implementation of the expression language must answer."""

import json
from pathlib import Path

import pytest

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.evaluator import evaluate
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.parser import parse_expression
from flowloom_language.expressions.templates import parse_template, render
from flowloom_language.expressions.values import compact

_FILE = Path(__file__).parents[1] / "vectors" / "expressions.json"
_VECTORS: list[JsonObject] = json.loads(_FILE.read_text("utf-8"))


def _answer(vector: JsonObject) -> JsonObject:
    scope = vector.get("scope", {})
    assert isinstance(scope, dict)
    try:
        if "template" in vector:
            parse_template(str(vector["template"]))
            return {"value": render(vector["template"], scope)}
        return {"value": evaluate(parse_expression(str(vector["expr"])), scope)}
    except ExpressionSyntaxError as error:
        return {"error": error.code}
    except ExpressionError:
        return {"error": "expression"}


def _name(vector: JsonObject) -> str:
    return str(vector.get("expr", vector.get("template")))


@pytest.mark.parametrize("vector", _VECTORS, ids=_name)
def test_answers_as_the_vectors_say(vector: JsonObject) -> None:
    expected: JsonValue = {key: vector[key] for key in ("value", "error") if key in vector}
    assert compact(_answer(vector), Meter()) == compact(expected, Meter())


def test_every_function_has_a_vector() -> None:
    from flowloom_language.expressions.functions import FUNCTIONS, LAZY

    texts = " ".join(_name(vector) for vector in _VECTORS)
    assert [name for name in (*FUNCTIONS, *LAZY) if f"{name}(" not in texts] == []
