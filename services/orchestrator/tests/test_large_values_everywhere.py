"""Large values wherever a run can have one: lists of loops, inner runs, questions and decisions."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flowloom_contracts.approvals import Approval
from flowloom_contracts.base import JsonValue
from flowloom_contracts.forks import ForkBody
from flowloom_contracts.runs import Run, RunListQuery, RunStatus, StepStatus
from flowloom_contracts.values import ValuePartQuery, ValueQuery
from flowloom_language.large_values import ref_of
from flowloom_servicekit.testing.outside import FakeInternet, answer, fake_server
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.domain.large import LIST_BYTES, PIECE_BYTES, in_pieces
from orchestrator.testing.people import decide, go_on, inbox, person
from orchestrator.testing.steps import step_parts
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow
from orchestrator.usecases.read_values import ValueNotFoundError, read_part, read_value

GET = "s: {http: {method: GET, url: 'http://big.example/'}}"
ROWS: list[JsonValue] = [{"id": number, "text": f"row {number} " + "x" * 3_000} for number in range(2_000)]
JSON = "content-type: application/json\r\n"


@asynccontextmanager
async def a_world_with(stores: Stores, value: JsonValue) -> AsyncIterator[World]:
    async with fake_server(answer(200, json.dumps(value).encode(), JSON)) as server:
        parts = step_parts(internet=FakeInternet({"http://big.example": server}), values=stores.values)
        async with a_world(stores, parts=parts) as world:
            yield world


async def ended(world: World, run: Run) -> Run:
    async def has_ended() -> bool:
        page = await world.stores.views.page(RunListQuery(actor=ACTOR, limit=50))
        for inner in page:
            if inner.id != run.id and not inner.status.is_terminal:
                await world.advance(inner)
        return await go_on(world, run)

    await wait_until(has_ended, timeout_s=50)
    return await world.get(run)


async def test_goes_over_a_6_megabyte_list_in_pieces(stores: Stores) -> None:
    source = workflow(
        GET,
        "each:",
        '  loop: {over: "${steps.s.output.body}", as: row, parallel: 4}',
        "  do:",
        '    id: {transform: "${row.id}"}',
        '  output: "${steps.id.output}"',
        "last: {transform: '${size(steps.each.output)}'}",
        rest="outputs: {ids: '${steps.each.output}', count: '${steps.last.output}'}",
    )
    async with a_world_with(stores, ROWS) as world:
        run = await world.start(source)
        done = await ended(world, run)
        assert (done.status, done.error) == (RunStatus.SUCCEEDED, None)
        assert done.outputs == {"ids": [*range(2_000)], "count": 2_000}


async def test_reads_one_value_out_of_a_piece(stores: Stores) -> None:
    async with a_world(stores, parts=step_parts(values=stores.values)) as world:
        run = await world.start(workflow("t: {transform: 1}"))
        _, pieces = in_pieces(ROWS)
        await stores.values.keep(run.id, pieces[0].ref, pieces[0].body)
        ref = f"{pieces[0].ref}.7"
        query = ValueQuery(actor=ACTOR, run_id=run.id, ref=ref)
        assert (await read_value(query, views=stores.views, values=stores.values)).value == ROWS[7]
        part = ValuePartQuery(actor=ACTOR, run_id=run.id, ref=ref, offset=4, limit=16)
        assert (await read_part(part, views=stores.views, values=stores.values)).text == '":7,"text":"row '
        outside = query.model_copy(update={"ref": f"{pieces[0].ref}.9999"})
        with pytest.raises(ValueNotFoundError):
            await read_value(outside, views=stores.views, values=stores.values)


def test_pieces_are_small_and_short_lists_stay() -> None:
    assert in_pieces(ROWS[:100]) == (ROWS[:100], ())
    lighter, pieces = in_pieces(ROWS)
    assert len(json.dumps(lighter)) < LIST_BYTES
    assert max(len(piece.body) for piece in pieces) < PIECE_BYTES + 10_000
    assert len({ref_of(one) for one in lighter}) == 2_000
    mixed, found = in_pieces(["small", "y" * 900_000, "z" * 200_000, 5])
    assert (mixed[0], mixed[3], len(found)) == ("small", 5, 2)


async def test_a_list_with_a_large_item_is_one_value_each(stores: Stores) -> None:
    rows: list[JsonValue] = ["a" * 3_000_000, "b" * 3_000_000, "c"]
    source = workflow(
        GET,
        'each: {loop: {over: "${steps.s.output.body}", as: row}, do: {n: {transform: "${size(row)}"}},'
        ' output: "${steps.n.output}"}',
        rest="outputs: {sizes: '${steps.each.output}'}",
    )
    async with a_world_with(stores, rows) as world:
        run = await world.start(source)
        assert (await ended(world, run)).outputs == {"sizes": [3_000_000, 3_000_000, 1]}


async def test_an_inner_run_gets_and_gives_6_megabytes(stores: Stores) -> None:
    inner = workflow(
        "count: {transform: '${size(inputs.rows)}'}",
        "pass: {transform: '${inputs.rows}'}",
        rest="inputs: {type: object, required: [rows], properties: {rows: {type: array, minItems: 2000}}}\n"
        "outputs: {count: '${steps.count.output}', rows: '${steps.pass.output}'}",
    )
    source = workflow(
        GET,
        "call: {workflow: inner, inputs: {rows: '${steps.s.output.body}'}}",
        rest="outputs: {count: '${steps.call.output.count}', last: '${steps.call.output.rows[1999].id}'}",
    )
    async with a_world_with(stores, ROWS) as world:
        world.documents.sources["inner"] = inner
        run = await world.start(source)
        done = await ended(world, run)
        assert (done.outputs, done.error) == ({"count": 2_000, "last": 1_999}, None)
        child = (await world.step(run, "call")).child_run_id
        record = await stores.runs.load(str(child))
        assert record is not None
        assert ref_of(record.state.inputs["rows"]) is not None
        fork = await world.fork(await world.stored(str(child)), ForkBody(from_step="count"))
        assert fork.run is not None
        forked = await stores.runs.load(fork.run.id)
        assert forked is not None
        assert forked.state.inputs == record.state.inputs
        assert (await ended(world, fork.run)).status is RunStatus.SUCCEEDED


async def test_refuses_an_inner_run_whose_large_input_does_not_fit(stores: Stores) -> None:
    inner = workflow("t: {transform: 1}", rest="inputs: {type: object, properties: {rows: {type: string}}}")
    source = workflow(GET, "call: {workflow: inner, inputs: {rows: '${steps.s.output.body}'}}")
    async with a_world_with(stores, ROWS) as world:
        world.documents.sources["inner"] = inner
        run = await world.start(source)
        error = (await ended(world, run)).error
        assert error is not None
        assert (error.code, error.step) == ("invalid_input", "call")


async def asked(world: World, run: Run) -> Approval:
    await go_on(world, run)
    return (await inbox(world, run_id=run.id)).items[0]


async def test_questions_and_decisions_travel_as_previews(stores: Stores) -> None:
    source = workflow(
        GET,
        "ask:",
        "  approval:",
        "    title: 'Is it good?'",
        "    message: '${steps.s.output.body}'",
        "    allow: [approve, edit, reject]",
        "    form: {type: object, properties: {text: {type: string}}}",
        "after: {transform: '${steps.ask.output.data.text}'}",
        rest="outputs: {size: '${size(steps.after.output)}', text: '${steps.after.output}'}",
    )
    async with a_world_with(stores, "m" * 900_000) as world:
        run = await world.start(source)
        item = await asked(world, run)
        assert len(item.message or "") < 2_000
        query = ValueQuery(actor=ACTOR, run_id=run.id, ref=str(item.message_ref))
        read = await read_value(query, views=stores.views, values=stores.values)
        assert read.value == "m" * 900_000
        decided = await decide(world, item, "edit", data={"text": "e" * 800_000})
        assert decided.decision is not None
        assert len(json.dumps(decided.decision.data)) < 2_000
        done = await ended(world, run)
        assert (done.status, (done.outputs or {})["size"]) == (RunStatus.SUCCEEDED, 800_000)
        bodies = [one.body for one in await stores.outbox.milestones(run.id)]
        assert max(map(len, bodies)) < 10_000


async def test_what_a_quorum_edits_is_kept_once_and_shown_in_part(stores: Stores) -> None:
    source = workflow(
        "ask:",
        "  approval:",
        "    title: Good?",
        "    quorum: 2",
        "    allow: [approve, edit]",
        "    form: {type: object, properties: {text: {type: string}}}",
        rest="outputs: {size: '${size(steps.ask.output.data.text)}'}",
    )
    async with a_world(stores, parts=step_parts(values=stores.values)) as world:
        run = await world.start(source)
        item = await asked(world, run)
        first = await decide(world, item, "edit", data={"text": "q" * 700_000})
        assert len(json.dumps(first.values)) < 2_000
        await decide(world, item, "approve", by=person("bert"))
        assert (await ended(world, run)).outputs == {"size": 700_000}


async def test_sends_on_what_another_step_has_fetched() -> None:
    stores, text = Stores.in_memory(), "b" * 40_000_000
    async with (
        fake_server(answer(200, text.encode(), "content-type: text/plain\r\n")) as big,
        fake_server(answer(201, b"{}", JSON)) as crm,
    ):
        hosts = {"http://big.example": big, "http://crm.example": crm}
        parts = step_parts(internet=FakeInternet(hosts), values=stores.values)
        async with a_world(stores, parts=parts) as world:
            send = "send: {http: {method: PUT, url: 'http://crm.example/', body: '${steps.s.output.body}'}}"
            run = await world.start(workflow(GET, send))
            assert (await ended(world, run)).error is None
        assert [len(request.partition(b"\r\n\r\n")[2]) for request in crm.requests] == [len(text)]


FAKE: JsonValue = {"$ref": "sha256:" + "a" * 64, "preview": "p", "size": 1}


async def test_what_only_looks_like_a_reference_is_data(stores: Stores) -> None:
    source = workflow(
        GET,
        "t: {transform: '${steps.s.output.body.preview + inputs.given.preview}'}",
        "u: {transform: {whole: '${steps.s.output.body}', text: 'is ${inputs.given}'}}",
        rest="inputs: {type: object, properties: {given: {type: object}}}\n"
        "outputs: {t: '${steps.t.output}', text: '${steps.u.output.text}'}",
    )
    async with a_world_with(stores, FAKE) as world:
        run = await world.start(source, inputs={"given": FAKE})
        done = await ended(world, run)
        assert done.status is RunStatus.SUCCEEDED, done.error
        assert (done.outputs or {})["t"] == "pp"
        pinned = await world.start(source, inputs={"given": {"preview": "q"}}, pins={"s": {"body": FAKE}})
        assert ((await ended(world, pinned)).outputs or {})["t"] == "pq"


async def test_a_6_megabyte_output_stalls_nothing(stores: Stores) -> None:
    """F27: kept by reference, the run goes on, events show a preview."""
    source = workflow(
        GET, "pass: {transform: '${steps.s.output.body}'}", rest="outputs: {rows: '${steps.pass.output}'}"
    )
    async with a_world_with(stores, ROWS) as world:
        run = await world.start(source)
        done = await ended(world, run)
        assert done.status is RunStatus.SUCCEEDED
        assert ref_of((done.outputs or {})["rows"]) == (await world.step(run, "pass")).output_ref
        assert (await world.step(run, "pass")).status is StepStatus.SUCCEEDED
        record = await stores.runs.load(run.id)
        assert record is not None
        assert max(len(json.dumps(step.to_json())) for step in record.state.steps.values()) < 10_000
        bodies = [one.body for one in await stores.outbox.milestones(run.id)]
        assert max(map(len, bodies)) < 10_000
