"""Edges of steps beside each other, with those that come from the steps inside them."""

import json
from pathlib import Path

import pytest
import yaml

from flowloom_contracts.base import JsonObject
from flowloom_contracts.workflow import Workflow
from flowloom_language.edges import edges_of_block, inner_steps, written_step

_VECTORS = Path(__file__).parents[1] / "vectors" / "edges.json"
_HEAD = {"apiVersion": "flowloom/v1", "kind": "Workflow", "metadata": {"name": "t"}}


def _vectors() -> list[JsonObject]:
    found: list[JsonObject] = json.loads(_VECTORS.read_text("utf-8"))
    return found


@pytest.mark.parametrize("vector", _vectors(), ids=lambda vector: json.dumps(vector["steps"])[17:97])
def test_the_edges_of_steps(vector: JsonObject) -> None:
    steps = vector["steps"]
    assert isinstance(steps, dict)
    found = edges_of_block(steps)
    seen = {name: {edge.source: edge.type for edge in edges} for name, edges in found.items() if edges}
    assert seen == vector["edges"]
    workflow = Workflow.model_validate({**_HEAD, "steps": steps})
    assert found == edges_of_block({name: written_step(step) for name, step in workflow.steps.items()})


def test_the_steps_inside_a_loop_have_edges_of_their_own() -> None:
    step = yaml.safe_load("{loop: {over: [1]}, do: {i: {transform: 1}, j: {transform: '${steps.i.output}'}}}")
    found = edges_of_block(inner_steps(step, "do"))
    assert [edge.source for edge in found["j"]] == ["i"]


def test_what_is_no_step_has_no_edges() -> None:
    assert edges_of_block({"a": None, "b": [1], "c": {"needs": 1, "switch": 2, "do": 3, "on_error": 4}}) == {
        "a": [],
        "b": [],
        "c": [],
    }
