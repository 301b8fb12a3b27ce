"""Any bytes, any text and any nearly right document give problems or a workflow, never a traceback."""

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowloom_contracts.base import JsonValue
from flowloom_language.answers import InvalidAnswerError, parse_answer
from flowloom_language.document import Catalog, validate_document
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.templates import parse_template, render
from flowloom_language.plan import compile_plan
from flowloom_language.testing.driver import plan_of

_DOCUMENT = (Path(__file__).parent / "whole_language.yaml").read_text("utf-8")
_CATALOG = Catalog(agents={"editor": "qa"}, models=frozenset(), tools={})
_PIECES = st.sampled_from(
    (Path(__file__).parent / "pieces_of_expressions.txt").read_text("utf-8").split("\n")
)
_YAML = st.sampled_from((Path(__file__).parent / "pieces_of_yaml.txt").read_text("utf-8").split("|"))


def _check(source: str | bytes) -> None:
    validated = validate_document(source, _CATALOG)
    assert validated.workflow is not None or validated.problems
    if validated.workflow is not None:
        compile_plan(validated.workflow)
    for problem in validated.problems:
        assert problem.line >= 1 and problem.column >= 1
        assert (problem.end_line, problem.end_column) >= (problem.line, problem.column)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes(source: bytes) -> None:
    _check(source)


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text(source: str) -> None:
    _check(source)


@given(st.lists(_YAML, max_size=60).map("".join))
@settings(max_examples=400, deadline=None)
def test_any_pieces_of_yaml(source: str) -> None:
    _check(source)


@given(st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_document_with_pieces_changed(data: st.DataObject) -> None:
    source = _DOCUMENT
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(source)))
        end = min(len(source), start + data.draw(st.integers(0, 12)))
        source = source[:start] + data.draw(_PIECES | _YAML) + source[end:]
    _check(source)


@given(st.lists(_PIECES, max_size=40).map("".join), st.dictionaries(st.text(max_size=3), st.integers()))
@settings(max_examples=800, deadline=None)
def test_any_template(text: str, inputs: dict[str, JsonValue]) -> None:
    with suppress(ExpressionSyntaxError, ExpressionError):
        parse_template(text)
        render(text, {"inputs": inputs, "steps": {}})


@given(st.text(max_size=200) | st.lists(_PIECES, max_size=30).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_answer_of_a_model(text: str) -> None:
    plan = plan_of(
        "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"
        "steps: {a: {agent: qa, prompt: x, output: {type: array}}}"
    )
    with suppress(InvalidAnswerError):
        parse_answer(plan, "a", text)


@pytest.mark.parametrize("seed", range(40))
def test_a_document_cut_short(seed: int) -> None:
    _check(_DOCUMENT[: random.Random(seed).randrange(len(_DOCUMENT))])
