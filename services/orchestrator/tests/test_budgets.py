"""Budgets: nothing is called that does not fit, and what is asked of people then."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from flowloom_contracts.agents import BeginCall, CallBegun, EndCall, Reservation
from flowloom_contracts.runs import Run, RunStatus, Spending, StepError, StepStatus, Usage
from flowloom_modelkit.prices import CallCosts
from flowloom_modelkit.requests import ModelAnswer
from flowloom_modelkit.settings import ModelPrice
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.testing.clock import FakeClock
from orchestrator.domain.budgets import Cap, Crowded, Granted, Ledger, Reached, judge_call
from orchestrator.domain.caps import DayLimits
from orchestrator.testing.people import decide, go_on, inbox, told, waiting
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases.guard_calls import BudgetBusyError
from orchestrator.usecases.keep_calls import end_call

COSTS = CallCosts({"large": ModelPrice(input=1, output=10), "small": ModelPrice(input=0.1, output=0.1)})
ANSWER = ModelAnswer(text="fine", prompt_tokens=40, completion_tokens=60)


def limited(budget: str, *steps: str) -> str:
    return workflow(*steps, rest=f"limits: {{budget: {budget}}}")


def call(run: Run, step: str, *, tokens: int, exec: int = 1, number: int = 0, **more: object) -> BeginCall:
    reserve = Reservation.model_validate({"tokens": tokens, "prompt_tokens": min(tokens, 10), **more})
    return BeginCall(
        run_id=run.id,
        step=step,
        attempt=1,
        exec=exec,
        call=number,
        name="model",
        request_hash=f"{number}",
        reserve=reserve,
    )


async def end(world: World, begin: BeginCall, usage: Usage) -> None:
    ended = EndCall(
        run_id=begin.run_id,
        step=begin.step,
        attempt=1,
        exec=begin.exec,
        call=begin.call,
        request_hash=begin.request_hash,
        response="fine",
        usage=usage,
    )
    await end_call(ended, journal=world.stores.journal, relay=world.relay, clock=world.clock)


async def agents(world: World, budget: str, count: int = 2) -> Run:
    """Start agents beside each other, each claimed."""
    steps = [f"s{n}: {{agent: research, prompt: Hi}}" for n in range(count)]
    run = await world.start(limited(budget, *steps))
    await world.advance(run)
    for n in range(count):
        await world.claim(run, f"s{n}", worker=f"agent-{n}")
    return run


async def test_asks_before_the_call_that_does_not_fit_and_goes_on_when_raised(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel(ANSWER)) as world:
        source = limited("{tokens: 150}", "s: {llm: default, prompt: Hi, max_tokens: 200}")
        run, item = await waiting(world, source)
        assert world.model.requests == []  # type: ignore[attr-defined]  # the scripted one remembers
        assert (item.kind, item.allow) == ("budget", ["raise", "cheaper", "fail"])
        assert "The budget of the run is reached: 0 of 150 tokens are used." in str(item.message)
        assert await world.status(run) is RunStatus.WAITING
        await decide(world, item, "raise", data={"tokens": 1_000})
        assert await go_on(world, run)
        ended = await world.get(run)
        assert (ended.status, ended.usage.tokens) == (RunStatus.SUCCEEDED, 100)
        assert "budget.reached.v1" in await told(world, run)


async def test_a_raise_without_numbers_gives_as_much_again(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel(ANSWER)) as world:
        source = limited("{tokens: 150}", "s: {llm: default, prompt: Hi, max_tokens: 200}")
        run, item = await waiting(world, source)
        await decide(world, item, "raise")
        assert await go_on(world, run)


async def test_a_person_can_end_what_has_reached_its_budget(stores: Stores) -> None:
    async with a_world(stores) as world:
        source = limited("{tokens: 150}", "s: {llm: default, prompt: Hi, max_tokens: 200}")
        run, item = await waiting(world, source)
        await decide(world, item, "fail")
        await world.advance(run)
        error = (await world.get(run)).error
        assert error is not None
        assert (error.code, error.step) == ("budget", "s")


async def test_fails_at_once_where_the_document_says_so(stores: Stores) -> None:
    async with a_world(stores) as world:
        source = limited("{tokens: 150, on_reach: fail}", "s: {llm: default, prompt: Hi, max_tokens: 200}")
        run = await world.start(source)
        assert await go_on(world, run)
        error = (await world.get(run)).error
        assert error is not None
        assert error.code == "budget"
        assert (await inbox(world)).items == []


async def test_an_answer_of_any_length_is_made_to_fit(stores: Stores) -> None:
    model = ScriptedModel(ANSWER)
    async with a_world(stores, model=model) as world:
        run = await world.start(limited("{tokens: 150}", "s: {llm: default, prompt: Hi}"))
        assert await go_on(world, run)
        longest = model.requests[0].max_tokens
        assert longest is not None
        assert 100 < longest < 150


async def test_goes_on_with_the_cheaper_model_of_the_document(stores: Stores) -> None:
    model = ScriptedModel(ANSWER)
    async with a_world(stores, model=model, costs=COSTS) as world:
        steps = [f"s{n}: {{llm: large, prompt: Hi, max_tokens: 100}}" for n in range(2)]
        steps[1] = steps[1].replace("{llm", "{needs: [s0], llm")
        run = await world.start(limited("{usd: 0.0015, on_reach: {model: small}}", *steps))
        assert await go_on(world, run)
        assert [request.model for request in model.requests] == ["large", "small"]
        ended = await world.get(run)
        assert ended.usage.usd == pytest.approx(0.00064 + 0.00001)
        assert "budget.reached.v1" in await told(world, run)


async def test_a_person_can_choose_a_cheaper_model(stores: Stores) -> None:
    model = ScriptedModel(ANSWER)
    async with a_world(stores, model=model, costs=COSTS) as world:
        source = limited("{usd: 0.0001}", "s: {llm: large, prompt: Hi, max_tokens: 100}")
        run, item = await waiting(world, source)
        await decide(world, item, "cheaper", data={"model": "small"})
        assert await go_on(world, run)
        assert [request.model for request in model.requests] == ["small"]
        assert (await world.get(run)).status is RunStatus.SUCCEEDED


async def test_branches_beside_each_other_never_reserve_the_same_rest(stores: Stores) -> None:
    async with a_world(stores) as world, a_world(stores) as other:
        run = await agents(world, "{tokens: 250}", 4)
        begins = [call(run, f"s{n}", tokens=100) for n in range(4)]
        guards = [world.guard, other.guard, world.guard, other.guard]
        answers = await asyncio.gather(
            *(guard.begin(begin) for guard, begin in zip(guards, begins, strict=True)),
            return_exceptions=True,
        )
        went = [begin for begin, one in zip(begins, answers, strict=True) if _goes(one)]
        assert len(went) == 2
        assert sum(isinstance(one, BudgetBusyError) for one in answers) == 2
        for begin in went:
            await end(world, begin, Usage(tokens=90))
        late = next(begin for begin in begins if begin not in went)
        assert (await world.guard.begin(late)).outcome == "waiting"
        assert (await inbox(world, run_id=run.id)).items[0].step == late.step


def _goes(answer: CallBegun | BaseException) -> bool:
    return isinstance(answer, CallBegun) and answer.outcome == "go"


async def test_a_worker_that_dies_gives_back_what_it_reserved(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await agents(world, "{tokens: 100}")
        assert _goes(await world.guard.begin(call(run, "s0", tokens=100)))
        with pytest.raises(BudgetBusyError):
            await world.guard.begin(call(run, "s1", tokens=50))
        # The same worker comes back with another boot id: it is another execution.
        again = await world.claim(run, "s0", worker="agent-0", boot="b")
        assert again.exec == 2
        assert _goes(await world.guard.begin(call(run, "s1", tokens=50)))
        with pytest.raises(BudgetBusyError):
            await world.guard.begin(call(run, "s0", tokens=100, exec=2))


async def test_a_step_that_ended_holds_nothing(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await agents(world, "{tokens: 100}")
        assert _goes(await world.guard.begin(call(run, "s0", tokens=100)))
        await world.complete(run, "s0", 1, text="without the call")
        assert _goes(await world.guard.begin(call(run, "s1", tokens=100)))


async def test_a_call_that_was_made_before_reserves_nothing(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await agents(world, "{tokens: 100}", 1)
        begin = call(run, "s0", tokens=100)
        assert _goes(await world.guard.begin(begin))
        await end(world, begin, Usage(tokens=100))
        await world.claim(run, "s0", worker="agent-0", boot="b")
        replayed = await world.guard.begin(call(run, "s0", tokens=100, exec=2))
        assert (replayed.outcome, replayed.usage.tokens) == ("replay", 100)
        assert (await world.guard.begin(call(run, "s0", tokens=1, exec=2, number=1))).outcome == "waiting"


async def test_one_raise_lets_all_branches_go_on(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await agents(world, "{tokens: 100}", 3)
        for n in range(3):
            assert (await world.guard.begin(call(run, f"s{n}", tokens=200))).outcome == "waiting"
        items = (await inbox(world)).items
        assert len(items) == 3
        await decide(world, items[0], "raise", data={"tokens": 1_000})
        assert (await inbox(world)).items == []
        await world.advance(run)
        for n in range(3):
            claim = await world.claim(run, f"s{n}", worker=f"agent-{n}", boot="b")
            assert _goes(await world.guard.begin(call(run, f"s{n}", tokens=200, exec=claim.exec or 0)))


async def test_warns_once_when_most_is_used(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await agents(world, "{tokens: 100}", 1)
        for number, tokens in enumerate((50, 35, 10)):
            begin = call(run, "s0", tokens=tokens, number=number)
            assert _goes(await world.guard.begin(begin))
            await end(world, begin, Usage(tokens=tokens))
        seen = (await world.events(run)).items
        warned = [event.data for event in seen if event.type == "budget.warned.v1"]
        assert [(data.scope, data.unit, data.used, data.limit) for data in warned] == [
            ("run", "tokens", 85, 100)
        ]


async def test_a_step_has_its_own_budget_with_all_that_is_in_it(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel(ANSWER)) as world:
        loop = (
            "l: {loop: {over: [1, 2, 3]}, budget: {tokens: 250},"
            " do: {s: {llm: default, prompt: Hi, max_tokens: 60}}}"
        )
        run, item = await waiting(world, workflow(loop))
        assert (item.step, item.kind) == ("l[2].s", "budget")
        assert "The budget of the step is reached: 200 of 250" in str(item.message)
        await decide(world, item, "raise", data={"tokens": 400})
        assert await go_on(world, run)


async def test_whoever_starts_a_run_can_allow_it_less(stores: Stores) -> None:
    async with a_world(stores) as world:
        source = limited("{tokens: 5000}", "s: {llm: default, prompt: Hi, max_tokens: 200}")
        _, item = await waiting(world, source, budget=Spending(tokens=100))
        assert "0 of 100 tokens" in str(item.message)


async def test_a_workspace_has_one_budget_a_day(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel(ANSWER), day=DayLimits(tokens=250)) as world:
        source = workflow("s: {llm: default, prompt: Hi, max_tokens: 60}")
        for _ in range(2):
            assert (await world.advance(await world.start(source)))["finished"]
        run, item = await waiting(world, source)
        assert "The budget of the workspace's day is reached" in str(item.message)
        await decide(world, item, "raise", data={"tokens": 1_000})
        assert await go_on(world, run)


async def test_nobody_knows_of_a_call_that_must_happen_once(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await agents(world, "{tokens: 1000}", 1)
        begin = call(run, "s0", tokens=0).model_copy(update={"name": "mail.send", "effect": "once"})
        assert _goes(await world.guard.begin(begin))
        await world.claim(run, "s0", worker="agent-0", boot="b")
        again = begin.model_copy(update={"exec": 2})
        assert (await world.guard.begin(again)).outcome == "uncertain"
        await world.advance(run)
        item = (await inbox(world)).items[0]
        assert (item.kind, item.allow) == ("uncertain", ["done", "repeat", "fail"])
        await decide(world, item, "repeat")
        await world.advance(run)
        claim = await world.claim(run, "s0", worker="agent-0", boot="b")
        assert _goes(await world.guard.begin(begin.model_copy(update={"exec": claim.exec})))


@pytest.mark.parametrize(("decision", "status"), [("done", "succeeded"), ("fail", "failed")])
async def test_a_person_says_what_became_of_a_call(stores: Stores, decision: str, status: str) -> None:
    async with a_world(stores) as world:
        run = await agents(world, "{tokens: 1000}", 1)
        error = StepError(code="uncertain", message="sent, and not answered")
        await world.complete(run, "s0", 1, error=error)
        item = (await inbox(world)).items[0]
        await decide(world, item, decision, data={"result": "sent"} if decision == "done" else None)
        await world.advance(run)
        step = await world.step(run, "s0")
        assert step.status is StepStatus(status)
        assert step.output == ("sent" if decision == "done" else None)


def test_judges_by_what_is_used_held_and_wanted() -> None:
    cap = Cap("run:1", "run", tokens=100)
    wanted = Reservation(tokens=50, prompt_tokens=10)
    free = {"run:1": Ledger(tokens_limit=100)}

    def judge(ledger: Ledger, ask: Reservation = wanted) -> object:
        return judge_call(ask, [cap], free | {"run:1": ledger}, price=COSTS.price)

    assert isinstance(judge(Ledger(tokens=50, tokens_limit=100)), Granted)
    assert isinstance(judge(Ledger(tokens=40, held_tokens=20, tokens_limit=100)), Crowded)
    reached = judge(Ledger(tokens=60, tokens_limit=100))
    assert isinstance(reached, Reached)
    assert (reached.data.used, reached.data.limit) == (60, 100)
    short = judge(Ledger(tokens=60, tokens_limit=100), wanted.model_copy(update={"is_open": True}))
    assert isinstance(short, Granted)
    assert (short.tokens, short.max_tokens) == (40, 30)
    assert isinstance(judge(replace(Ledger(tokens=60), tokens_limit=200)), Granted)


async def test_a_step_works_no_longer_than_its_budget(stores: Stores) -> None:
    clock = FakeClock()
    async with a_world(stores, clock=clock) as world:
        run = await world.start(workflow("s: {agent: research, prompt: Hi, budget: {seconds: 60}}"))
        await world.advance(run)
        claim = await world.claim(run, "s")
        assert claim.deadline_at is not None
        assert (claim.deadline_at - clock.now()).total_seconds() == 60
        clock.advance(60)
        late = StepError(code="timeout", message="no answer")
        await world.complete(run, "s", claim.exec, error=late)
        item = (await inbox(world)).items[0]
        assert (item.kind, "is used up (60 s)" in str(item.message)) == ("budget", True)
        clock.advance(3_600)
        await decide(world, item, "raise")
        await world.advance(run)
        again = await world.claim(run, "s")
        assert again.deadline_at is not None
        assert (again.deadline_at - clock.now()).total_seconds() == 60


async def test_all_steps_share_the_time_of_their_run_and_waiting_is_free(stores: Stores) -> None:
    clock = FakeClock()
    async with a_world(stores, clock=clock) as world:
        steps = ("a: {agent: research, prompt: Hi}", 'ask: {needs: [a], approval: {title: "Go?"}}')
        rest = "limits: {budget: {seconds: 100, on_reach: fail}}"
        run = await world.start(workflow(*steps, "b: {needs: [ask], agent: research, prompt: Hi}", rest=rest))
        await world.advance(run)
        claim = await world.claim(run, "a")
        clock.advance(70)
        await world.complete(run, "a", claim.exec, text="done")
        await world.advance(run)
        clock.advance(86_400)
        await decide(world, (await inbox(world)).items[0])
        await world.advance(run)
        last = await world.claim(run, "b")
        assert last.deadline_at is not None
        assert (last.deadline_at - clock.now()).total_seconds() == 30
        clock.advance(31)
        await world.complete(run, "b", last.exec, error=StepError(code="timeout", message="no answer"))
        await world.advance(run)
        error = (await world.get(run)).error
        assert error is not None
        assert (error.code, error.step) == ("budget", "b")


async def test_forgets_the_days_long_past(postgres_stores: Stores, database: Database) -> None:
    ledgers = Statement("select owner from orchestrator.budgets")
    async with a_world(postgres_stores, model=ScriptedModel(ANSWER), day=DayLimits(tokens=250)) as world:
        await go_on(world, await world.start(workflow("s: {llm: default, prompt: Hi, max_tokens: 60}")))
        await postgres_stores.reaper.tidy(world.clock.now())
        assert len(await database.rows(ledgers, {})) == 1
        await postgres_stores.reaper.tidy(world.clock.now() + timedelta(days=41))
        assert await database.rows(ledgers, {}) == []
