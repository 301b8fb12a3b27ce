"""Loops, recovery and undo over the stores: rows of what left, pages of steps, the cost of long runs."""

import pytest

from flowloom_contracts.runs import RunStatus, StepError, StepsQuery, StepStatus
from flowloom_modelkit.testing.model import ScriptedModel
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow
from orchestrator.usecases import read_runs

LOOP = workflow(
    "items: {transform: [a, b, c]}",
    'each: {loop: {over: "${steps.items.output}", as: one}, do: {'
    'up: {transform: "${upper(one)}"}, ask: {llm: default, prompt: "Say ${steps.up.output}"}},'
    ' output: "${steps.ask.output}"}',
    rest='outputs: {said: "${steps.each.output}"}',
)


async def _paths(world: World, run_id: str, **more: object) -> tuple[list[str], str | None]:
    query = StepsQuery(actor=ACTOR, run_id=run_id).model_copy(update=more)
    page = await read_runs.list_steps(query, views=world.stores.views)
    return [step.path for step in page.items], page.next_cursor


async def test_carries_a_loop_of_local_steps_out_in_one_call(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel("x", "y", "z")) as world:
        run = await world.start(LOOP)
        assert (await world.advance(run))["finished"]
        ended = await world.get(run)
        assert (ended.status, ended.outputs) == (RunStatus.SUCCEEDED, {"said": ["x", "y", "z"]})


async def test_keeps_rows_of_steps_that_have_left_the_run(stores: Stores) -> None:
    async with a_world(stores, model=ScriptedModel("x", "y", "z")) as world:
        run = await world.start(LOOP)
        await world.advance(run)
        record = await stores.runs.load(run.id)
        assert record is not None
        assert sorted(record.state.steps) == ["each", "items"]
        inner = [f"each[{n}]{rest}" for n in range(3) for rest in ("", ".up", ".ask")]
        assert await _paths(world, run.id) == (["items", "each", *inner], None)
        assert (await world.step(run, "each[1].ask")).output == "y"
        assert (await _paths(world, run.id, inside="each[2]."))[0] == ["each[2].up", "each[2].ask"]


async def test_gives_steps_page_by_page_with_those_that_have_not_begun(stores: Stores) -> None:
    async with a_world(stores) as world:
        source = workflow(
            "a: {transform: 1}",
            'b: {loop: {over: [1, 2]}, do: {t: {transform: "${item}"}}}',
            "c: {agent: qa, prompt: Hi}",
            "d: {agent: qa, prompt: '${steps.c.output}'}",
            "e: {agent: qa, prompt: '${steps.d.output}'}",
        )
        run = await world.start(source)
        await world.advance(run)
        found: list[str] = []
        cursor: str | None = None
        while True:
            page, cursor = await _paths(world, run.id, limit=3, cursor=cursor)
            assert len(page) <= 3
            found += page
            if cursor is None:
                break
        assert found == ["a", "b", "b[0]", "b[0].t", "b[1]", "b[1].t", "c", "d", "e"]
        assert (await world.step(run, "e")).status is StepStatus.PENDING


async def test_goes_on_in_the_middle_of_a_loop_after_a_crash(stores: Stores) -> None:
    source = workflow(
        'each: {loop: {over: [1, 2, 3], parallel: 2}, do: {a: {agent: qa, prompt: "${item}"}},'
        ' output: "${steps.a.output}"}',
        rest='outputs: {said: "${steps.each.output}"}',
    )
    dead = World(stores)
    dead.relay.push = lambda committed: None  # type: ignore[method-assign]  # it dies after each commit
    run = await dead.start(source)
    answer = await dead.advance(run)
    assert [step["step"] for step in answer["start"]] == ["each[0].a", "each[1].a"]
    claim = await dead.claim(run, "each[1].a")
    await dead.complete(run, "each[1].a", claim.exec, text="two")
    async with a_world(stores, boot_id="boot-2") as world:
        again = await world.advance(run)
        assert [step["step"] for step in again["start"]] == ["each[0].a", "each[2].a"]
        for path, text in (("each[0].a", "one"), ("each[2].a", "three")):
            claim = await world.claim(run, path)
            await world.complete(run, path, claim.exec, text=text)
        assert (await world.advance(run))["finished"]
        assert (await world.get(run)).outputs == {"said": ["one", "two", "three"]}


async def test_takes_back_what_was_done_when_the_run_fails(stores: Stores) -> None:
    async with a_world(stores) as world:
        source = workflow(
            "book: {agent: qa, prompt: book, undo: {agent: qa, prompt: cancel}}",
            'pay: {agent: qa, prompt: "${steps.book.output}"}',
            rest="on_failure: {do: {tell: {transform: '${error.code}'}}}",
        )
        run = await world.start(source)
        await world.advance(run)
        claim = await world.claim(run, "book")
        await world.complete(run, "book", claim.exec, text="booked")
        claim = await world.claim(run, "pay")
        await world.complete(run, "pay", claim.exec, error=StepError(code="auth", message="no"))
        answer = await world.advance(run)
        assert [step["step"] for step in answer["start"]] == ["book.undo"]
        claim = await world.claim(run, "book.undo")
        await world.complete(run, "book.undo", claim.exec, text="done")
        assert (await world.advance(run))["finished"]
        ended = await world.get(run)
        assert ended.error is not None
        assert (ended.status, ended.error.code, ended.error.step) == (RunStatus.FAILED, "auth", "pay")
        assert (await world.step(run, "on_failure.tell")).output == "auth"


async def test_recovers_and_tells_why(stores: Stores) -> None:
    async with a_world(stores) as world:
        source = workflow(
            "s: {agent: qa, prompt: Hi, on_error: {on: [auth], do: {t: {transform: saved}},"
            ' output: "${steps.t.output}"}}'
        )
        run = await world.start(source)
        await world.advance(run)
        claim = await world.claim(run, "s")
        await world.complete(run, "s", claim.exec, error=StepError(code="auth", message="no key"))
        await world.advance(run)
        step = await world.step(run, "s")
        assert (step.status, step.output, step.recovered) == (StepStatus.SUCCEEDED, "saved", True)
        types = [event.type for event in (await world.events(run)).items]
        assert "log.written.v1" in types


@pytest.mark.parametrize("count", [600])
async def test_a_long_loop_writes_no_more_at_its_end_than_at_its_beginning(count: int) -> None:
    stores = InMemoryStores()
    sizes: list[int] = []
    commit = stores.commit

    async def counted(change: object) -> object:
        sizes.append(len(change.steps) + len(change.events))  # type: ignore[attr-defined]  # a StoredChange
        return await commit(change)  # type: ignore[arg-type]  # as above

    stores.commit = counted  # type: ignore[method-assign,assignment]  # the store's own, counted
    async with a_world(Stores.in_memory(stores)) as world:
        source = workflow(
            f'each: {{loop: {{over: "${{range({count})}}"}}, do: {{t: {{transform: "${{item}}"}}}}}}'
        )
        run = await world.start(source)
        assert (await world.advance(run))["finished"]
        assert stores.loads == 0
        assert max(sizes) < 800
        assert await world.status(run) is RunStatus.SUCCEEDED
