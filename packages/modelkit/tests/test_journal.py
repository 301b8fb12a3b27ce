"""Calls go through the journal: replayed, fenced, and never made twice."""

import pytest

from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import Usage
from flowloom_modelkit.errors import CallStoppedError, ModelUnavailableError, UncertainCallError
from flowloom_modelkit.journal import JournaledCalls, JournaledModel, StepRef
from flowloom_modelkit.requests import ModelRequest, ask
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.journal import InMemoryCallJournal
from flowloom_modelkit.testing.model import ScriptedModel

WHY, HOW = ModelRequest(messages=ask("Why?")), ModelRequest(messages=ask("How?"))


def execution(journal: InMemoryCallJournal, exec: int = 1) -> JournaledCalls:
    journal.current_exec[("r1", "plan")] = exec
    return JournaledCalls(journal, StepRef("r1", "plan", 1, exec), StopSignal())


async def test_replays_calls_of_an_execution_that_died_and_makes_the_missing_one() -> None:
    journal, model, deltas = InMemoryCallJournal(), ScriptedModel("one", "two"), []
    await JournaledModel(model, execution(journal)).stream(WHY, on_delta=deltas.append, stop=StopSignal())
    second = execution(journal, exec=2)
    again = JournaledModel(model, second)
    answers = [await again.stream(q, on_delta=deltas.append, stop=StopSignal()) for q in (WHY, HOW)]
    assert [answer.text for answer in answers] == ["one", "two"]
    assert (len(model.requests), deltas) == (2, ["one", "one", "two"])
    assert (second.usage.tokens, second.usage.tokens_saved) == (30, 15)


async def test_starts_a_new_branch_when_the_question_differs() -> None:
    journal, model = InMemoryCallJournal(), ScriptedModel("one", "two")
    await JournaledModel(model, execution(journal)).stream(WHY, on_delta=print, stop=StopSignal())
    answer = await JournaledModel(model, execution(journal, 2)).stream(HOW, on_delta=print, stop=StopSignal())
    assert answer.text == "two"


async def test_keeps_nothing_of_a_call_that_failed() -> None:
    journal, model = InMemoryCallJournal(), ScriptedModel(ModelUnavailableError("away"), "fine")
    with pytest.raises(ModelUnavailableError):
        await JournaledModel(model, execution(journal)).stream(WHY, on_delta=print, stop=StopSignal())
    answer = await JournaledModel(model, execution(journal)).stream(WHY, on_delta=print, stop=StopSignal())
    assert answer.text == "fine"


async def test_stops_when_another_execution_holds_the_step() -> None:
    journal, model = InMemoryCallJournal(), ScriptedModel("one")
    stale = execution(journal, exec=1)
    execution(journal, exec=2)
    with pytest.raises(CallStoppedError, match="superseded"):
        await JournaledModel(model, stale).stream(WHY, on_delta=print, stop=StopSignal())
    assert model.requests == []


async def test_asks_a_person_when_a_once_effect_has_no_result() -> None:
    journal, fired = InMemoryCallJournal(), []

    async def fire(key: str) -> tuple[JsonValue, Usage]:
        fired.append(key)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await execution(journal).perform("mail", {}, fire, effect="once")
    with pytest.raises(UncertainCallError):
        await execution(journal, 2).perform("mail", {}, fire, effect="once")
    assert len(fired) == 1


async def test_gives_the_same_effect_key_to_a_repeated_call() -> None:
    journal, keys = InMemoryCallJournal(), []

    async def fire(key: str) -> tuple[JsonValue, Usage]:
        keys.append(key)
        raise ConnectionError

    for exec in (1, 2):
        with pytest.raises(ConnectionError):
            await execution(journal, exec).perform("store", {}, fire, effect="idempotent")
    assert keys[0] == keys[1] != ""
