"""What every store must do, in memory and in Postgres."""

import asyncio
import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from flowloom_contracts.agents import BeginCall, CallBegun, EndCall
from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import RunFilter, RunListQuery, RunQuery, RunStatus, StepStatus, Usage
from flowloom_modelkit.responses import as_kept
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.streams.cursor import Cursor
from flowloom_servicekit.testing.waiting import wait_until
from flowloom_servicekit.tracing import attached
from orchestrator.domain.errors import IdempotencyConflictError, RunNotFoundError
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow
from orchestrator.usecases import read_runs
from orchestrator.usecases.keep_calls import begin_call, end_call

HELLO = workflow("s: {llm: default, prompt: Hi}", rest='outputs: {said: "${steps.s.output}"}')
AGENT = workflow("s: {agent: research, prompt: Hi}")


async def test_carries_a_run_from_start_to_archive(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel("hello\nthere")) as world:
        run = await world.start(HELLO, inputs={"unused": [1, "zwei", None]})
        assert (await world.advance(run))["finished"]
        ended = await world.get(run)
        assert (ended.status, ended.outputs) == (RunStatus.SUCCEEDED, {"said": "hello\nthere"})
        assert ended.inputs == {"unused": [1, "zwei", None]}
        live = await world.events(run)
        world.streams.lose(f"run:{run.id}")  # type: ignore[attr-defined]  # the in-memory streams can
        assert (await world.events(run)).items == live.items
        middle = await world.events(run, after=f"{live.items[2].epoch}:3", limit=2)
        assert [event.seq for event in middle.items] == [4, 5]
        assert middle.next_cursor == "1:5"
        assert world.bus.published[0].type == "run.finished.v1"


async def test_keeps_the_trace_in_which_a_run_was_asked_for(stores: Stores) -> None:
    async with a_world(stores) as world:
        with attached({"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}):
            run = await world.start(HELLO)
        assert (await world.get(run)).trace_id == "0af7651916cd43dd8448eb211c80319c"
        assert (await world.get(await world.start(HELLO))).trace_id is None


async def test_gives_the_same_run_for_the_same_key(stores: Stores) -> None:
    async with a_world(stores) as world:
        first, second = await asyncio.gather(world.start(HELLO, key="k"), world.start(HELLO, key="k"))
        assert first.id == second.id
        with pytest.raises(IdempotencyConflictError):
            await world.start(HELLO, inputs={"other": 1}, key="k")
        assert (await world.start(HELLO)).id != first.id


async def test_refuses_a_change_of_an_older_revision(stores: Stores) -> None:
    async with a_world(stores) as world, a_world(stores) as other:
        run = await world.start(AGENT)
        await world.advance(run)
        record = await stores.runs.load(run.id)
        assert record is not None
        claim = await other.claim(run, "s")
        assert claim.exec == 1
        # The first process still knows the run as it was, and has to look again.
        assert (await world.complete(run, "s", 1, text="found")).outcome == "accepted"
        after = await stores.runs.load(run.id)
        assert after is not None
        assert after.revision == record.revision + 2


async def test_keeps_steps_with_who_carries_them_out(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        claim = await world.claim(run, "s", worker="agent-research", boot="x")
        record = await stores.runs.load(run.id)
        assert record is not None
        execution = record.execution("s")
        assert (execution.exec, execution.worker, execution.boot_id) == (1, "agent-research", "x")
        assert execution.deadline_at == claim.deadline_at
        later = world.clock.now() + timedelta(seconds=60)
        assert await stores.runs.renew_lease(run.id, "s", exec=1, until=later) == claim.deadline_at
        assert await stores.runs.renew_lease(run.id, "s", exec=2, until=later) == "gone"


async def test_shows_runs_only_to_their_workspace(stores: Stores) -> None:
    async with a_world(stores) as world:
        runs = [await world.start(HELLO) for _ in range(3)]
        stranger = ACTOR.model_copy(update={"workspace_id": "ws-2"})
        with pytest.raises(RunNotFoundError):
            await read_runs.get_run(RunQuery(actor=stranger, run_id=runs[0].id), views=stores.views)
        with pytest.raises(RunNotFoundError):
            await read_runs.get_run(RunQuery(actor=ACTOR, run_id="no-such-id"), views=stores.views)
        nothing = await read_runs.list_runs(RunListQuery(actor=stranger), views=stores.views)
        assert nothing.items == []
        page = await read_runs.list_runs(RunListQuery(actor=ACTOR, limit=2), views=stores.views)
        assert [item.id for item in page.items] == [runs[2].id, runs[1].id]
        rest = await read_runs.list_runs(
            RunListQuery(actor=ACTOR, limit=2, cursor=page.next_cursor), views=stores.views
        )
        assert ([item.id for item in rest.items], rest.next_cursor) == ([runs[0].id], None)
        queued = RunListQuery(actor=ACTOR, status=RunStatus.SUCCEEDED)
        assert (await read_runs.list_runs(queued, views=stores.views)).items == []


async def test_lists_the_runs_that_a_filter_wants(stores: Stores) -> None:
    async with a_world(stores) as world:
        runs = [await world.start(HELLO) for _ in range(3)]
        name = runs[0].workflow.name
        wanted: list[tuple[RunFilter, int]] = [
            (RunFilter(), 3),
            (RunFilter(statuses=[RunStatus.SUCCEEDED, RunStatus.CANCELLED]), 0),
            (RunFilter(statuses=[runs[0].status, RunStatus.FAILED]), 3),
            (RunFilter(text=name[1:-1].upper()), 3),
            (RunFilter(text=runs[1].id), 1),
            (RunFilter(text="100%"), 0),
            (RunFilter(text="_" * len(name)), 0),
            (RunFilter(label="team=sales"), 0),
            (RunFilter(created_from=runs[0].created_at), 3),
            (RunFilter(created_before=runs[0].created_at), 0),
            (RunFilter(longer_than_s=86_400), 0),
        ]
        for only, count in wanted:
            page = await read_runs.list_runs(RunListQuery(actor=ACTOR, only=only), views=stores.views)
            assert len(page.items) == count, only
        oldest = RunListQuery(actor=ACTOR, order="oldest", limit=2)
        first = await read_runs.list_runs(oldest, views=stores.views)
        rest = await read_runs.list_runs(
            oldest.model_copy(update={"cursor": first.next_cursor}), views=stores.views
        )
        assert [item.id for item in (*first.items, *rest.items)] == [run.id for run in runs]


def _begin(
    run_id: str, *, call: int = 0, request: str = "r", effect: str = "none", exec: int = 1
) -> BeginCall:
    return BeginCall.model_validate(
        {
            "run_id": run_id,
            "step": "s",
            "attempt": 1,
            "exec": exec,
            "call": call,
            "name": "model" if effect == "none" else "memory.store",
            "request_hash": request,
            "effect": effect,
        }
    )


async def _begun(world: World, begin: BeginCall) -> CallBegun:
    return await begin_call(begin, journal=world.stores.journal, relay=world.relay, clock=world.clock)


async def _end(world: World, begin: BeginCall, response: JsonValue) -> str:
    end = EndCall(
        run_id=begin.run_id,
        step=begin.step,
        attempt=begin.attempt,
        exec=begin.exec,
        call=begin.call,
        request_hash=begin.request_hash,
        response=response,
        usage=Usage(tokens=7),
    )
    ended = await end_call(end, journal=world.stores.journal, relay=world.relay, clock=world.clock)
    return ended.outcome


async def _claimed(world: World) -> str:
    run = await world.start(AGENT)
    await world.advance(run)
    assert (await world.claim(run, "s")).exec == 1
    return run.id


async def test_replays_a_call_that_was_made(stores: Stores) -> None:
    async with a_world(stores) as world:
        run_id = await _claimed(world)
        begin = _begin(run_id)
        begun = await _begun(world, begin)
        assert begun.outcome == "go"
        assert await _end(world, begin, "answer") == "kept"
        again = await _begun(world, begin)
        assert (again.outcome, again.response, again.usage.tokens) == ("replay", "answer", 7)
        assert again.effect_key == begun.effect_key
        told = [str(milestone) for milestone in await stores.outbox.milestones(run_id)]
        assert sum("model.called.v1" in one for one in told) == 2
        assert '"replayed":true' in told[-1].replace(" ", "")


@pytest.mark.parametrize("seed", range(20))
async def test_gives_a_response_back_as_its_worker_has_used_it(stores: Stores, seed: int) -> None:
    """Another writing of it would be another prompt, and the next call would be made and paid again."""
    made = as_kept(_response(random.Random(seed)))
    async with a_world(stores) as world:
        begin = _begin(await _claimed(world))
        await _begun(world, begin)
        assert await _end(world, begin, made) == "kept"
        again = await _begun(world, begin)
        assert json.dumps(as_kept(again.response)) == json.dumps(made)


def _response(chance: random.Random, depth: int = 0) -> JsonValue:
    numbers = (0.1, -0.0, 1e22, 1.7976931348623157e308, 5e-324, 1e16, 123456789.5, 3, -(2**53), 1e-7)
    plain = (*numbers, None, True, "", "a\x00b", "\u2028", "\\u0000", "Ümläut", chance.random() * 1e18)
    if depth > 3 or chance.random() < 0.4:
        return chance.choice(plain)
    inner = [_response(chance, depth + 1) for _ in range(chance.randrange(5))]
    names = chance.sample(["path", "version", "size", "Z", "ä", "at", "media_type", "a\x00"], len(inner))
    return inner if chance.random() < 0.3 else dict(zip(names, inner, strict=True))


async def test_keeps_a_call_once_when_its_worker_tells_the_end_again(stores: Stores) -> None:
    async with a_world(stores) as world:
        run_id = await _claimed(world)
        begin = _begin(run_id)
        await _begun(world, begin)
        told = await asyncio.gather(*(_end(world, begin, "answer") for _ in range(5)))
        assert told == ["kept"] * 5
        first, second = [len(await stores.outbox.milestones(run_id, after=n)) for n in (0, 1)]
        assert await _end(world, begin, "answer") == "kept"
        assert len(await stores.outbox.milestones(run_id)) == first == second + 1
        calls = [m for m in await stores.outbox.milestones(run_id) if "model.called.v1" in str(m)]
        assert len(calls) == 1


async def test_starts_a_branch_when_the_request_differs(stores: Stores) -> None:
    async with a_world(stores) as world:
        run_id = await _claimed(world)
        for call in range(3):
            begin = _begin(run_id, call=call)
            await _begun(world, begin)
            await _end(world, begin, f"old {call}")
        changed = _begin(run_id, call=1, request="other")
        assert (await _begun(world, changed)).outcome == "go"
        await _end(world, changed, "new 1")
        assert (await _begun(world, _begin(run_id, call=0))).response == "old 0"
        assert (await _begun(world, changed)).response == "new 1"
        assert (await _begun(world, _begin(run_id, call=2))).outcome == "go"


async def test_does_not_know_whether_a_once_call_happened(stores: Stores) -> None:
    async with a_world(stores) as world:
        run_id = await _claimed(world)
        begin = _begin(run_id, effect="once")
        assert (await _begun(world, begin)).outcome == "go"
        assert (await _begun(world, begin)).outcome == "uncertain"


async def test_refuses_calls_of_an_older_execution(stores: Stores) -> None:
    async with a_world(stores) as world:
        run_id = await _claimed(world)
        begin = _begin(run_id)
        await _begun(world, begin)
        stale = begin.model_copy(update={"exec": 0})
        assert (await _begun(world, stale)).outcome == "superseded"
        assert await _end(world, stale, "late") == "superseded"


async def test_gives_what_is_left_in_the_outbox_in_order(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(AGENT)
        await world.relay.settled(run.id)
        later = world.clock.now() + timedelta(seconds=5)
        found = await stores.outbox.waiting(older_than=later, limit=10)
        assert [(item.run_id, [row.kind.value for row in item.items]) for item in found] == [
            (run.id, ["stream", "schedule"])
        ]
        await stores.outbox.forget([row.id for row in found[0].items])
        assert await stores.outbox.waiting(older_than=later, limit=10) == []


async def test_numbers_milestones_densely_with_their_fences(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(HELLO)
        await world.advance(run)
        milestones = await stores.outbox.milestones(run.id)
        assert [milestone.n for milestone in milestones] == [1, 2, 3, 4, 5, 6]
        assert [milestone.fence for milestone in milestones] == [None, None, ("s", 1), None, ("s", 2), None]
        assert await stores.outbox.renew_epoch(run.id, 1) == 2
        assert await stores.outbox.renew_epoch(run.id, 1) == 2


async def test_archives_long_streams_in_pieces(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(HELLO)
        bodies = [f'{{"type":"x","i":{i}}}' for i in range(30)]
        for start in (0, 10, 20, 10):
            piece = bodies[start : start + 10]
            await stores.archive.keep(run.id, Cursor(1, start + 1), piece, is_last=False)
        assert await stores.archive.read(run.id, Cursor(0, 0), 5) is None
        await stores.archive.keep(run.id, Cursor(1, 21), bodies[20:], is_last=True)
        page = await stores.archive.read(run.id, Cursor(1, 8), 4)
        assert page is not None
        assert [frame.cursor.seq for frame in page.frames] == [9, 10, 11, 12]
        assert page.head == Cursor(1, 30)


async def test_finds_what_does_not_move(postgres_stores: Stores) -> None:
    async with a_world(postgres_stores) as world:
        claimed, queued, idle = [await world.start(AGENT) for _ in range(3)]
        await world.advance(claimed)
        await world.advance(queued)
        await world.claim(claimed, "s")
        now = world.clock.now()
        assert await postgres_stores.reaper.overdue(now) == []
        found = await postgres_stores.reaper.overdue(now + timedelta(seconds=35))
        assert sorted((item.run_id, item.reason) for item in found) == sorted(
            [(claimed.id, "lost"), (queued.id, "unclaimed"), (idle.id, "still")]
        )
        late = now + timedelta(seconds=400)
        await postgres_stores.runs.renew_lease(claimed.id, "s", exec=1, until=late + timedelta(seconds=1))
        reasons = {item.run_id: item.reason for item in await postgres_stores.reaper.overdue(late)}
        assert reasons[claimed.id] == "deadline"
        await postgres_stores.reaper.tidy(now)


async def test_finds_work_that_another_process_left_in_the_outbox(stores: Stores) -> None:
    dead = World(stores)
    dead.relay.push = lambda committed: None  # type: ignore[method-assign]  # it died after the commit
    run = await dead.start(AGENT)
    async with a_world(stores) as world:

        async def is_scheduled() -> bool:
            await world.relay.tidy()
            return f"{run.id}.1" in world.engine.scheduled

        await wait_until(is_scheduled)
        assert [event.type for event in (await world.events(run)).items] == ["run.accepted.v1"]


async def test_ends_an_attempt_whose_worker_overruns(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(AGENT)
        await world.advance(run)
        claim = await world.claim(run, "s")
        record = await stores.runs.load(run.id)
        assert record is not None
        assert replace(record.execution("s"), exec=0).deadline_at == claim.deadline_at
        assert (await world.step(run, "s")).status is StepStatus.RUNNING
