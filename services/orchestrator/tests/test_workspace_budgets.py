"""Budgets of workspaces: of a day or a month, for all or for one workflow, member or API key."""

from datetime import UTC, datetime, timedelta

import pytest

from flowloom_contracts.budgets import BudgetList, BudgetsQuery, ReplaceBudgets
from flowloom_contracts.runs import Actor, Run, RunStatus, WorkflowRef
from flowloom_modelkit.prices import CallCosts
from flowloom_modelkit.requests import ModelAnswer
from flowloom_modelkit.settings import ModelPrice
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.testing.clock import FakeClock
from orchestrator.domain.periods import end_of, name_of, start_of
from orchestrator.testing.people import decide, go_on, inbox, told
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow
from orchestrator.usecases.budget_book import StaleBudgetsError

COSTS = CallCosts({"large": ModelPrice(input=1, output=10), "small": ModelPrice(input=0.1, output=0.1)})
ANSWER = ModelAnswer(text="fine", prompt_tokens=40, completion_tokens=60)
ADA = "0190a000-0000-7000-8000-00000000ada0"
KEY = "0190a000-0000-7000-8000-0000000000e7"
FLOW = "0190a000-0000-7000-8000-0000000f1000"
SOURCE = workflow("s: {llm: large, prompt: Hi, max_tokens: 100}")


def scripted() -> ScriptedModel:
    return ScriptedModel(*([ANSWER] * 9))


async def allow(world: World, *items: dict[str, object], revision: int = 0) -> BudgetList:
    request = {"actor": ACTOR, "items": list(items), "revision": revision}
    return await world.budgets.replace(ReplaceBudgets.model_validate(request))


async def shown(world: World) -> BudgetList:
    return await world.budgets.list(BudgetsQuery(actor=ACTOR))


async def ended(world: World, **more: object) -> Run:
    run = await world.start(SOURCE, **more)
    await go_on(world, run)
    return await world.get(run)


def acting(user: str | None = None, key: str | None = None) -> Actor:
    return ACTOR.model_copy(update={"user_id": user, "key_id": key})


async def test_a_month_is_one_budget_of_all_runs_of_a_workspace(stores: Stores) -> None:
    async with a_world(stores, model=scripted()) as world:
        await allow(world, {"scope": "workspace", "period": "month", "tokens": 250, "on_reach": "fail"})
        first, second, third = [await ended(world) for _ in range(3)]
        assert [first.status, second.status, third.status] == ["succeeded", "succeeded", "failed"]
        assert third.error is not None
        assert third.error.code == "budget"
        assert third.error.message == "The budget of the workspace is reached: 200 of 250 tokens are used."
        assert (await inbox(world)).items == []
        assert "budget.warned.v1" in await told(world, second)
        state = (await shown(world)).items[0]
        assert (state.used_tokens, state.tokens_limit, state.reserved_tokens) == (200, 250, 0)
        assert state.resets_at == end_of("month", world.clock.now())


@pytest.mark.parametrize(
    ("scope", "target", "counts", "ignores"),
    [
        ("workflow", FLOW, {"workflow": WorkflowRef(id=FLOW, name="f")}, {}),
        ("member", ADA, {"actor": acting(ADA)}, {"actor": acting(KEY)}),
        ("api_key", KEY, {"actor": acting(ADA, KEY)}, {"actor": acting(ADA)}),
    ],
)
async def test_counts_only_what_its_target_uses(
    stores: Stores, scope: str, target: str, *, counts: dict[str, object], ignores: dict[str, object]
) -> None:
    async with a_world(stores, model=scripted()) as world:
        budget = {"scope": scope, "target": target, "period": "day", "tokens": 150, "on_reach": "fail"}
        await allow(world, budget)
        others = [await ended(world, **ignores) for _ in range(2)]
        mine = [await ended(world, **counts) for _ in range(2)]
        assert [run.status for run in others] == [RunStatus.SUCCEEDED] * 2
        assert [run.status for run in mine] == [RunStatus.SUCCEEDED, RunStatus.FAILED]
        assert (await shown(world)).items[0].used_tokens == 100


async def test_asks_a_person_whatever_the_document_says_and_goes_on_when_raised(stores: Stores) -> None:
    async with a_world(stores, model=scripted()) as world:
        await allow(world, {"scope": "workspace", "period": "day", "tokens": 90})
        lenient = workflow(
            "s: {llm: large, prompt: Hi, max_tokens: 100}",
            rest="limits: {budget: {tokens: 5000, on_reach: fail}}",
        )
        run = await world.start(lenient)
        await world.advance(run)
        item = (await inbox(world, run_id=run.id)).items[0]
        assert (item.kind, item.allow) == ("budget", ["raise", "cheaper", "fail"])
        await decide(world, item, "raise", data={"tokens": 500})
        assert await go_on(world, run)
        assert await world.status(run) is RunStatus.SUCCEEDED
        state = (await shown(world)).items[0]
        assert (state.budget.tokens, state.tokens_limit, state.used_tokens) == (90, 500, 100)


async def test_goes_on_with_a_cheaper_model_until_the_budget_is_changed(stores: Stores) -> None:
    model = scripted()
    async with a_world(stores, model=model, costs=COSTS) as world:
        tight = {"scope": "workspace", "period": "day", "usd_micro": 700, "on_reach": {"model": "small"}}
        await allow(world, tight)
        assert [(await ended(world)).status for _ in range(2)] == [RunStatus.SUCCEEDED] * 2
        assert [request.model for request in model.requests] == ["small", "small"]
        assert (await shown(world)).items[0].model == "small"
        await allow(world, tight | {"usd_micro": 1_000_000}, revision=1)
        world.clock.advance(2) if isinstance(world.clock, FakeClock) else None
        assert (await shown(world)).items[0].model is None
        assert (await ended(world)).status == RunStatus.SUCCEEDED
        assert model.requests[-1].model == "large"


async def test_a_budget_begins_with_what_was_paid_before_it(postgres_stores: Stores) -> None:
    async with a_world(postgres_stores, model=scripted()) as world:
        await ended(world, actor=acting(ADA))
        await ended(world)
        await allow(
            world,
            {"scope": "workspace", "period": "month", "tokens": 10_000},
            {"scope": "member", "target": ADA, "period": "day", "tokens": 10_000},
            {"scope": "api_key", "target": KEY, "period": "day", "tokens": 10_000},
        )
        assert [state.used_tokens for state in (await shown(world)).items] == [200, 100, 0]
        await ended(world, actor=acting(ADA, KEY))
        assert [state.used_tokens for state in (await shown(world)).items] == [300, 200, 100]


async def test_replaces_only_the_budgets_that_were_seen(stores: Stores) -> None:
    async with a_world(stores) as world:
        budget = {"scope": "workspace", "period": "day", "tokens": 5}
        assert (await allow(world, budget)).revision == 1
        for seen in (0, 7):
            with pytest.raises(StaleBudgetsError):
                await allow(world, revision=seen)
        changed = await allow(world, budget | {"tokens": 7}, budget | {"period": "month"}, revision=1)
        assert (changed.revision, [state.budget.tokens for state in changed.items]) == (2, [7, 5])
        stranger = BudgetsQuery(actor=ACTOR.model_copy(update={"workspace_id": "ws-2"}))
        assert (await world.budgets.list(stranger)).items == []


def test_days_and_months_end_at_midnight_utc() -> None:
    late = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert [name_of("day", late), name_of("month", late)] == ["2026-12-31", "2026-12"]
    assert end_of("day", late) == end_of("month", late) == datetime(2027, 1, 1, tzinfo=UTC)
    assert start_of("month", late) == datetime(2026, 12, 1, tzinfo=UTC)
    assert end_of("month", datetime(2028, 2, 1, tzinfo=UTC)) == datetime(2028, 3, 1, tzinfo=UTC)
    assert name_of("day", late + timedelta(seconds=1)) == "2027-01-01"
