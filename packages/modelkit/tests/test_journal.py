"""Calls go through the journal: replayed, fenced, and never made twice."""

import json

import pytest

from flowloom_contracts.agents import BeginCall, CallBegun, Reservation
from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import StepError, Usage
from flowloom_modelkit.errors import (
    CallDeniedError,
    CallStoppedError,
    ModelUnavailableError,
    UncertainCallError,
    step_error,
)
from flowloom_modelkit.journal import JournaledCalls, JournaledModel, StepRef
from flowloom_modelkit.prices import FREE, CallCosts
from flowloom_modelkit.requests import ModelRequest, ask
from flowloom_modelkit.settings import ModelPrice
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.journal import InMemoryCallJournal
from flowloom_modelkit.testing.model import ScriptedModel

WHY, HOW = ModelRequest(messages=ask("Why?")), ModelRequest(messages=ask("How?"))

COSTS = CallCosts(
    {"large": ModelPrice(input=3, output=15), "small": ModelPrice(input=1, output=2)},
    default_model="large",
    context_tokens=1_000,
)


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


async def test_a_replayed_response_is_written_as_the_one_that_was_made() -> None:
    """Prompts are made from responses: in another order they would be asked again."""
    journal, written = InMemoryCallJournal(), []
    found: JsonValue = {"path": "a.csv", "version": 1, "size": 3, "parts": [{"zeta": 1e22, "a": -0.0}]}

    async def call(key: str) -> tuple[JsonValue, Usage]:
        return found, Usage()

    for exec in (1, 2):
        performed = await execution(journal, exec).perform("files.write", {}, call)
        written.append(json.dumps(performed.response))
    assert written[0] == written[1]
    assert performed.replayed
    assert performed.response == found


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


class PlannedJournal(InMemoryCallJournal):
    """Answers every announced call the same way."""

    def __init__(self, answer: CallBegun) -> None:
        super().__init__()
        self.answer = answer
        self.reserved: list[Reservation | None] = []

    async def begin(self, call: BeginCall) -> CallBegun:
        self.reserved.append(call.reserve)
        await super().begin(call)
        return self.answer


async def ask_with(journal: PlannedJournal, model: ScriptedModel, costs: CallCosts = FREE) -> JournaledCalls:
    calls = execution(journal)
    await JournaledModel(model, calls, costs).stream(WHY, on_delta=print, stop=StopSignal())
    return calls


async def test_does_not_call_what_is_denied_and_says_why() -> None:
    error = StepError(code="budget", message="The budget of the run is reached.")
    model = ScriptedModel("one")
    with pytest.raises(CallDeniedError) as denied:
        await ask_with(PlannedJournal(CallBegun(outcome="denied", error=error)), model)
    assert (step_error(denied.value), model.requests) == (error, [])


async def test_ends_without_a_word_when_a_person_is_asked() -> None:
    model = ScriptedModel("one")
    with pytest.raises(CallStoppedError, match="waiting"):
        await ask_with(PlannedJournal(CallBegun(outcome="waiting")), model)
    assert model.requests == []


async def test_uses_the_model_and_the_length_that_the_budget_says() -> None:
    model = ScriptedModel("one")
    told = CallBegun(outcome="go", model="small", max_tokens=40)
    calls = await ask_with(PlannedJournal(told), model, COSTS)
    assert [(asked.model, asked.max_tokens) for asked in model.requests] == [("small", 40)]
    assert calls.usage.usd_micro == 10 * 1 + 5 * 2


async def test_announces_the_worst_case_and_counts_what_was_used() -> None:
    journal, model = PlannedJournal(CallBegun(outcome="go")), ScriptedModel("one")
    calls = await ask_with(journal, model, COSTS)
    worst = journal.reserved[0]
    assert worst is not None
    assert (worst.tokens, worst.is_open) == (1_000, True)
    assert worst.usd_micro == worst.prompt_tokens * 3 + (1_000 - worst.prompt_tokens) * 15
    assert calls.usage == Usage(tokens=15, usd_micro=10 * 3 + 5 * 15)
    limited = COSTS.worst_case(WHY.model_copy(update={"max_tokens": 20}))
    assert (limited.tokens - limited.prompt_tokens, limited.is_open) == (20, False)
