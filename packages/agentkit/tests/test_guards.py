"""Guards judge answers before they are handed in, and agents refuse orders that they do not know."""

import pytest
from pydantic import BaseModel, ConfigDict

from flowloom_agentkit.guards import Judged
from flowloom_agentkit.testing.bench import STEP, Bench, task_of
from flowloom_agentkit.tools import ToolContext
from flowloom_contracts.base import JsonObject
from flowloom_modelkit.testing.model import ScriptedModel


class Orders(BaseModel):
    """What the guard below takes."""

    model_config = ConfigDict(extra="forbid")

    least: int = 3


class LongWords:
    """Lets words pass that are long enough; says itself how many there were."""

    name, marker, computed, orders = "words", "words", ("count",), Orders

    async def judge(self, answer: JsonObject, context: ToolContext) -> Judged:
        least = Orders.model_validate(context.so_far.given).least
        said = answer["words"] if isinstance(answer["words"], list) else []
        long = [word for word in said if len(str(word)) >= least]
        output: JsonObject = {"words": long, "count": len(long), "more": 1}
        return Judged(output, None if long else "the words are too short")


GUARDED: JsonObject = {
    "type": "object",
    "required": ["words", "count"],
    "additionalProperties": False,
    "properties": {"words": {"type": "array"}, "count": {"type": "integer"}},
}


async def test_hands_in_what_the_guard_makes_of_an_answer() -> None:
    model = ScriptedModel('Here: ```json\n{"words": ["a", "long"], "count": 99}\n```')
    bench = Bench(task_of(output_schema=GUARDED, given={"least": 4}), model=model)
    bench.guard = LongWords()
    await bench.process().run_step(STEP)
    assert bench.result == ("succeeded", '{"count": 1, "words": ["long"]}', None)
    asked = model.requests[0].output_schema
    assert asked is not None and asked["required"] == ["words"]
    assert asked["properties"] == {"words": {"type": "array"}}


async def test_asks_again_with_the_remark_of_the_guard_and_fails_at_last() -> None:
    model = ScriptedModel('{"words": ["a"]}', '{"words": ["long"]}')
    bench = Bench(task_of(output_schema=GUARDED), model=model)
    bench.guard = LongWords()
    await bench.process().run_step(STEP)
    assert bench.result[0] == "succeeded"
    assert "too short" in (model.requests[1].messages[-1].content or "")
    stubborn = Bench(task_of(output_schema=GUARDED), model=ScriptedModel('{"words": []}'))
    stubborn.guard = LongWords()
    await stubborn.process().run_step(STEP)
    assert stubborn.result == ("failed", None, "invalid_output")
    assert len(stubborn.model.requests) == 3


@pytest.mark.parametrize("guard", [None, LongWords()])
async def test_refuses_orders_that_the_agent_does_not_know(guard: LongWords | None) -> None:
    bench = Bench(task_of(given={"colour": "red"}))
    bench.guard = guard
    await bench.process().run_step(STEP)
    assert bench.result == ("failed", None, "invalid_input")
    assert bench.model.requests == []


async def test_leaves_answers_of_other_shapes_to_those_who_asked() -> None:
    for task in (task_of(), task_of(output_schema={"type": "object", "properties": {"count": {}}})):
        bench = Bench(task, model=ScriptedModel('{"words": ["a"]}'))
        bench.guard = LongWords()
        await bench.process().run_step(STEP)
        assert bench.result == ("succeeded", '{"words": ["a"]}', None)
