"""A run keeps the workspace's agents as they were when it was accepted; its forks keep them too."""

import pytest

from flowloom_contracts.agents import StepTask
from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.forks import ForkBody
from flowloom_contracts.runs import Run
from orchestrator.domain.errors import InvalidDocumentError
from orchestrator.testing.world import Stores, World, a_world, workflow

SOURCE = workflow("j: {agent: critic, prompt: Judge it.}")
CRITIC = AgentDefinition(kind="qa", role="Critic", goal="Find what is wrong", model="large")
OTHER = CRITIC.model_copy(update={"goal": "Praise"})


async def _task(world: World, run: Run) -> StepTask:
    await world.advance(run)
    task = (await world.claim(run, "j")).task
    assert task is not None
    return task


async def test_carries_a_step_out_with_the_agent_that_came_along(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(SOURCE, agents={"critic": CRITIC, "unnamed": OTHER})
        later = await world.start(SOURCE, agents={"critic": OTHER})
        task = await _task(world, run)
        assert (task.agent, task.model) == ("qa", "large")
        assert task.profile is not None
        assert (task.profile.role, task.profile.goal) == ("Critic", "Find what is wrong")
        of_later = (await _task(world, later)).profile
        assert of_later is not None and of_later.goal == "Praise"
        record = await world.stores.runs.load(run.id)
        assert record is not None and list(record.plan.agents) == ["critic"]


async def test_a_fork_keeps_the_agents_of_its_run(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(SOURCE, agents={"critic": CRITIC})
        claim = await world.claim(run, "j") if (await world.advance(run)) else None
        await world.complete(run, "j", claim.exec if claim else None, text="ok")
        forked = (await world.fork(run, ForkBody(from_step="j"))).run
        assert forked is not None
        profile = (await _task(world, forked)).profile
        assert profile is not None and profile.goal == "Find what is wrong"


async def test_the_document_s_own_agent_goes_first(stores: Stores) -> None:
    own = "agents: {critic: {kind: analysis, role: Counter, goal: Count}}"
    async with a_world(stores) as world:
        run = await world.start(
            workflow("j: {agent: critic, prompt: Judge it.}", rest=own), agents={"critic": CRITIC}
        )
        assert (await _task(world, run)).agent == "analysis"


async def test_refuses_an_agent_that_did_not_come_along(stores: Stores) -> None:
    async with a_world(stores) as world:
        with pytest.raises(InvalidDocumentError):
            await world.start(SOURCE)
        with pytest.raises(InvalidDocumentError):
            await world.start(SOURCE, agents={"unnamed": OTHER})
