"""Agents that start runs: what a model is told, whom it asks, and that a run is started once."""

import pytest

from flowloom_contracts.agents import BeginCall, CallBegun, EndCall
from flowloom_contracts.base import JsonObject
from flowloom_contracts.mcp import CallMcpTool, DescribeMcpTools, McpCalled
from flowloom_contracts.runs import Run, RunListQuery, StepStatus
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.domain.errors import InvalidDocumentError
from orchestrator.testing.people import decide, go_on, inbox
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow

ASKING = workflow("s: {agent: qa, prompt: x, tools: [workflow/inner]}")
INNER = workflow(
    "t: {transform: '${inputs.n}'}",
    rest="inputs: {type: object, required: [n], properties: {n: {type: integer}}}",
)
TOOL = "workflow/inner"


class Asking:
    """A step of an agent that may start the workflow `inner`."""

    def __init__(self, world: World, run: Run, exec: int) -> None:
        self.world, self.run, self.exec = world, run, exec

    async def begin(
        self, *, call: int = 0, name: str = TOOL, arguments: JsonObject | None = None
    ) -> CallBegun:
        request = BeginCall(
            run_id=self.run.id, step="s", attempt=1, exec=self.exec, call=call, name=TOOL,
            request_hash=f"hash-{call}", effect="idempotent", arguments=arguments or {"n": 3},
        )  # fmt: skip
        return await self.world.guard.begin(request)

    async def call(self, name: str = TOOL, *, key: str = "key-1", **arguments: object) -> McpCalled:
        request = CallMcpTool.model_validate(
            {
                "run_id": self.run.id, "step": "s", "exec": self.exec, "name": name,
                "arguments": arguments, "effect_key": key,
            }
        )  # fmt: skip
        return await self.world.agent_calls().call(request)

    async def claimed_again(self) -> None:
        async def is_running() -> bool:
            await self.world.advance(self.run)
            claim = await self.world.claim(self.run, "s", boot="b")
            self.exec = claim.exec or self.exec
            return claim.exec is not None

        await wait_until(is_running)


async def asking(world: World, document: str = ASKING, **more: object) -> Asking:
    world.documents.sources["inner"] = INNER
    run = await world.start(document, **more)
    await world.advance(run)
    return Asking(world, run, (await world.claim(run, "s")).exec or 0)


async def started(world: World) -> list[Run]:
    return list(await world.stores.views.page(RunListQuery(actor=ACTOR, workflow_id="wf-inner", limit=5)))


async def test_a_model_is_told_what_the_workflow_takes(stores: Stores) -> None:
    async with a_world(stores) as world:
        agent = await asking(world)
        request = DescribeMcpTools(run_id=agent.run.id, step="s", exec=agent.exec, names=[TOOL])
        (card,) = (await world.agent_calls().describe(request)).items
        assert (card.name, card.effect) == (TOOL, "idempotent")
        assert card.input_schema["required"] == ["n"]
        del world.documents.sources["inner"]
        assert "inner" in str((await world.agent_calls().describe(request)).refused)


async def test_a_person_is_asked_with_the_inputs_before_a_run_is_started(stores: Stores) -> None:
    async with a_world(stores) as world:
        agent = await asking(world)
        assert (await agent.begin()).outcome == "waiting"
        assert (await world.step(agent.run, "s")).status is StepStatus.WAITING
        (item,) = (await inbox(world)).items
        assert item.values == {"call": TOOL, "step": "s", "inputs": {"n": 3}}
        assert await started(world) == []
        await decide(world, item)
        await agent.claimed_again()
        assert (await agent.begin()).outcome == "go"
        assert (await agent.call(n=3)).outcome == "done"
        assert len(await started(world)) == 1


async def test_what_was_approved_counts_for_one_call_alone(stores: Stores) -> None:
    async with a_world(stores) as world:
        agent = await asking(world)
        await agent.begin()
        (item,) = (await inbox(world)).items
        await decide(world, item)
        await agent.claimed_again()
        assert (await agent.begin()).outcome == "go"
        assert (await agent.begin(call=1)).outcome == "waiting"


async def test_nothing_is_started_where_a_person_says_no(stores: Stores) -> None:
    async with a_world(stores) as world:
        agent = await asking(world)
        await agent.begin()
        (item,) = (await inbox(world)).items
        await decide(world, item, "reject")

        async def is_over() -> bool:
            await go_on(world, agent.run)
            return (await world.status(agent.run)).is_terminal

        await wait_until(is_over)
        error = (await world.get(agent.run)).error
        assert error is not None and error.code == "denied"
        assert await started(world) == []


async def test_a_call_that_is_repeated_finds_the_run_that_is_there(stores: Stores) -> None:
    async with a_world(stores) as world:
        agent = await asking(world, is_private=True)
        first, again = await agent.call(n=3), await agent.call(n=3)
        other = await agent.call(n=4, key="key-2")
        assert first.result == again.result != other.result
        runs = {run.id: run for run in await started(world)}
        assert len(runs) == 2
        assert isinstance(first.result, dict)
        run = runs[str(first.result["run_id"])]
        assert (run.inputs, run.forked_from) == ({"n": 3}, None)
        origin = (await world.gate.known(run.id)).origin
        assert (origin.depth, origin.is_private, origin.parent and origin.parent.run_id) == (
            1, True, agent.run.id,
        )  # fmt: skip


async def test_a_model_is_told_why_no_run_was_started(stores: Stores) -> None:
    async with a_world(stores) as world:
        agent = await asking(world)
        wrong = await agent.call(n="three")
        assert (wrong.outcome, wrong.code) == ("failed", "invalid_input")
        other = await agent.call("workflow/other", n=3)
        assert (other.outcome, other.code) == ("failed", "denied")
        assert await started(world) == []


async def test_who_watches_is_told_which_run_a_call_has_started(stores: Stores) -> None:
    async with a_world(stores) as world:
        agent = await asking(world)
        await agent.begin()
        (item,) = (await inbox(world)).items
        await decide(world, item)
        await agent.claimed_again()
        await agent.begin()
        result = (await agent.call(n=3)).result
        end = EndCall(
            run_id=agent.run.id, step="s", attempt=1, exec=agent.exec, call=0, request_hash="hash-0",
            response=result, duration_ms=5,
        )  # fmt: skip
        await world.guard.end(end)
        told = [event for event in (await world.events(agent.run)).items if event.type == "tool.called.v1"]
        (run,) = await started(world)
        assert [event.data.run_id for event in told] == [run.id]


@pytest.mark.parametrize("name", ["workflow/", "workflow/A", "workflow/a/b", "workflow/a--b"])
async def test_a_name_that_no_workflow_can_have_is_refused_in_the_document(stores: Stores, name: str) -> None:
    async with a_world(stores) as world:
        with pytest.raises(InvalidDocumentError):
            await world.start(workflow(f's: {{agent: qa, prompt: x, tools: ["{name}"]}}'))


async def test_only_agents_start_runs_so(stores: Stores) -> None:
    async with a_world(stores) as world:
        with pytest.raises(InvalidDocumentError):
            await world.start(workflow("s: {tool: workflow/inner, with: {n: 3}}"))
