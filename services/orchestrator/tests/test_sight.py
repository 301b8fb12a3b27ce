"""Who sees and commands which runs: private ones who started them, others with whom they are shared."""

from datetime import UTC, datetime

import pytest

from flowloom_contracts.approvals import ApprovalRef
from flowloom_contracts.files import RunFilesQuery
from flowloom_contracts.forks import ForkBody, ForkRun
from flowloom_contracts.runs import (
    Actor,
    Reach,
    Run,
    RunCommand,
    RunEventsQuery,
    RunListQuery,
    RunQuery,
    StepRef,
    StepsQuery,
)
from flowloom_contracts.stats import OverviewQuery, UsageQuery
from flowloom_contracts.values import ValueQuery
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.errors import ForbiddenError
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.domain.deciding import ApprovalNotFoundError
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.testing.people import decide, inbox, person
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases import control_runs, decide_approvals, export_run, read_runs, read_stats
from orchestrator.usecases.fork_run import fork_run
from orchestrator.usecases.read_values import read_value

ANNA, BERT = person("anna", "operator"), person("bert", "owner")
HELLO = workflow("s: {llm: default, prompt: Hi}")
TWO = workflow("s: {transform: 1}", "t: {agent: research, prompt: Hi}")
ASKS = workflow("a: {approval: {title: May it}}")
ASKS_BERT = workflow("a: {approval: {title: May it, to: ['user:bert@example.com']}}")
PARENT = workflow("c: {workflow: child}")


def limited(reach: Reach, actor: Actor = BERT) -> Actor:
    return actor.model_copy(update={"limits": {"wf-1": reach}})


async def is_unseen(world: World, run: Run, actor: Actor) -> None:
    """Try every way in to a run."""
    stores, query = world.stores, RunQuery(actor=actor, run_id=run.id)
    command = RunCommand(actor=actor, run_id=run.id)
    ref = "sha256:" + "0" * 64
    ways = [
        read_runs.get_run(query, views=stores.views),
        read_runs.list_steps(StepsQuery(actor=actor, run_id=run.id), views=stores.views),
        world.history.events(RunEventsQuery(actor=actor, run_id=run.id, after="0")),
        world.history.snapshot(query),
        export_run.record_run(command, views=stores.views, clock=world.clock),
        export_run.save_run_as_test(command, views=stores.views, values=world.forks.keeper),
        world.files.of_run(RunFilesQuery(actor=actor, run_id=run.id)),
        read_value(ValueQuery(actor=actor, run_id=run.id, ref=ref), views=stores.views, values=stores.values),
        world.start(TWO, actor=actor, from_=StepRef(run_id=run.id, step="t")),
        fork(world, run, actor),
        *(
            act(command, controls=world.controls)
            for act in (
                control_runs.cancel_run,
                control_runs.kill_run,
                control_runs.pause_run,
                control_runs.resume_run,
                control_runs.retry_run,
            )
        ),
    ]
    for way in ways:
        with pytest.raises(RunNotFoundError):
            await way
    page = await read_runs.list_runs(RunListQuery(actor=actor), views=stores.views)
    assert run.id not in [one.id for one in page.items]
    figures = await read_stats.overview(
        OverviewQuery(actor=actor, window="24h"), stats=stores.stats, clock=world.clock
    )
    assert run.id not in figures.model_dump_json()


async def child_of(world: World) -> Run:
    """Wait for the run that a step has started."""
    found = list[Run]()

    async def is_there() -> bool:
        page = await read_runs.list_runs(RunListQuery(actor=ANNA), views=world.stores.views)
        found[:] = [one for one in page.items if one.parent]
        return bool(found)

    await wait_until(is_there)
    return found[0]


async def fork(world: World, run: Run, actor: Actor) -> Run | None:
    answer = await fork_run(
        ForkRun(actor=actor, run_id=run.id, body=ForkBody(from_step="t"), request_hash="h"),
        forks=world.forks,
        runs=world.stores.runs,
        gate=world.gate,
        relay=world.relay,
        clock=world.clock,
    )
    return answer.run


async def test_a_private_run_is_its_starters_alone(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(TWO, actor=ANNA, is_private=True)
        await world.advance(run)
        await is_unseen(world, run, BERT)
        await is_unseen(world, run, person("carl", "admin"))
        mine = RunQuery(actor=ANNA, run_id=run.id)
        assert (await read_runs.get_run(mine, views=stores.views)).id == run.id
        page = await read_runs.list_runs(RunListQuery(actor=ANNA), views=stores.views)
        assert [one.id for one in page.items] == [run.id]
        command = RunCommand(actor=ANNA, run_id=run.id)
        assert (await control_runs.cancel_run(command, controls=world.controls)).id == run.id


async def test_what_comes_from_a_private_run_is_private_too(stores: Stores) -> None:
    async with a_world(stores) as world:
        world.documents.sources["child"] = TWO
        run = await world.start(TWO, actor=ANNA, is_private=True)
        await world.advance(run)
        forked = await fork(world, run, ANNA)
        assert forked is not None
        again = await world.start(TWO, actor=ANNA, from_=StepRef(run_id=run.id, step="t"))
        parent = await world.start(PARENT, actor=ANNA, is_private=True)
        await world.advance(parent)
        for one in (forked, again, await child_of(world)):
            await is_unseen(world, one, BERT)


async def test_a_failed_private_run_is_in_nobody_elses_figures(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(workflow("s: {transform: '${1/0}'}"), actor=ANNA, is_private=True)
        while not (await world.advance(run))["finished"]:
            continue
        for actor, seen in ((ANNA, [run.id]), (BERT, [])):
            figures = await read_stats.overview(
                OverviewQuery(actor=actor, window="24h"), stats=stores.stats, clock=world.clock
            )
            assert [one.id for one in figures.recent_failures] == seen


async def test_a_private_run_shows_what_it_asks_to_whom_it_asks(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(ASKS_BERT, actor=ANNA, is_private=True)
        await world.advance(run)
        carl = person("carl", "admin")
        for actor, count in ((ANNA, 1), (BERT, 1), (carl, 0)):
            assert len((await inbox(world, actor)).items) == count
        item = (await inbox(world, BERT)).items[0]
        with pytest.raises(ApprovalNotFoundError):
            await decide(world, item, by=carl)
        assert (await decide(world, item, by=BERT)).status == "decided"


async def test_a_workflow_that_is_closed_to_somebody_closes_its_runs(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(TWO, actor=ANNA)
        await world.advance(run)
        await is_unseen(world, run, limited("none"))
        assert (await fork(world, run, limited("run"))) is not None


async def test_who_may_only_look_commands_nothing(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(ASKS, actor=ANNA)
        await world.advance(run)
        looks = limited("view")
        assert (
            await read_runs.get_run(RunQuery(actor=looks, run_id=run.id), views=stores.views)
        ).id == run.id
        command = RunCommand(actor=looks, run_id=run.id)
        item = (await inbox(world, looks)).items[0]
        ways = [
            control_runs.cancel_run(command, controls=world.controls),
            control_runs.pause_run(command, controls=world.controls),
            fork(world, run, looks),
            decide(world, item, by=looks),
        ]
        for way in ways:
            with pytest.raises(ForbiddenError):
                await way
        assert (await decide(world, item, by=limited("run"))).status == "decided"


async def test_what_a_closed_workflow_starts_or_asks_is_closed(stores: Stores) -> None:
    async with a_world(stores) as world:
        world.documents.sources["child"] = ASKS
        parent = await world.start(PARENT, actor=ANNA)
        await world.advance(parent)
        child = await child_of(world)
        await world.advance(child)
        assert child.workflow.id != "wf-1"
        await is_unseen(world, child, limited("none"))
        item = (await inbox(world)).items[0]
        assert (await inbox(world, limited("none"))).items == []
        ref = ApprovalRef(actor=limited("none"), approval_id=item.id)
        with pytest.raises(ApprovalNotFoundError):
            await decide_approvals.get_approval(ref, approvals=stores.approvals)


async def test_figures_and_usage_leave_closed_workflows_out(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel("hello")) as world:
        await world.advance(await world.start(HELLO, actor=ANNA))
        await stores.stats.tally(limit=10)
        today = datetime.now(UTC).date()
        for actor, count in ((BERT, 1), (limited("none"), 0)):
            figures = await read_stats.overview(
                OverviewQuery(actor=actor, window="24h"), stats=stores.stats, clock=world.clock
            )
            assert len(figures.workflows) == count
            query = UsageQuery(actor=actor, since=today, until=today, group_by=["workflow"])
            assert len((await read_stats.report_usage(query, stats=stores.stats)).items) == count


async def test_limits_are_asked_for_again_and_never_kept(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(TWO, actor=limited("run", ANNA))
        record = await stores.runs.load(run.id)
        assert record is not None and record.origin.actor is not None
        assert (record.origin.actor.user_id, record.origin.actor.limits) == (ANNA.user_id, {})
