"""The verdict follows from checks and scores; a model that praises everything passes nothing bad (S60)."""

import pytest

from agent_qa.tools import TOOLS
from agent_qa.verdict import ComputedVerdict
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.guards import Judged
from flowloom_agentkit.reach import StepSoFar, ToolUse
from flowloom_agentkit.testing.context import tool_context
from flowloom_agentkit.testing.reach import InMemoryKnowledge
from flowloom_agentkit.tools import ToolContext, tools_by_name
from flowloom_contracts.base import JsonObject, JsonValue

PRAISE: JsonObject = {
    "verdict": "pass",
    "score": 5,
    "checks": [],
    "criteria": [{"name": "Facts", "score": 5, "reason": "Perfect.", "weight": 99}],
}
SOURCE = "The bridge opened in 1932. It was built by Anna Berg."


def context_of(given: JsonObject, *uses: ToolUse, knowledge: InMemoryKnowledge | None = None) -> ToolContext:
    return tool_context(so_far=StepSoFar("Review.", given, list(uses)), knowledge=knowledge)


async def judged(given: JsonObject, answer: JsonObject = PRAISE, *uses: ToolUse) -> Judged:
    return await ComputedVerdict().judge(answer, context_of(given, *uses))


async def test_passes_what_is_good_and_says_on_what_it_rests() -> None:
    given: JsonObject = {
        "value": "The bridge opened in 1932.",
        "assert": ["size(value) > 10"],
        "sources": [SOURCE],
    }
    found = await judged(given)
    assert found.remark is None
    assert (found.output["verdict"], found.output["score"]) == ("pass", 5.0)
    assert found.output["criteria"] == [{"name": "Facts", "weight": 1.0, "score": 5.0, "reason": "Perfect."}]
    checks = found.output["checks"]
    assert isinstance(checks, list)
    assert [one["check"] for one in checks if isinstance(one, dict)] == ["assert size(value) > 10", "sources"]


@pytest.mark.parametrize(
    "given",
    [
        {"value": "short", "assert": ["size(value) > 10"]},
        {"value": "x", "assert": ["value.missing > 10"]},
        {"value": "x", "assert": ["not an expression ("]},
        {"value": "x", "assert": ["1 + 1"]},
        {"value": {"n": "1"}, "schema": {"type": "object", "properties": {"n": {"type": "integer"}}}},
        {"value": "no json", "schema": {"type": "object"}},
        {"value": "x", "schema": {"type": 5}},
        {"value": "The bridge opened in 1955.", "sources": [SOURCE]},
        {"value": "The bridge opened in 1932. It was built by Otto Kranz.", "sources": [SOURCE]},
        {"value": "Whales sing at night.", "sources": [SOURCE]},
        {"value": "The bridge opened.", "collections": ["empty"]},
        {"value": "something else", "golden": "The bridge opened in 1932."},
        {"value": {"a": 1}, "golden": {"a": 2, "b": [1, 2, 3]}},
    ],
)
async def test_s60_no_praise_passes_what_fails_a_check(given: JsonObject) -> None:
    found = await judged(given)
    assert found.output["verdict"] == "fail"
    checks = found.output["checks"]
    assert isinstance(checks, list) and isinstance(checks[0], dict)
    assert checks[0]["passed"] is False


async def test_the_document_gives_each_score_its_weight_and_the_model_does_not() -> None:
    given: JsonObject = {
        "value": "x",
        "criteria": [{"name": "Facts", "weight": 3}, {"name": "Style"}],
        "pass_score": 3,
    }
    low: list[JsonValue] = [
        {"name": "style", "score": 5, "reason": "a", "weight": 100},
        {"name": "FACTS ", "score": 2, "reason": "b", "weight": 0},
    ]
    found = await judged(given, {"criteria": low})
    assert (found.output["score"], found.output["verdict"]) == (2.75, "fail")


@pytest.mark.parametrize(
    "criteria",
    [
        None,
        [],
        "good",
        [{"name": "Style", "score": 5}],
        [{"name": "Facts", "score": 6}],
        [{"name": "Facts", "score": "5"}],
        [{"name": "Facts", "score": True}],
        [{"name": "Facts", "score": -1}],
    ],
)
async def test_asks_again_for_a_score_that_is_missing(criteria: JsonValue) -> None:
    found = await judged(
        {"value": "x", "criteria": [{"name": "Facts"}]}, {"criteria": criteria, "verdict": "pass"}
    )
    assert found.remark is not None


async def test_a_check_that_the_model_had_made_counts_when_it_failed() -> None:
    failed = ToolUse("qa.assert", {"condition": "x"}, {"check": "assert x", "passed": False, "detail": ""})
    passed = ToolUse("qa.assert", {"condition": "y"}, {"check": "assert y", "passed": True, "detail": ""})
    assert (await judged({"value": "x"}, PRAISE, failed, passed)).output["verdict"] == "fail"
    assert (await judged({"value": "x"}, PRAISE, passed)).output["verdict"] == "pass"


async def test_tools_check_what_the_document_gave() -> None:
    knowledge = InMemoryKnowledge({"facts": ["The bridge opened in 1932."]})
    given: JsonObject = {
        "value": "The bridge opened in 1932. It is 900 metres long.",
        "schema": {"type": "string", "maxLength": 10},
        "golden": "The bridge opened in 1932.",
        "collections": ["facts"],
    }
    context = context_of(given, knowledge=knowledge)
    tools = tools_by_name(TOOLS)
    shape = await tools["qa.check_schema"].call(context, {})
    assert isinstance(shape, dict) and shape["passed"] is False
    said = await tools["qa.assert"].call(context, {"condition": "value.contains('1932')"})
    assert said == {"check": "assert value.contains('1932')", "passed": True, "detail": ""}
    sources = await tools["qa.compare_with_sources"].call(context, {})
    assert isinstance(sources, dict) and isinstance(sources["sentences"], list)
    supported = [one["supported"] for one in sources["sentences"] if isinstance(one, dict)]
    assert supported == [True, False]
    assert "900" in str(sources["detail"])
    golden = await tools["qa.compare_with_golden"].call(context, {"value": "The bridge opened in 1932."})
    assert isinstance(golden, dict)
    assert (golden["passed"], golden["difference"]) == (True, "")


@pytest.mark.parametrize("name", ["qa.check_schema", "qa.compare_with_sources", "qa.compare_with_golden"])
async def test_tools_say_what_they_need(name: str) -> None:
    with pytest.raises(ToolFailedError, match="this step has none"):
        await tools_by_name(TOOLS)[name].call(context_of({"value": "x"}), {})
