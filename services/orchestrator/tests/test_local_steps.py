"""`http`, `tool` and `code` steps: what they send and give, how they fail, and what they never repeat."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Run, RunStatus, StepRun, StepStatus
from flowloom_sandboxkit.errors import CodeError, CodeTimeoutError
from flowloom_sandboxkit.tasks import CodeResult, CodeTask
from flowloom_servicekit.testing.outside import FakeInternet, FakeServer, Reply, answer, fake_server
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.execution import EndOfAttempt, Grant, StepPlace
from orchestrator.testing.steps import FakeMemory, FakeSandbox, FakeVault, step_parts
from orchestrator.testing.world import Stores, World, a_world, workflow
from orchestrator.usecases.gate import RunGate

JSON = "content-type: application/json\r\n"
CRM = "http://crm.example"


@asynccontextmanager
async def a_crm(*replies: Reply) -> AsyncIterator[tuple[FakeServer, World]]:
    """Give a server that plays the CRM, and a world that reaches it."""
    async with fake_server(*replies) as crm:
        parts = step_parts(internet=FakeInternet({CRM: crm}))
        async with a_world(parts=parts) as world:
            yield crm, world


async def carried_out(world: World, source: str, *, inputs: JsonObject | None = None) -> Run:
    """Start a run and carry out whatever the driver would."""
    run = await world.start(source, inputs=inputs)
    for _ in range(12):
        told = await world.advance(run)
        if told["finished"]:
            break
        for step in told["start"]:
            await world.run_local_step(run, step["step"], step["attempt"])
    return run


async def outcome(world: World, source: str, step: str = "s") -> StepRun:
    return await world.step(await carried_out(world, source), step)


def http(fields: str, more: str = "") -> str:
    return workflow(f"s: {{http: {{{fields}}}{more}}}")


def heads(server: FakeServer) -> list[str]:
    return [request.partition(b"\r\n\r\n")[0].decode().lower() for request in server.requests]


async def test_sends_a_request_and_gives_its_answer(stores: Stores) -> None:
    reply = answer(201, b'{"id": 7}', JSON)
    async with fake_server(reply) as crm:
        parts = step_parts(internet=FakeInternet({CRM: crm}), values=stores.values)
        async with a_world(stores, parts=parts) as world:
            source = http(
                "method: POST, url: 'http://crm.example/briefs', query: {tag: [a, b]},"
                " headers: {X-Team: growth}, body: {text: hello}"
            )
            step = await outcome(world, source)
            assert step.status is StepStatus.SUCCEEDED
            assert isinstance(step.output, dict)
            assert (step.output["status"], step.output["body"]) == (201, {"id": 7})
            assert step.output["headers"]["content-type"] == "application/json"  # type: ignore[index, call-overload]  # an object
        [head] = heads(crm)
        assert head.startswith("post /briefs?tag=a&tag=b http/1.1")
        assert "x-team: growth" in head and "idempotency-key: " in head
        assert crm.requests[0].endswith(b'{"text":"hello"}')


@pytest.mark.parametrize(
    ("status", "expect", "code"),
    [(404, "200-299", "404"), (503, "2xx", "503"), (200, "[201, 204]", "200"), (302, "200", "302")],
)
async def test_fails_with_the_status_that_was_not_expected(status: int, expect: str, code: str) -> None:
    async with a_crm(answer(status, b"sorry", "content-type: text/plain\r\n")) as (_, world):
        step = await outcome(world, http(f"method: GET, url: 'http://crm.example/', expect: {expect}"))
        assert step.error is not None
        assert (step.error.code, "sorry" in step.error.message) == (code, True)


@pytest.mark.parametrize(
    ("reply", "parse", "code"),
    [
        (b"", "auto", "upstream"),
        (b"no http at all\r\n\r\n", "auto", "upstream"),
        (answer(200, b"{broken", JSON), "json", "invalid_output"),
    ],
)
async def test_tells_failures_of_the_other_side_apart(reply: Reply, parse: str, code: str) -> None:
    async def hang_up(writer: object) -> None:
        raise ConnectionResetError

    async with a_crm(reply or hang_up) as (_, world):
        step = await outcome(world, http(f"method: GET, url: 'http://crm.example/', parse: {parse}"))
        assert step.error is not None and step.error.code == code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "denied"),
        ("http://169.254.169.254/latest", "denied"),
        ("http://crm.example:22/", "denied"),
    ],
)
async def test_calls_no_address_that_may_not_be_called(url: str, code: str) -> None:
    async with a_world() as world:
        step = await outcome(world, http(f"method: GET, url: '{url}'"))
        assert step.error is not None and step.error.code == code


async def test_gives_up_at_its_timeout() -> None:
    async def silent(_: object) -> None:
        await world_has_ended.wait()

    world_has_ended = asyncio.Event()
    async with a_crm(silent) as (_, world):
        step = await outcome(world, http("method: GET, url: 'http://crm.example/'", ", timeout: 300ms"))
        assert step.error is not None and step.error.code == "timeout"
        run = await carried_out(world, http("method: POST, url: 'http://crm.example/'", ", timeout: 300ms"))
        asked = await world.step(run, "s")
        assert (asked.status, asked.error and asked.error.code) == (StepStatus.WAITING, "uncertain")
        world_has_ended.set()


async def test_does_not_repeat_what_may_have_happened() -> None:
    async def hang_up(_: object) -> None:
        raise ConnectionResetError

    async with a_crm(hang_up) as (crm, world):
        retry = ", retry: {max: 3, first: 1ms}"
        run = await carried_out(world, http("method: POST, url: 'http://crm.example/'", retry))
        assert await world.status(run) is RunStatus.WAITING
        assert len(crm.requests) == 1


async def test_repeats_what_never_left() -> None:
    async with a_world(parts=step_parts(internet=FakeInternet())) as world:
        run = await carried_out(
            world, http("method: POST, url: 'http://crm.example/'", ", retry: {max: 1, first: 1ms}")
        )
        step = await world.step(run, "s")
        assert step.error is not None and step.error.code == "upstream"


async def test_sends_the_same_key_in_each_attempt() -> None:
    async with a_crm(answer(500), answer(200)) as (crm, world):
        more = ", effect: idempotent, retry: {max: 2, first: 1ms, jitter: false}"
        run = await carried_out(world, http("method: POST, url: 'http://crm.example/'", more))

        async def is_done() -> bool:
            told = await world.advance(run)
            for step in told["start"]:
                await world.run_local_step(run, step["step"], step["attempt"])
            return await world.status(run) is RunStatus.SUCCEEDED

        await wait_until(is_done)
        keys = {
            line for head in heads(crm) for line in head.split("\r\n") if line.startswith("idempotency-key")
        }
        assert (len(crm.requests), len(keys)) == (2, 1)


async def test_sends_the_key_that_the_step_names() -> None:
    async with a_crm(answer(200)) as (crm, world):
        await carried_out(
            world, http("method: POST, url: 'http://crm.example/'", ", idempotency_key: 'order-1'")
        )
        assert "idempotency-key: order-1" in heads(crm)[0]


async def test_opens_secrets_only_for_the_request_and_tells_nobody(stores: Stores) -> None:
    token = 's3cr3t "token"'
    echo = answer(200, json.dumps({"you_sent": f"Bearer {token}", token: [token]}).encode(), JSON)
    async with fake_server(echo) as crm:
        vault = FakeVault({"crm_token": token})
        parts = step_parts(internet=FakeInternet({CRM: crm}), vault=vault, values=stores.values)
        async with a_world(stores, parts=parts) as world:
            source = workflow(
                "s: {http: {method: GET, url: 'http://crm.example/',"
                " headers: {Authorization: 'Bearer ${secrets.crm_token}'}}}",
                rest="secrets: [crm_token]\noutputs: {body: '${steps.s.output.body}'}",
            )
            run = await carried_out(world, source)
            assert f"authorization: bearer {token}" in heads(crm)[0]
            hidden = "[secret:crm_token]"
            assert (await world.get(run)).outputs == {
                "body": {"you_sent": f"Bearer {hidden}", hidden: [hidden]}
            }
            told = [milestone.body for milestone in await stores.outbox.milestones(run.id)]
            assert not any("s3cr3t" in one for one in told)
    assert vault.opened == [("ws-1", "s", ("crm_token",))]


async def test_names_a_secret_that_is_not_there() -> None:
    async with a_world() as world:
        source = workflow(
            "s: {http: {method: GET, url: 'http://crm.example/', headers: {A: '${secrets.crm_token}'}}}",
            rest="secrets: [crm_token]",
        )
        step = await outcome(world, source)
        assert step.error is not None
        assert (step.error.code, "'crm_token'" in step.error.message) == ("invalid_input", True)


async def test_replays_a_journaled_request_after_a_crash(stores: Stores) -> None:
    async with fake_server(answer(200, b"once", "content-type: text/plain\r\n")) as crm:
        parts = step_parts(internet=FakeInternet({CRM: crm}), values=stores.values)
        source = workflow(
            "s: {http: {method: POST, url: 'http://crm.example/'}}",
            "t: {agent: research, prompt: Hi}",
        )
        async with a_world(stores, parts=parts) as first:
            run = await first.start(source)
            told = await first.advance(run)
            first.gate.change = None  # type: ignore[assignment, method-assign]  # it dies before the end is stored
            with pytest.raises(TypeError):
                await _run_claimed(first, run, told["start"][0]["step"])
        async with a_world(stores, parts=parts, boot_id="boot-2") as second:
            await second.run_local_step(run, "s")
            step = await second.step(run, "s")
            assert step.status is StepStatus.SUCCEEDED and isinstance(step.output, dict)
            assert step.output["body"] == "once"
        assert len(crm.requests) == 1


async def _run_claimed(world: World, run: Run, step: str) -> None:
    change = RunGate.change
    world.gate.change = lambda *given, **named: change(world.gate, *given, **named)  # type: ignore[method-assign]  # it lives once more
    claim = await world.claim(run, step, worker="orchestrator", boot="boot-1")

    async def die(_: EndOfAttempt) -> None:
        raise TypeError("the process has died")

    await world.runner.run(StepPlace(run.id, step, 1), Grant.of(claim), finish=die, is_first=False)  # type: ignore[arg-type]  # it never answers


async def test_keeps_and_finds_notes(stores: Stores) -> None:
    memory = FakeMemory()
    async with a_world(stores, parts=step_parts(memory=memory, values=stores.values)) as world:
        source = workflow(
            "keep: {tool: memory.store, with: {text: a fact, collection: facts}}",
            "found: {needs: [keep], tool: memory.search, with: {query: fact, collection: facts, top: 3}}",
            rest="outputs: {found: '${steps.found.output}'}",
        )
        run = await carried_out(world, source)
        assert (await world.get(run)).outputs == {"found": ["a fact"]}
        assert [(one.run_id, one.step, one.agent) for one in memory.origins] == [(run.id, "keep", None)]


async def test_runs_a_program_with_its_names(stores: Stores) -> None:
    def play(task: CodeTask) -> CodeResult:
        return CodeResult({"saw": task.inputs}, "printed\n")

    sandbox = FakeSandbox(play)
    async with a_world(stores, parts=step_parts(sandbox=sandbox, values=stores.values)) as world:
        step = await outcome(world, workflow("s: {code: {source: 'n * 2', with: {n: 4}}, timeout: 7s}"))
        assert step.output == {"saw": {"n": 4}}
        assert (sandbox.tasks[0].source, sandbox.tasks[0].time_s) == ("n * 2", 7)


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (CodeError("ZeroDivisionError", line=3), "code_error", "Line 3"),
        (CodeTimeoutError("late"), "timeout", "late"),
    ],
)
async def test_says_where_a_program_fails(error: Exception, code: str, told: str) -> None:
    def play(_: CodeTask) -> CodeResult:
        raise error

    async with a_world(parts=step_parts(sandbox=FakeSandbox(play))) as world:
        step = await outcome(world, workflow("s: {code: {source: '1 / 0'}}"))
        assert step.error is not None
        assert step.error.code == code and told in step.error.message
