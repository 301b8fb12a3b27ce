"""The workspace's rules while runs start, steps start and calls are made: every refusal names its rule."""

import pytest

from flowloom_contracts.agents import BeginCall, Reservation
from flowloom_contracts.rules import Rule, RuleLimit, RuleSet
from flowloom_contracts.runs import RunStatus, StepStatus
from flowloom_modelkit.requests import ModelAnswer
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.invoker import FakeInvoker
from orchestrator.adapters.invoked_rules import InvokedRules
from orchestrator.testing.people import decide, go_on, inbox, person, waiting
from orchestrator.testing.rules import FakeRules
from orchestrator.testing.world import Stores, a_world, workflow
from orchestrator.usecases.rule_starts import DeniedByRuleError

LLM = workflow("s: {llm: default, prompt: Hi, max_tokens: 60}")
AGENT = workflow("s: {agent: research, prompt: Hi}")


def rule(when: str, effect: str = "deny", **more: object) -> Rule:
    return Rule.model_validate({"name": "house", "when": when, "effect": effect, **more})


def rules(when: str, effect: str = "deny", **more: object) -> FakeRules:
    return FakeRules(rule(when, effect, **more))


async def test_refuses_the_start_of_a_run_and_names_the_rule(stores: Stores) -> None:
    async with a_world(stores, rules=rules("workflow.name == 'test'", message="Not on Sundays.")) as world:
        with pytest.raises(DeniedByRuleError, match=r"rule 'house' says no\. Not on Sundays"):
            await world.start(LLM)


async def test_answers_a_repeated_start_whatever_the_rules_say_by_now(stores: Stores) -> None:
    async with a_world(stores) as world:
        first = await world.start(LLM, key="k")
        world.rules.rules = (rule("workflow.name == 'test'"),)
        assert (await world.start(LLM, key="k")).id == first.id
        with pytest.raises(DeniedByRuleError):
            await world.start(LLM, key="other")


async def test_sees_the_labels_of_the_workflow(stores: Stores) -> None:
    source = LLM.replace("{name: test}", "{name: test, labels: {team: growth}}")
    async with a_world(stores, rules=rules("workflow.labels.team == 'growth'")) as world:
        with pytest.raises(DeniedByRuleError):
            await world.start(source)
        world.rules.rules = (rule("workflow.labels.team == 'sales'"),)
        assert (await world.start(source)).status is RunStatus.QUEUED


@pytest.mark.parametrize("when", ["step.kind == 'llm'", "${model == 'default'}", "step.path == 's'"])
async def test_fails_a_step_that_a_rule_denies(stores: Stores, when: str) -> None:
    async with a_world(stores, rules=rules(when)) as world:
        run = await world.start(LLM)
        await go_on(world, run)
        error = (await world.get(run)).error
        assert error is not None
        assert (error.code, error.step) == ("denied", "s")
        assert "'house'" in error.message


async def test_a_rule_that_cannot_be_judged_denies(stores: Stores) -> None:
    async with a_world(stores, rules=rules("step.kind + 1 == 2")) as world:
        run = await world.start(LLM)
        await go_on(world, run)
        assert (await world.get(run)).status is RunStatus.FAILED


async def test_asks_people_with_the_real_arguments_and_asks_once(stores: Stores) -> None:
    asking = rules("step.kind == 'llm'", "require_approval", to=["role:admin"], message="Costs money.")
    async with a_world(stores, rules=asking) as world:
        run, item = await waiting(world, LLM)
        assert (item.kind, item.rule, item.to, item.message) == (
            "rule",
            "house",
            ["role:admin"],
            "Costs money.",
        )
        assert item.values == {"prompt": "Hi", "model": None, "tools": None}
        await decide(world, item, by=person("carl", "admin"))
        assert await go_on(world, run)
        assert (await world.get(run)).status is RunStatus.SUCCEEDED
        assert (await inbox(world)).items == []


async def test_a_rejection_ends_the_step_as_denied(stores: Stores) -> None:
    async with a_world(stores, rules=rules("step.kind == 'llm'", "require_approval")) as world:
        run, item = await waiting(world, LLM)
        await decide(world, item, "reject")
        await go_on(world, run)
        error = (await world.get(run)).error
        assert error is not None
        assert (error.code, "'house'" in error.message) == ("denied", True)


async def test_an_agent_waits_for_the_same_question(stores: Stores) -> None:
    async with a_world(stores, rules=rules("agent == 'research'", "require_approval")) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        assert (await world.claim(run, "s")).refused == "waiting"
        await world.advance(run)
        item = (await inbox(world)).items[0]
        await decide(world, item)
        await world.advance(run)
        assert (await world.claim(run, "s")).exec is not None


async def test_a_rule_about_the_workflow_is_asked_once_a_run(stores: Stores) -> None:
    steps = ("a: {llm: default, prompt: Hi}", "b: {needs: [a], llm: default, prompt: Hi}")
    async with a_world(stores, rules=rules("workflow.name == 'test'", "require_approval")) as world:
        run, item = await waiting(world, workflow(*steps))
        await decide(world, item)
        assert await go_on(world, run)
        assert (await world.get(run)).status is RunStatus.SUCCEEDED


def tool_call(run_id: str, *, tool: str = "mail.send") -> BeginCall:
    return BeginCall(
        run_id=run_id,
        step="s",
        attempt=1,
        exec=1,
        call=0,
        name=tool,
        request_hash="h",
        effect="once",
        reserve=Reservation(),
    )


async def test_judges_each_call_of_an_agent(stores: Stores) -> None:
    async with a_world(stores, rules=rules("tool == 'mail.send'")) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s")
        denied = await world.guard.begin(tool_call(run.id))
        assert denied.outcome == "denied"
        assert denied.error is not None
        assert (denied.error.code, "'house'" in denied.error.message) == ("denied", True)
        assert (await world.guard.begin(tool_call(run.id, tool="memory.search"))).outcome == "go"


async def test_asks_about_a_call_and_lets_it_be_made_then(stores: Stores) -> None:
    async with a_world(stores, rules=rules("tool == 'mail.send'", "require_approval")) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        await world.claim(run, "s")
        assert (await world.guard.begin(tool_call(run.id))).outcome == "waiting"
        assert (await world.step(run, "s")).status is StepStatus.WAITING
        assert (await world.guard.begin(tool_call(run.id))).outcome == "superseded"
        await decide(world, (await inbox(world)).items[0])
        await world.advance(run)
        claim = await world.claim(run, "s")
        again = tool_call(run.id).model_copy(update={"exec": claim.exec})
        assert (await world.guard.begin(again)).outcome == "go"


async def test_a_rule_limits_what_a_run_uses(stores: Stores) -> None:
    answer = ModelAnswer(text="fine", prompt_tokens=40, completion_tokens=60)
    limit = rules("model == 'default'", "limit", limit=RuleLimit(tokens=150))
    async with a_world(stores, model=ScriptedModel(answer), rules=limit) as world:
        steps = [f"s{n}: {{llm: default, prompt: Hi, max_tokens: 60, needs: [s{n - 1}]}}" for n in range(3)]
        steps[0] = "s0: {llm: default, prompt: Hi, max_tokens: 60}"
        run = await world.start(workflow(*steps))
        await go_on(world, run)
        item = (await inbox(world)).items[0]
        assert "The rule 'house' is reached: 100 of 150 tokens" in str(item.message)
        await decide(world, item, "raise", data={"tokens": 1_000})
        assert await go_on(world, run)


async def test_a_rule_limits_a_day(stores: Stores) -> None:
    answer = ModelAnswer(text="fine", prompt_tokens=40, completion_tokens=60)
    limit = rules("workflow.name == 'test'", "limit", limit=RuleLimit(tokens=250, per="day"))
    async with a_world(stores, model=ScriptedModel(answer), rules=limit) as world:
        for _ in range(2):
            assert await go_on(world, await world.start(LLM))
        _, item = await waiting(world, LLM)
        assert "200 of 250 tokens" in str(item.message)


@pytest.mark.parametrize("per", ["run", "day"])
async def test_a_new_limit_counts_what_was_paid_before_it(postgres_stores: Stores, per: str) -> None:
    answer = ModelAnswer(text="fine", prompt_tokens=40, completion_tokens=60)
    limit = rule("model == 'default'", "limit", limit={"tokens": 150, "per": per})
    steps = ("a: {llm: default, prompt: Hi, max_tokens: 60}", "b: {needs: [a], agent: research, prompt: Hi}")
    async with a_world(postgres_stores, model=ScriptedModel(answer)) as world:
        run = await world.start(workflow(*steps))
        await world.advance(run)
        world.rules.rules = (limit,)
        await world.claim(run, "b")
        call = tool_call(run.id, tool="model").model_copy(
            update={"step": "b", "effect": "none", "reserve": Reservation(tokens=60, prompt_tokens=10)}
        )
        assert (await world.guard.begin(call)).outcome == "waiting"
        assert "100 of 150 tokens" in str((await inbox(world)).items[0].message)


@pytest.mark.parametrize("per", ["run", "day"])
async def test_a_rule_limits_how_many_runs_there_are(stores: Stores, per: str) -> None:
    limit = rules("workflow.id == 'wf-1'", "limit", limit={"runs": 2, "per": per})
    async with a_world(stores, rules=limit) as world:
        first = await world.start(AGENT)
        await world.start(AGENT)
        with pytest.raises(DeniedByRuleError, match=r"rule 'house' allows 2 runs; 2 "):
            await world.start(AGENT)
        await world.cancel(first)
        if per == "run":
            assert (await world.start(AGENT)).status is RunStatus.QUEUED


async def test_nothing_goes_on_while_nobody_can_say_the_rules(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(LLM)
        world.rules.away = True
        with pytest.raises(UpstreamError):
            await world.start(LLM)
        with pytest.raises(UpstreamError):
            await world.advance(run)
        world.rules.away = False
        assert await go_on(world, run)


async def test_asks_the_gateway_once_a_second() -> None:
    invoker, clock = FakeInvoker(), FakeClock()
    off = rule("true").model_copy(update={"name": "off", "enabled": False})
    invoker.answers("gateway", "rules/list", RuleSet(items=[rule("true"), off]))
    source = InvokedRules(invoker, clock)
    assert source.at_hand("ws-1") is None
    assert [one.name for one in await source.of("ws-1")] == ["house"]
    assert [one.name for one in await source.of("ws-1")] == ["house"]
    assert len(invoker.calls) == 1
    clock.advance(1.1)
    assert source.at_hand("ws-1") is None
    invoker.answers("gateway", "rules/list", UpstreamError("away"))
    with pytest.raises(UpstreamError):
        await source.of("ws-1")
