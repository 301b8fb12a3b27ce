"""Values too large for a state: kept beside the run, put back where something looks into them, bounded."""

import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import Run, RunStatus, StepStatus
from flowloom_contracts.values import MAX_VALUE_BYTES, ValuePartQuery, ValueQuery
from flowloom_language.large_values import ref_of
from flowloom_sandboxkit.tasks import CodeResult, CodeTask
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.outside import FakeInternet, answer, fake_server
from orchestrator.adapters.file_values import FileValueStore
from orchestrator.adapters.postgres_values import PostgresValueStore
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.domain.large import taken_out
from orchestrator.ports.values import ValueStore
from orchestrator.testing.steps import FakeSandbox, step_parts
from orchestrator.testing.values import InMemoryValueStore
from orchestrator.testing.world import ACTOR, Stores, World, a_world, workflow
from orchestrator.usecases.read_values import (
    ValueInPartsError,
    ValueNotFoundError,
    read_part,
    read_value,
)

REF = "sha256:" + "0" * 64
TEXT = "content-type: text/plain\r\n"


@pytest.fixture(params=["memory", "postgres", "files"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ValueStore:
    if request.param == "memory":
        return InMemoryValueStore()
    if request.param == "postgres":
        database: Database = request.getfixturevalue("database")
        return PostgresValueStore(database)

    async def known(_: object) -> set[str]:
        return set()

    return FileValueStore(tmp_path / "values", known=known)


async def test_keeps_bodies_by_run_and_reference(store: ValueStore) -> None:
    mine, other = new_id(), new_id()
    body = bytes(range(256)) * 12_000
    for _ in range(2):
        await store.keep(mine, REF, body)
    assert (await store.load(mine, REF), await store.size(mine, REF)) == (body, len(body))
    assert (await store.load(other, REF), await store.size(other, REF)) == (None, None)
    for offset in (0, 5, 1024 * 1024, 1024 * 1024 + 7, len(body) - 3):
        assert await store.part(mine, REF, offset=offset, limit=100) == body[offset : offset + 100]
    assert await store.part(other, REF, offset=0, limit=10) is None
    await store.adopt(other, mine, [REF, "sha256:" + "1" * 64])
    assert await store.load(other, REF) == body
    assert await store.sweep() == 0


async def test_forgets_the_values_of_runs_that_are_gone(database: Database) -> None:
    store, run_id = PostgresValueStore(database), new_id()
    await store.keep(run_id, REF, b"1" * 3_000_000)
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "update orchestrator.run_values set created_at = created_at - interval '2 hours'"
        )
    assert await store.sweep() == 1
    assert await store.load(run_id, REF) is None


def test_takes_only_what_is_large() -> None:
    small: JsonValue = {"status": 200, "body": "x" * 1000}
    assert taken_out(small) == (small, ())
    lighter, [one] = taken_out({"status": 200, "body": "x" * 20_000})
    assert isinstance(lighter, dict) and lighter["status"] == 200
    assert ref_of(lighter["body"]) == one.ref
    assert one.body == orjson.dumps("x" * 20_000)
    whole, [items] = taken_out(["x" * 100] * 1000)
    assert (ref_of(whole), orjson.loads(items.body)) == (items.ref, ["x" * 100] * 1000)


@asynccontextmanager
async def a_world_with(stores: Stores, body: bytes) -> AsyncIterator[World]:
    async with fake_server(answer(200, body, TEXT)) as server:
        parts = step_parts(internet=FakeInternet({"http://big.example": server}), values=stores.values)
        async with a_world(stores, parts=parts) as world:
            yield world


async def carried_out(world: World, source: str) -> Run:
    run = await world.start(source)
    for _ in range(8):
        told = await world.advance(run)
        if told["finished"]:
            break
        for step in told["start"]:
            await world.run_local_step(run, step["step"], step["attempt"])
    return run


async def test_passes_a_large_answer_on_and_looks_into_it(stores: Stores) -> None:
    body = b"abc" * 10_000
    async with a_world_with(stores, body) as world:
        source = workflow(
            "s: {http: {method: GET, url: 'http://big.example/'}}",
            "t: {transform: {size: '${size(steps.s.output.body)}', status: '${steps.s.output.status}'}}",
            "u: {transform: '${steps.s.output.body}'}",
            rest="outputs: {size: '${steps.t.output.size}', whole: '${steps.u.output}'}",
        )
        run = await carried_out(world, source)
        ended = await world.get(run)
        assert ended.status is RunStatus.SUCCEEDED and ended.outputs is not None
        ref = ref_of(ended.outputs["whole"])
        assert (ended.outputs["size"], ref is not None) == (30_000, True)
        read = await read_value(
            ValueQuery(actor=ACTOR, run_id=run.id, ref=ref or ""), views=stores.views, values=stores.values
        )
        assert (read.value, read.size) == (body.decode(), 30_002)
        milestones = [one.body for one in await stores.outbox.milestones(run.id)]
        assert max(map(len, milestones)) < 10_000
        assert any(str(ref) in one for one in milestones)


async def test_keeps_what_a_step_computes(stores: Stores) -> None:
    async with a_world(stores, parts=step_parts(values=stores.values)) as world:
        source = workflow(
            "s: {transform: \"${range(2000).map(i, 'item number ' + string(i))}\"}",
            "t: {transform: '${steps.s.output[1999]}'}",
            rest="outputs: {last: '${steps.t.output}'}",
        )
        run = await carried_out(world, source)
        assert (await world.get(run)).outputs == {"last": "item number 1999"}
        assert (
            ref_of((await world.step(run, "s")).output) is not None or (await world.step(run, "s")).output_ref
        )


async def test_takes_a_10_megabyte_answer(stores: Stores) -> None:
    async with a_world_with(stores, b"y" * 10_000_000) as world:
        run = await carried_out(world, workflow("s: {http: {method: GET, url: 'http://big.example/'}}"))
        step = await world.step(run, "s")
        assert step.status is StepStatus.SUCCEEDED and isinstance(step.output, dict)
        large = step.output["body"]
        assert isinstance(large, dict) and large["size"] == 10_000_002


async def test_keeps_100_megabytes_without_growing(database: Database, postgres_stores: Stores) -> None:
    stores = postgres_stores
    async with a_world_with(stores, b"z" * 99_000_000) as world:
        source = workflow("s: {http: {method: GET, url: 'http://big.example/'}}")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        runs = [await carried_out(world, source) for _ in range(3)]
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        for run in runs:
            step = await world.step(run, "s")
            assert isinstance(step.output, dict) and isinstance(step.output["body"], dict)
            ref = str(step.output["body"]["$ref"])
            assert await stores.values.size(run.id, ref) == 99_000_002
        # One answer at a time: its bytes, its text and its JSON, besides what the allocator keeps.
        assert grown < 700_000
        part = await read_part(
            ValuePartQuery(actor=ACTOR, run_id=runs[0].id, ref=ref, offset=98_999_990),
            views=stores.views,
            values=stores.values,
        )
        assert (part.text, part.next_offset) == ("z" * 11 + '"', None)
        with pytest.raises(ValueInPartsError):
            await read_value(
                ValueQuery(actor=ACTOR, run_id=run.id, ref=ref), views=stores.views, values=stores.values
            )


async def test_refuses_what_nobody_keeps() -> None:
    def play(_: CodeTask) -> CodeResult:
        return CodeResult("x" * (MAX_VALUE_BYTES + 1))

    async with a_world(parts=step_parts(sandbox=FakeSandbox(play))) as world:
        run = await carried_out(world, workflow("s: {code: {source: '1'}}"))
        step = await world.step(run, "s")
        assert step.error is not None and step.error.code == "invalid_output"


async def test_reads_parts_between_characters() -> None:
    stores = Stores.in_memory()
    async with a_world(stores, parts=step_parts(values=stores.values)) as world:
        run = await world.start(workflow("s: {transform: 1}"))
        text = "aé€😀" * 50
        await stores.values.keep(run.id, REF, orjson.dumps(text))
        whole, offset = "", 0
        while True:
            query = ValuePartQuery(actor=ACTOR, run_id=run.id, ref=REF, offset=offset, limit=17)
            part = await read_part(query, views=stores.views, values=stores.values)
            whole += part.text
            if part.next_offset is None:
                break
            offset = part.next_offset
        assert orjson.loads(whole) == text


async def test_shows_values_only_to_their_workspace() -> None:
    stores = Stores.in_memory()
    async with a_world(stores, parts=step_parts(values=stores.values)) as world:
        run = await world.start(workflow("s: {transform: 1}"))
        await stores.values.keep(run.id, REF, b"1")
        stranger = ACTOR.model_copy(update={"workspace_id": "ws-2"})
        query = ValueQuery(actor=stranger, run_id=run.id, ref=REF)
        with pytest.raises(RunNotFoundError):
            await read_value(query, views=stores.views, values=stores.values)
        query = ValueQuery(actor=ACTOR, run_id=run.id, ref="sha256:" + "a" * 64)
        with pytest.raises(ValueNotFoundError):
            await read_value(query, views=stores.views, values=stores.values)
