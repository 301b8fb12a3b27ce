"""Steps and agents that call tools of MCP servers: journaled, never repeated where that would do harm."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.mcp import CallMcpTool, DescribeMcpTools, McpEndpoint
from flowloom_contracts.runs import Run, RunStatus, StepStatus
from flowloom_contracts.step_fields import Effect
from flowloom_servicekit.testing.outside import FakeInternet, FakeServer, Reply, answer, fake_server
from orchestrator.domain.files import StepNotHeldError
from orchestrator.domain.mcp import offer_of
from orchestrator.testing.mcp import agreed_to, an_endpoint
from orchestrator.testing.steps import FakeVault, step_parts
from orchestrator.testing.world import Stores, World, a_world, workflow

JSON = "content-type: application/json\r\n"
ORIGIN = "https://tools.example"
SECRET = "canary-of-a-person-77c1"
SEND: JsonObject = {
    "name": "send",
    "description": "Send a text.",
    "inputSchema": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
}
NOTED = answer(202)
HANGS_UP = b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"


def said(result: JsonObject, number: int) -> bytes:
    return answer(200, json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode(), JSON)


HELLO = said({"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {}}, 2)
BEGIN = (HELLO, NOTED, said({"tools": [SEND]}, 1))


def sent(text: str, number: int = 3) -> bytes:
    return said({"content": [{"type": "text", "text": text}]}, number)


def endpoint(effect: Effect = "once", **more: object) -> McpEndpoint:
    return an_endpoint(f"{ORIGIN}/mcp", agreed_to(offer_of([SEND]).tools.values(), effect), **more)  # type: ignore[arg-type]  # fields by name


@asynccontextmanager
async def a_server(
    *replies: Reply, effect: Effect = "once", stores: Stores | None = None, **more: object
) -> AsyncIterator[tuple[FakeServer, World]]:
    """Give a server `crm` with the tool `send`, and a world that reaches it."""
    async with fake_server(*replies) as server:
        parts = step_parts(
            internet=FakeInternet({ORIGIN: server}),
            mcp=[endpoint(effect, **more)],
            vault=FakeVault({"token": SECRET}),
            **({"values": stores.values} if stores else {}),
        )
        async with a_world(stores, parts=parts) as world:
            yield server, world


async def carried_out(world: World, source: str) -> Run:
    """Start a run and carry out whatever the driver would."""
    run = await world.start(source)
    for _ in range(12):
        told = await world.advance(run)
        if told["finished"]:
            break
        for step in told["start"]:
            await world.run_local_step(run, step["step"], step["attempt"])
    return run


def calls(server: FakeServer) -> list[JsonObject]:
    """Return the parameters of every call that the server was asked to make."""
    bodies = [json.loads(request.partition(b"\r\n\r\n")[2] or b"{}") for request in server.requests]
    return [body["params"] for body in bodies if body.get("method") == "tools/call"]


STEP = "s: {tool: mcp/crm.send, with: {text: hello}}"


async def test_a_step_gives_what_its_tool_gives(stores: Stores) -> None:
    async with a_server(*BEGIN, sent("done"), stores=stores) as (server, world):
        run = await carried_out(world, workflow(STEP))
        step = await world.step(run, "s")
        assert (step.status, step.output) == (StepStatus.SUCCEEDED, "done")
        (call,) = calls(server)
        assert (call["name"], call["arguments"]) == ("send", {"text": "hello"})
        assert b"idempotency-key: " in server.requests[-1].lower()
        events = [event for event in (await world.events(run)).items if event.type == "tool.called.v1"]
        assert [event.data.name for event in events] == ["mcp/crm.send"]


async def test_a_secret_goes_to_the_tool_and_does_not_come_back() -> None:
    source = workflow(
        "s: {tool: mcp/crm.send, with: {text: 'key ${secrets.token}'}}", rest="secrets: [token]"
    )
    async with a_server(*BEGIN, sent(f"you said key {SECRET}")) as (server, world):
        step = await world.step(await carried_out(world, source), "s")
        assert step.output == "you said key [secret:token]"
        assert calls(server)[0]["arguments"] == {"text": f"key {SECRET}"}


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("s: {tool: mcp/crm.send, with: {text: 7}}", "invalid_input"),
        ("s: {tool: mcp/crm.send}", "invalid_input"),
        ("s: {tool: mcp/crm.drop, with: {}}", "denied"),
        ("s: {tool: mcp/other.send, with: {text: x}}", "denied"),
    ],
)
async def test_a_step_says_why_its_tool_was_not_called(step: str, code: str) -> None:
    async with a_server(*BEGIN) as (server, world):
        done = await world.step(await carried_out(world, workflow(step)), "s")
        assert done.error is not None and done.error.code == code
        assert calls(server) == []


async def test_a_tool_that_says_that_it_failed_fails_the_step() -> None:
    failed = said({"content": [{"type": "text", "text": "no such customer"}], "isError": True}, 3)
    async with a_server(*BEGIN, failed) as (_, world):
        done = await world.step(await carried_out(world, workflow(STEP)), "s")
        assert done.error is not None and done.error.code == "upstream"
        assert "no such customer" in done.error.message


@pytest.mark.parametrize(("effect", "asks"), [("once", True), ("idempotent", False), ("none", False)])
async def test_a_person_is_asked_where_a_call_must_happen_once_and_its_answer_was_lost(
    effect: Effect, asks: bool
) -> None:
    async with a_server(*BEGIN, HANGS_UP, effect=effect, timeout_s=1) as (server, world):
        run = await carried_out(world, workflow(STEP))
        assert len(calls(server)) == 1
        step = await world.step(run, "s")
        if asks:
            assert (await world.status(run), step.status) == (RunStatus.WAITING, StepStatus.WAITING)
        else:
            assert step.error is not None and step.error.code in ("timeout", "upstream")


AGENT = "s: {agent: qa, prompt: x, tools: [memory.search, mcp/crm.send]}"


class Claimed:
    """A step of an agent, and what the agent asks for it."""

    def __init__(self, world: World, run: Run, exec: int) -> None:
        self.world, self.run, self.exec = world, run, exec
        self.agents = world.agent_calls()

    async def describe(self, *names: str, exec: int | None = None) -> tuple[list[str], str | None]:
        request = DescribeMcpTools(
            run_id=self.run.id, step="s", exec=exec or self.exec, names=list(names or ["mcp/crm.send"])
        )
        found = await self.agents.describe(request)
        return [card.description for card in found.items], found.refused

    async def call(
        self, name: str = "mcp/crm.send", arguments: JsonObject | None = None, *, key: str = "key-1"
    ) -> tuple[str, JsonValue, str | None]:
        request = CallMcpTool(
            run_id=self.run.id,
            step="s",
            exec=self.exec,
            name=name,
            arguments={"text": "hi"} if arguments is None else arguments,
            effect_key=key,
        )
        called = await self.agents.call(request)
        return called.outcome, called.result, called.code


async def claimed(world: World, step: str = AGENT) -> Claimed:
    run = await world.start(workflow(step))
    await world.advance(run)
    return Claimed(world, run, (await world.claim(run, "s")).exec or 0)


async def test_an_agent_uses_what_its_step_names_and_nothing_else() -> None:
    async with a_server(*BEGIN, sent("done")) as (server, world):
        agent = await claimed(world)
        assert await agent.describe() == (["Send a text."], None)
        _, refused = await agent.describe("mcp/crm.drop")
        assert refused is not None and "does not name" in refused
        assert await agent.call() == ("done", "done", None)
        assert await agent.call("mcp/crm.drop") == ("failed", None, "denied")
        assert await agent.call(arguments={"text": 7}, key="key-2") == ("failed", None, "invalid_input")
        assert len(calls(server)) == 1
        with pytest.raises(StepNotHeldError):
            await agent.describe(exec=agent.exec + 1)
        agent.exec += 1
        with pytest.raises(StepNotHeldError):
            await agent.call()


async def test_a_step_without_tools_reaches_none() -> None:
    async with a_server(*BEGIN) as (server, world):
        agent = await claimed(world, "s: {agent: qa, prompt: x}")
        _, refused = await agent.describe()
        assert refused is not None
        assert await agent.call() == ("failed", None, "denied")
        assert server.requests == []


async def test_a_sidecar_that_repeats_a_call_sends_it_once() -> None:
    async with a_server(*BEGIN, sent("done")) as (server, world):
        agent = await claimed(world)
        assert (await agent.call())[0] == "done"
        assert (await agent.call())[0] == "uncertain"
        assert len(calls(server)) == 1
    async with a_server(*BEGIN, sent("done"), sent("done", 4), effect="idempotent") as (server, world):
        agent = await claimed(world)
        assert [(await agent.call())[0], (await agent.call())[0]] == ["done", "done"]
        first, second = calls(server)
        assert first["_meta"] == second["_meta"]


async def test_an_agent_is_told_when_nobody_knows() -> None:
    async with a_server(*BEGIN, HANGS_UP, timeout_s=1) as (_, world):
        outcome, _, code = await (await claimed(world)).call()
        assert (outcome, code in ("timeout", "upstream")) == ("uncertain", True)


async def test_an_agent_s_model_is_shown_a_bounded_result() -> None:
    async with a_server(*BEGIN, sent("x" * 200_000)) as (_, world):
        _, result, _ = await (await claimed(world)).call()
        assert isinstance(result, dict) and len(str(result)) < 70_000
