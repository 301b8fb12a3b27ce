"""What people are told of runs beside those who look at them."""

from flowloom_contracts.events import RunFinished
from flowloom_contracts.notices import Notice
from flowloom_contracts.runs import Spending
from flowloom_modelkit.prices import CallCosts
from flowloom_modelkit.settings import ModelPrice
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.testing.people import person
from orchestrator.testing.world import Stores, World, a_world, workflow

ASKS = workflow(
    's: {approval: {title: "Send it?", message: "secret text", to: ["role:editor", "user:a@example.org"]}}'
)
HELLO = workflow("s: {llm: default, prompt: Hi}")
COSTS = CallCosts({"small": ModelPrice(input=1, output=1)}, default_model="small")


def _notices(world: World) -> list[Notice]:
    return [one.event for one in world.bus.published if isinstance(one.event, Notice)]


async def test_tells_whom_a_run_waits_for_without_what_it_is_about(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(ASKS, actor=person("anna"))
        await world.advance(run)
        await wait_until(lambda: bool(_notices(world)))
        (notice,) = _notices(world)
        assert (notice.kind, notice.title, notice.step) == ("approval_requested", "Send it?", "s")
        assert (notice.to, notice.user_id) == (["role:editor", "user:a@example.org"], "id-anna")
        assert (notice.workspace_id, notice.run_id, notice.workflow) == ("ws-1", run.id, run.workflow)
        assert "secret text" not in notice.model_dump_json()
        assert world.bus.published[0].event_id == notice.id


async def test_tells_of_a_budget_that_is_reached(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel("hello"), costs=COSTS) as world:
        await world.advance(await world.start(HELLO, budget=Spending(tokens=1)))
        await wait_until(lambda: {one.kind for one in _notices(world)} >= {"budget_reached"})
        reached = next(one for one in _notices(world) if one.kind == "budget_reached")
        assert (reached.details["scope"], reached.details["limit"]) == ("run", 1)


async def test_says_of_an_ended_run_who_started_it_and_why_it_failed(stores: Stores) -> None:
    async with a_world(stores) as world:
        source = workflow('s: {stop: {status: failed, message: "no"}}')
        await world.advance(await world.start(source, actor=person("anna")))
        await wait_until(lambda: bool(world.bus.published))
        ended = world.bus.published[0].event
        assert isinstance(ended, RunFinished)
        assert (ended.workflow_name, ended.user_id, ended.is_child) == ("test", "id-anna", False)
        assert ended.error is not None
        assert ended.error.code == "stopped"
