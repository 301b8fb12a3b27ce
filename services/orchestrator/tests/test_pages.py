"""Pages of steps and events that pass through sidecars, however much there is to tell."""

import tracemalloc

import pytest

from flowloom_contracts.runs import Run, RunEventsQuery, RunStatus, StepsQuery
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow
from orchestrator.usecases import read_runs

ITEMS = 10_000
WIDE = workflow(
    f"each: {{loop: {{over: '${{range({ITEMS})}}', parallel: 50}}, do: {{t: {{transform: '${{item}}'}}}},"
    " output: '${steps.t.output}'}",
    rest="outputs: {count: '${size(steps.each.output)}'}",
)
TALL = workflow(
    "each: {loop: {over: '${range(700)}'}, do: {t: {transform: "
    "\"${join(range(2500).map(n, 'word'), ' ')}\"}}}"
)


async def finished(world: World, source: str) -> Run:
    run = await world.start(source)
    while not (await world.advance(run))["finished"]:
        continue
    return await world.get(run)


@pytest.mark.timeout(240)
async def test_pages_through_ten_thousand_items() -> None:
    stores = Stores.in_memory()
    async with a_world(stores) as world:
        run = await finished(world, WIDE)
        assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"count": ITEMS})
        record = await stores.runs.load(run.id)
        assert record is not None
        assert sorted(record.state.steps) == ["each"]
        paths, cursor, peaks = list[str](), None, list[int]()
        tracemalloc.start()
        while True:
            query = StepsQuery(actor=ACTOR, run_id=run.id, cursor=cursor, limit=1_000)
            page = await read_runs.list_steps(query, views=stores.views)
            paths += [step.path for step in page.items]
            peaks.append(tracemalloc.get_traced_memory()[1])
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        tracemalloc.stop()
        inner = [f"each[{number}]{rest}" for number in range(ITEMS) for rest in ("", ".t")]
        assert paths == ["each", *inner]
        assert peaks[-1] < 60_000_000


async def test_a_page_ends_before_it_is_too_large_for_a_sidecar() -> None:
    stores = Stores.in_memory()
    async with a_world(stores) as world:
        run = await finished(world, TALL)
        steps, cursor, sizes = 0, None, list[int]()
        while True:
            query = StepsQuery(actor=ACTOR, run_id=run.id, cursor=cursor, limit=1_000)
            page = await read_runs.list_steps(query, views=stores.views)
            steps += len(page.items)
            sizes.append(len(page.model_dump_json()))
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        assert steps == 1 + 2 * 700
        assert max(sizes) < 8_000_000
        assert len(sizes) > 1
        assert len((await world.snapshot(run)).model_dump_json()) < 8_000_000
        events, after, pages = 0, "0", 0
        while True:
            asked = RunEventsQuery(actor=ACTOR, run_id=run.id, after=after, limit=5_000)
            read = await world.history.events(asked)
            events, pages = events + len(read.items), pages + 1
            assert len(read.model_dump_json()) < 8_000_000
            if read.next_cursor is None:
                break
            after = read.next_cursor
        assert [pages > 1, events] == [True, read.items[-1].seq]  # type: ignore[union-attr]  # history has numbers
