"""Commands on runs: pause, resume, cancel, kill, retry, fork, until a step, from another run."""

import pytest

from flowloom_contracts.forks import ForkBody, StepOverride
from flowloom_contracts.runs import Run, RunStatus, StepError, StepRef, StepStatus
from orchestrator.domain.errors import (
    RunFinishedError,
    RunNotFoundError,
    RunNotInThatStateError,
    StepNotFoundError,
)
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases.export_run import record_run, save_run_as_test

TWO = workflow(
    "a: {agent: qa, prompt: first}",
    'b: {agent: qa, prompt: "${steps.a.output}"}',
    rest='outputs: {last: "${steps.b.output}"}',
)


async def _done(world: World, run: Run, step: str, text: str, *, attempt: int = 1) -> None:
    claim = await world.claim(run, step, attempt=attempt)
    assert (await world.complete(run, step, claim.exec, text=text)).outcome == "accepted"


async def _failed_run(world: World) -> Run:
    run = await world.start(TWO)
    await world.advance(run)
    await _done(world, run, "a", "one")
    claim = await world.claim(run, "b")
    await world.complete(run, "b", claim.exec, error=StepError(code="auth", message="no"))
    assert await world.status(run) is RunStatus.FAILED
    return run


async def test_a_paused_run_starts_nothing_and_goes_on_when_told(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(TWO)
        await world.advance(run)
        claim = await world.claim(run, "a")
        assert (await world.pause(run)).status is RunStatus.PAUSED
        assert (await world.pause(run)).status is RunStatus.PAUSED
        await world.complete(run, "a", claim.exec, text="one")
        assert (await world.advance(run))["start"] == []
        assert (await world.step(run, "b")).status is StepStatus.PENDING
        assert (await world.resume(run)).status is RunStatus.RUNNING
        assert [step["step"] for step in (await world.advance(run))["start"]] == ["b"]
        with pytest.raises(RunNotInThatStateError):
            await world.resume(run)


async def test_hands_out_again_what_nobody_could_begin_while_paused(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(TWO)
        before = (await world.advance(run))["start"][0]
        await world.pause(run)
        assert (await world.claim(run, "a")).refused == "paused"
        await world.resume(run)
        after = (await world.advance(run))["start"][0]
        assert (after["step"], after["dispatch"]) == ("a", before["dispatch"] + 1)
        await _done(world, run, "a", "one")


async def test_cancels_a_paused_run(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(TWO)
        await world.advance(run)
        await world.pause(run)
        assert (await world.cancel(run)).status is RunStatus.CANCELLED
        for command in (world.pause, world.resume, world.kill):
            if command == world.kill:
                assert (await command(run)).status is RunStatus.CANCELLED
                continue
            with pytest.raises(RunFinishedError):
                await command(run)


async def test_a_kill_ends_a_run_without_taking_back(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(
            workflow(
                "a: {agent: qa, prompt: Hi, undo: {agent: qa, prompt: back}}",
                'b: {agent: qa, prompt: "${steps.a.output}"}',
            )
        )
        await world.advance(run)
        await _done(world, run, "a", "one")
        assert (await world.cancel(run)).status is RunStatus.CANCELLING
        assert (await world.kill(run)).status is RunStatus.CANCELLED
        assert world.channel.cancelled == [run.id, run.id]


async def test_a_retry_goes_on_from_what_failed_in_a_new_stream(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await _failed_run(world)
        before = await world.events(run)
        retried = await world.retry(run)
        assert (retried.status, retried.attempt, retried.error) == (RunStatus.QUEUED, 2, None)
        with pytest.raises(RunNotInThatStateError):
            await world.retry(run)
        await world.relay.settled(run.id)
        assert f"{run.id}.2" in world.engine.scheduled
        generation = world.engine.scheduled[f"{run.id}.2"][1]["generation"]
        assert isinstance(generation, int)
        assert [step["step"] for step in (await world.advance(run))["start"]] == ["b"]
        await _done(world, run, "b", "two", attempt=2)
        assert (await world.get(run)).outputs == {"last": "two"}
        after = await world.events(run)
        assert after.items[0].epoch > before.items[0].epoch
        types = [event.type for event in after.items]
        assert types.count("run.finished.v1") == 2
        assert types[-1] == "run.finished.v1"
        world.streams.lose(f"run:{run.id}")  # type: ignore[attr-defined]  # the in-memory streams can
        assert (await world.events(run)).items == after.items


async def test_the_driver_of_an_earlier_attempt_is_told_to_end(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await _failed_run(world)
        await world.retry(run)
        assert (await world.advance_as(run, generation=0))["finished"]
        assert await world.status(run) is RunStatus.QUEUED


async def test_a_fork_reuses_what_comes_before_and_reports_it(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await _failed_run(world)
        body = ForkBody(from_step="b", overrides={"b": StepOverride(prompt="again")})
        dry = await world.fork(run, body.model_copy(update={"dry_run": True}))
        assert (dry.run, dry.report.reused, dry.report.rerun) == (None, ["a"], ["b"])
        forked = (await world.fork(run, body)).run
        assert forked is not None and forked.forked_from is not None
        assert (forked.forked_from.run_id, forked.forked_from.step) == (run.id, "b")
        await world.advance(forked)
        assert (await world.step(forked, "a")).status is StepStatus.REUSED
        claim = await world.claim(forked, "b")
        assert claim.task is not None and claim.task.prompt == "again"
        with pytest.raises(StepNotFoundError):
            await world.fork(run, ForkBody(from_step="c"))


async def test_starts_with_pins_until_a_step_or_from_another_run(stores: Stores) -> None:
    async with a_world(stores) as world:
        pinned = await world.start(TWO, pins={"a": "given"}, until_step="b")
        await world.advance(pinned)
        assert (await world.step(pinned, "a")).output == "given"
        short = await world.start(TWO, until_step="a")
        await world.advance(short)
        assert (await world.step(short, "b")).status is StepStatus.SKIPPED
        old = await _failed_run(world)
        begun = await world.start(TWO, from_=StepRef(run_id=old.id, step="b"), priority=7)
        assert (begun.priority, begun.forked_from and begun.forked_from.run_id) == (7, old.id)
        await world.advance(begun)
        assert (await world.step(begun, "a")).output == "one"
        with pytest.raises(RunNotFoundError):
            await world.start(TWO, from_=StepRef(run_id="none", step="b"))
        with pytest.raises(StepNotFoundError):
            await world.start(TWO, pins={"x": 1})


async def test_hands_a_run_over_as_a_document_and_as_a_test(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await _failed_run(world)
        kept = await record_run(world.command(run), views=stores.views, clock=world.clock)
        assert (kept.source, [step.path for step in kept.steps]) == (TWO, ["a", "b"])
        saved = await save_run_as_test(world.command(run), views=stores.views, values=world.parts.values)
        assert "output: one" in saved.tests
        going = await world.start(TWO)
        with pytest.raises(RunNotInThatStateError):
            await save_run_as_test(world.command(going), views=stores.views, values=world.parts.values)
