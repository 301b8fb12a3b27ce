"""Rules about `emit` and `workflow` steps: nothing leaves a run before a person has allowed it."""

import pytest

from flowloom_contracts.rules import Rule
from flowloom_contracts.runs import Run, RunListQuery, RunStatus, StepStatus
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.testing.people import decide, go_on, inbox, waiting
from orchestrator.testing.rules import FakeRules
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow

EMIT = workflow(
    "a: {transform: news}",
    's: {emit: {topic: news, data: "${steps.a.output}"}}',
    "z: {transform: 1, needs: [s]}",
)
CHILD = workflow("a: {transform: 3}", 's: {workflow: inner, inputs: {n: "${steps.a.output}"}}')
INNER = workflow("t: {transform: 1}", rest="inputs: {type: object, properties: {n: {type: integer}}}")
BOTH = {"emit": EMIT, "workflow": CHILD}


def rules(effect: str, *names: str) -> FakeRules:
    return FakeRules(
        *(
            Rule.model_validate({"name": name, "when": "step.kind in ['emit', 'workflow']", "effect": effect})
            for name in names or ("house",)
        )
    )


def events_of(world: World) -> list[str]:
    """What has left the run; notices and what is written down go to its own people."""
    own = ("run.finished.v1", "notice.v1", "audit.v1")
    return [one.type for one in world.bus.published if one.type not in own]


async def ended(world: World, run: Run) -> Run:
    async def has_ended() -> bool:
        page = await world.stores.views.page(RunListQuery(actor=ACTOR, workflow_id="wf-inner", limit=5))
        for inner in page:
            await world.advance(inner)
        return await go_on(world, run)

    await wait_until(has_ended)
    await world.relay.settled(run.id)
    return await world.get(run)


@pytest.mark.parametrize("kind", list(BOTH))
async def test_denies_and_names_the_rule(stores: Stores, kind: str) -> None:
    async with a_world(stores, rules=rules("deny")) as world:
        world.documents.sources["inner"] = INNER
        run = await world.start(BOTH[kind])
        error = (await ended(world, run)).error
        assert error is not None
        assert (error.code, error.step, "'house'" in error.message) == ("denied", "s", True)
        assert (await world.step(run, "a")).status is StepStatus.SUCCEEDED
        assert events_of(world) == []
        assert (await world.step(run, "s")).child_run_id is None


@pytest.mark.parametrize("kind", list(BOTH))
async def test_asks_with_what_would_leave_and_lets_it_go_once(stores: Stores, kind: str) -> None:
    async with a_world(stores, rules=rules("require_approval")) as world:
        world.documents.sources["inner"] = INNER
        run, item = await waiting(world, BOTH[kind])
        shown = {"emit": {"topic": "news", "data": "news"}}
        asked = {"workflow": "inner", "version": None, "inputs": {"n": 3}}
        assert (item.kind, item.rule, item.values) == ("rule", "house", shown.get(kind, asked))
        assert item.title == f"Rule 'house': {kind} step 's'"
        assert (await world.get(run)).status is RunStatus.WAITING
        for _ in range(2):
            await world.advance(run)
        assert events_of(world) == []
        await decide(world, item)
        assert (await ended(world, run)).status is RunStatus.SUCCEEDED
        assert (await inbox(world)).items == []
        assert len(events_of(world)) == (kind == "emit")
        step = await world.step(run, "s")
        assert (step.status, step.attempt, step.child_run_id is None) == (
            StepStatus.SUCCEEDED,
            1,
            kind == "emit",
        )


@pytest.mark.parametrize("kind", list(BOTH))
async def test_a_rejection_ends_the_step_and_names_the_rule(stores: Stores, kind: str) -> None:
    async with a_world(stores, rules=rules("require_approval")) as world:
        run, item = await waiting(world, BOTH[kind])
        await decide(world, item, "reject")
        error = (await ended(world, run)).error
        assert error is not None
        assert (error.code, error.message) == ("denied", "Rule 'house': rejected by anna@example.com.")
        assert events_of(world) == []


async def test_every_rule_that_asks_is_asked(stores: Stores) -> None:
    clock = FakeClock()
    async with a_world(stores, rules=rules("require_approval", "first", "second"), clock=clock) as world:
        run, item = await waiting(world, EMIT)
        assert item.rule == "first"
        clock.advance(1)
        await decide(world, item)
        await world.advance(run)
        second = (await inbox(world, run_id=run.id)).items[0]
        assert (second.rule, events_of(world)) == ("second", [])
        clock.advance(1)
        await decide(world, second)
        assert (await ended(world, run)).status is RunStatus.SUCCEEDED
        assert len(events_of(world)) == 1


async def test_another_process_goes_on_with_what_was_allowed(stores: Stores) -> None:
    asking = rules("require_approval")
    async with a_world(stores, rules=asking) as world:
        run, item = await waiting(world, EMIT)
        await decide(world, item)
    async with a_world(stores, rules=asking) as world:
        assert (await ended(world, run)).status is RunStatus.SUCCEEDED
        assert len(events_of(world)) == 1


async def test_asks_before_an_undo_leaves_the_run(stores: Stores) -> None:
    source = workflow(
        "a: {transform: 1, undo: {emit: {topic: back, data: 1}}}",
        "b: {stop: {status: failed, message: no}, needs: [a]}",
    )
    async with a_world(stores, rules=rules("require_approval")) as world:
        run, item = await waiting(world, source)
        assert item.step == "a.undo"
        await decide(world, item)
        assert (await ended(world, run)).status is RunStatus.FAILED
        assert len(events_of(world)) == 1


async def test_a_rule_that_forbids_the_inner_run_fails_the_step(stores: Stores) -> None:
    rule = Rule.model_validate({"name": "house", "when": "workflow.id == 'wf-inner'", "effect": "deny"})
    async with a_world(stores, rules=FakeRules(rule)) as world:
        world.documents.sources["inner"] = INNER
        run = await world.start(CHILD)
        error = (await ended(world, run)).error
        assert error is not None
        assert (error.code, "'house'" in error.message) == ("denied", True)
