"""Forks from inside a loop, over every kind of store."""

import pytest

from flowloom_contracts.forks import ForkBody, StepOverride
from flowloom_contracts.runs import Actor, Run, RunStatus, StepRef, StepStatus
from flowloom_servicekit.ids import new_id
from orchestrator.domain.errors import RunNotFoundError, StepNotFoundError
from orchestrator.testing.world import Stores, World, a_world, workflow

LOOP = workflow(
    "plan: {agent: qa, prompt: plan}",
    "each:",
    '  loop: {over: "${[1, 2, 3]}", as: one, parallel: 2}',
    "  do:",
    '    find: {agent: qa, prompt: "find ${one}", needs: []}',
    '    say: {agent: qa, prompt: "say ${steps.find.output} ${steps.plan.output}"}',
    '  output: "${steps.say.output}"',
    rest='outputs: {texts: "${steps.each.output}"}',
)


async def _carry_out(world: World, run: Run, word: str) -> list[str]:
    """Complete everything that is handed out and return it."""
    had = list[str]()
    while starts := (await world.advance(run))["start"]:
        for start in starts:
            claim = await world.claim(run, start["step"])
            had.append(start["step"])
            await world.complete(run, start["step"], claim.exec, text=f"{word} {start['step']}", tokens=10)
    return had


async def _finished(world: World) -> Run:
    run = await world.start(LOOP)
    await _carry_out(world, run, "old")
    assert await world.status(run) is RunStatus.SUCCEEDED
    return run


async def test_s18_nobody_begins_where_a_run_of_another_workspace_stands(stores: Stores) -> None:
    async with a_world(stores) as world:
        theirs = await _finished(world)
        stranger = Actor(workspace_id=new_id())
        with pytest.raises(RunNotFoundError):
            await world.start(LOOP, actor=stranger, from_=StepRef(run_id=theirs.id, step="each"))
        with pytest.raises(RunNotFoundError):
            await world.forks.found(stranger, theirs.id)
        assert await world.status(theirs) is RunStatus.SUCCEEDED


async def test_forks_from_a_step_inside_an_item(stores: Stores) -> None:
    async with a_world(stores) as world:
        old = await _finished(world)
        body = ForkBody(from_step="each[1].say")
        said = await world.fork(old, body.model_copy(update={"dry_run": True}))
        assert said.run is None
        assert said.report.reused == ["plan", "each[0]", "each[1].find", "each[2]"]
        assert said.report.rerun == ["each", "each[1]", "each[1].say"]
        assert said.report.tokens_saved == 60
        answer = await world.fork(old, body)
        assert answer.run is not None
        assert answer.run.forked_from is not None
        assert answer.run.forked_from.step == "each[1].say"
        assert await _carry_out(world, answer.run, "new") == ["each[1].say"]
        done = await world.get(answer.run)
        assert done.outputs == {"texts": ["old each[0].say", "new each[1].say", "old each[2].say"]}
        assert (done.usage.tokens, done.usage.tokens_saved) == (10, 60)
        item = await world.step(answer.run, "each[2]")
        assert (item.status, item.output) == (StepStatus.REUSED, "old each[2].say")
        types = [event.type for event in (await world.events(answer.run)).items]
        assert types.count("step.reused.v1") == 4


async def test_changes_the_prompt_and_gives_the_output_of_inner_steps(stores: Stores) -> None:
    async with a_world(stores) as world:
        old = await _finished(world)
        overrides = {
            "each[0].find": StepOverride(output="given"),
            "each[0].say": StepOverride(prompt="Hi ${steps.find.output}"),
        }
        answer = await world.fork(old, ForkBody(from_step="each[0].say", overrides=overrides))
        assert answer.run is not None
        assert [start["step"] for start in (await world.advance(answer.run))["start"]] == ["each[0].say"]
        claim = await world.claim(answer.run, "each[0].say")
        assert claim.task is not None
        assert claim.task.prompt == "Hi given"


async def test_says_why_it_cannot_fork_from_an_inner_step(stores: Stores) -> None:
    async with a_world(stores) as world:
        old = await _finished(world)
        for path, reason in {"each[9].say": "it has 3 of 'each'", "each.say": "name the item"}.items():
            with pytest.raises(StepNotFoundError, match=reason.replace("[", r"\[")):
                await world.fork(old, ForkBody(from_step=path))
