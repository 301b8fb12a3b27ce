"""Runs that `workflow` steps start: waited for, detached, refused, stopped with their parents."""

from flowloom_contracts.runs import Run, RunListQuery, RunStatus, StepStatus
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow

PARENT = workflow("c: {workflow: inner, inputs: {n: 3}}", rest='outputs: {got: "${steps.c.output.double}"}')
CHILD = workflow(
    's: {agent: qa, prompt: "${string(inputs.n)}"}',
    rest="inputs: {type: object, required: [n], properties: {n: {type: integer}}}\n"
    'outputs: {double: "${inputs.n * 2}"}',
)


async def _with_child(world: World, source: str = PARENT) -> tuple[Run, str]:
    world.documents.sources["inner"] = CHILD
    run = await world.start(source)
    await world.advance(run)
    return run, await _child(world, run)


async def _child(world: World, run: Run, step: str = "c") -> str:
    found: list[str] = []

    async def is_there() -> bool:
        child = (await world.step(run, step)).child_run_id
        found[:] = [child] if child else []
        return child is not None

    await wait_until(is_there)
    return found[0]


async def _finish_child(world: World, child: str) -> None:
    run = await world.stored(child)
    await world.advance(run)
    claim = await world.claim(run, "s")
    await world.complete(run, "s", claim.exec, text="ok")


async def test_waits_for_the_run_and_takes_its_outputs(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, child = await _with_child(world)
        begun = await world.stored(child)
        assert begun.parent is not None
        assert (begun.parent.run_id, begun.parent.step, begun.inputs) == (run.id, "c", {"n": 3})
        assert (await world.step(run, "c")).waits_for == "run"
        await _finish_child(world, child)

        async def has_heard() -> bool:
            return (await world.advance(run))["finished"]

        await wait_until(has_heard)
        assert (await world.get(run)).outputs == {"got": 6}


async def test_asks_for_a_run_once_however_often_it_advances(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, child = await _with_child(world)
        for _ in range(3):
            await world.advance(run)
        page = await stores.views.page(RunListQuery(actor=ACTOR, limit=10))
        assert sorted(one.id for one in page) == sorted([run.id, child])


async def test_does_not_wait_for_a_detached_run(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, child = await _with_child(world, workflow("c: {workflow: inner, inputs: {n: 1}, mode: detach}"))
        await world.advance(run)
        assert (await world.step(run, "c")).output == {"run_id": child}
        assert await world.status(run) is RunStatus.SUCCEEDED
        assert (await world.stored(child)).status is RunStatus.QUEUED


async def test_fails_with_the_reason_when_there_is_nothing_to_start(stores: Stores) -> None:
    async with a_world(stores) as world:
        world.documents.sources["inner"] = CHILD
        for source in (
            workflow("c: {workflow: nowhere}"),
            workflow("c: {workflow: inner, inputs: {n: three}}"),
        ):
            run = await world.start(source)

            async def has_failed(run: Run = run) -> bool:
                return (await world.advance(run))["finished"]

            await wait_until(has_failed)
            error = (await world.get(run)).error
            assert error is not None
            assert (error.code, error.step) == ("invalid_input", "c")


async def test_refuses_runs_that_start_themselves_for_ever(stores: Stores) -> None:
    async with a_world(stores) as world:
        world.documents.sources["inner"] = workflow("c: {workflow: inner}")
        run = await world.start(world.documents.sources["inner"], depth=7)

        async def has_failed() -> bool:
            return (await world.advance(run))["finished"]

        await wait_until(has_failed)
        error = (await world.get(run)).error
        assert error is not None and "8 deep" in error.message


async def test_a_cancel_reaches_the_run_that_is_waited_for(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, child = await _with_child(world)
        assert (await world.cancel(run)).status is RunStatus.CANCELLED

        async def is_cancelled() -> bool:
            return (await world.stored(child)).status is RunStatus.CANCELLED

        await wait_until(is_cancelled)
        assert child in world.channel.cancelled
        assert (await world.step(run, "c")).status is StepStatus.CANCELLED


async def test_a_dead_process_leaves_the_start_to_the_next(stores: Stores) -> None:
    dead = World(stores)
    dead.relay.push = lambda committed: None  # type: ignore[method-assign]  # it died after the commit
    run = await dead.start(PARENT)
    await dead.advance(run)
    async with a_world(stores, boot_id="boot-2") as world:
        world.documents.sources["inner"] = CHILD

        async def is_started() -> bool:
            await world.relay.tidy()
            return (await world.step(run, "c")).child_run_id is not None

        await wait_until(is_started)
