"""Calls tools of MCP servers: only those that are agreed to, as they were agreed to, and so often."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.mcp import (
    CallMcpTool,
    CheckMcpServer,
    DescribeMcpTools,
    McpCalled,
    McpCheck,
    McpEndpoint,
    McpTool,
    McpToolCard,
    McpToolCards,
    name_parts,
)
from flowloom_contracts.step_fields import Effect
from flowloom_contracts.workflow_tools import WORKFLOW_PREFIX
from flowloom_modelkit.errors import CallStoppedError
from flowloom_modelkit.stop import StopSignal
from orchestrator.domain.mcp import (
    McpCallError,
    ensure_arguments,
    ensure_as_agreed,
    result_of,
    shortened,
)
from orchestrator.domain.mcp_programs import Program, ensure_named, tool_of
from orchestrator.domain.records import RunRecord
from orchestrator.domain.redaction import Redactor
from orchestrator.ports.mcp import McpServers, McpSessions, McpTally
from orchestrator.ports.runs import RunStore
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.held_steps import held_step
from orchestrator.usecases.stops import StopRegistry
from orchestrator.usecases.workflow_tools import WorkflowTools

FRESH_OFFER_S: Final = 60.0
"""How long a server's list of tools is believed before it is compared again with what was agreed to."""

CHECK_S: Final = 20.0


@dataclass(frozen=True)
class AgreedTool:
    """A tool that may be called, and where."""

    name: str
    tool: McpTool
    endpoint: McpEndpoint | Program

    @property
    def effect(self) -> Effect:
        """What a repeated call would do, as whoever agreed to it has said."""
        return self.tool.effect


class McpTools:
    """Calls for one process, whoever asks: a `tool` step of ours or a model of an agent."""

    def __init__(self, *, servers: McpServers, sessions: McpSessions, tally: McpTally) -> None:
        self._servers = servers
        self._sessions = sessions
        self.tally = tally

    async def find(self, workspace_id: str, name: str) -> AgreedTool:
        """Return a tool that is agreed to; raises McpCallError, and `UpstreamError` to be asked again."""
        parts = name_parts(name)
        if parts is None:
            raise McpCallError("invalid_input", f"{name[:80]!r} names no tool: write mcp/<server>.<tool>.")
        endpoint = await self._servers.find(workspace_id, parts[0])
        if isinstance(endpoint, Program):
            return AgreedTool(name, await self._described(workspace_id, endpoint, parts[1]), endpoint)
        if endpoint is None:
            raise McpCallError(
                "denied", f"The workspace has no MCP server {parts[0]!r}; an administrator can add it."
            )
        for kept in endpoint.tools:
            if kept.get("name") == parts[1]:
                return AgreedTool(name, McpTool.model_validate(kept), endpoint)
        raise McpCallError(
            "denied", f"Nobody has agreed to {name}: an administrator allows tools of the server one by one."
        )

    async def call(
        self, workspace_id: str, agreed: AgreedTool, arguments: JsonObject, *, key: str, timeout_s: float
    ) -> JsonValue:
        """Return the result of a call, without the credential that was sent.

        Raises McpCallError; `UpstreamError` only before anything was sent.
        """
        endpoint, name = agreed.endpoint, agreed.name
        ensure_arguments(agreed.tool, arguments, name=name)
        if isinstance(endpoint, McpEndpoint) and endpoint.missing_secret is not None:
            raise McpCallError(
                "auth", f"{name}: there is no secret {endpoint.missing_secret!r}; save it again."
            )
        wait = await self.tally.admit(workspace_id, endpoint.name, calls_per_minute=endpoint.calls_per_minute)
        if wait is not None:
            raise McpCallError(
                "rate_limit",
                f"{endpoint.name!r} is called {endpoint.calls_per_minute} times a minute at most; "
                f"there is room again in {wait:.0f} s.",
            )
        redactor = _redactor(endpoint)
        try:
            async with self._sessions.open(workspace_id, endpoint) as session:
                ensure_as_agreed(agreed.tool, await session.offer(fresh_s=FRESH_OFFER_S), name=name)
                answer = await session.call(
                    agreed.tool.name,
                    arguments,
                    effect=agreed.effect,
                    key=key,
                    timeout_s=min(timeout_s, endpoint.timeout_s),
                )
            return redactor.value(result_of(answer, name=name))
        except McpCallError as error:
            message = redactor.text(error.message)
            raise McpCallError(error.code, message, is_unknown=error.is_unknown) from None

    async def _described(self, workspace_id: str, program: Program, tool: str) -> McpTool:
        """Return a tool of the operator's file in the words of its program, which is started for them."""
        ensure_named(program, tool)
        async with self._sessions.open(workspace_id, program) as session:
            return tool_of(program, tool, await session.offer(fresh_s=FRESH_OFFER_S))

    async def check(self, request: CheckMcpServer) -> McpCheck:
        """Connect and list the tools; whatever goes wrong is the answer."""
        endpoint, began = McpEndpoint.model_validate(request.endpoint), time.monotonic()
        if endpoint.missing_secret is not None:
            return _failed(
                began, McpCallError("auth", f"There is no secret {endpoint.missing_secret!r}; save it.")
            )
        redactor = _redactor(endpoint)
        try:
            opened = self._sessions.open(request.workspace_id, endpoint)
            async with asyncio.timeout(CHECK_S), opened as session:
                offer = await session.offer(fresh_s=0)
                about = session.about()
        except TimeoutError:
            return _failed(began, McpCallError("timeout", f"No answer within {CHECK_S:g} s."))
        except McpCallError as error:
            return _failed(began, McpCallError(error.code, redactor.text(error.message)))
        return McpCheck(
            ok=True,
            duration_ms=_since(began),
            server=about["server"],
            protocol=about["protocol"],
            tools=list(offer.tools.values()),
            left_out=list(offer.left_out),
        )


@dataclass(frozen=True)
class AgentCalls:
    """Tools of MCP servers, and workflows, for models of agents, which may use what their step names only."""

    tools: McpTools
    gate: RunGate
    runs: RunStore
    stops: StopRegistry
    workflows: WorkflowTools

    async def describe(self, request: DescribeMcpTools) -> McpToolCards:
        """Return the tools in the words that were agreed to; raises StepNotHeldError."""
        record = await self._held(request)
        cards: list[McpToolCard] = []
        try:
            for name in request.names:
                _ensure_named(record, request.step, name)
                if name.startswith(WORKFLOW_PREFIX):
                    cards.append(await self.workflows.describe(record, name))
                else:
                    cards.append(_card(await self.tools.find(record.workspace_id, name)))
        except McpCallError as error:
            return McpToolCards(refused=error.message)
        return McpToolCards(items=cards)

    async def call(self, request: CallMcpTool) -> McpCalled:
        """Make a call that the agent has announced; raises StepNotHeldError.

        Sidecars repeat what had no answer. A call that must happen once is sent for its first asking only.
        """
        record = await self._held(request)
        try:
            _ensure_named(record, request.step, request.name)
            if request.name.startswith(WORKFLOW_PREFIX):
                return await self.workflows.call(record, request)
            agreed = await self.tools.find(record.workspace_id, request.name)
            sending = "\n".join((request.run_id, request.step, str(request.exec), request.effect_key))
            if agreed.effect == "once" and not await self.tools.tally.first(sending):
                return McpCalled(outcome="uncertain", message="It was sent before, and its answer was lost.")
            with self.stops.watching(request.run_id) as stop:
                result = await self._made(record, agreed, request, stop)
        except McpCallError as error:
            return _called(error)
        return McpCalled(outcome="done", result=shortened(result))

    async def _made(
        self, record: RunRecord, agreed: AgreedTool, request: CallMcpTool, stop: StopSignal
    ) -> JsonValue:
        try:
            with stop.interrupting():
                return await self.tools.call(
                    record.workspace_id,
                    agreed,
                    request.arguments,
                    key=request.effect_key,
                    timeout_s=agreed.endpoint.timeout_s,
                )
        except CallStoppedError as error:
            raise McpCallError("cancelled", "The run was stopped.", is_unknown=True) from error

    async def _held(self, request: DescribeMcpTools | CallMcpTool) -> RunRecord:
        """Return the run of a step that the asking worker carries out."""
        return await held_step(request.run_id, request.step, request.exec, gate=self.gate, runs=self.runs)


def named_tools(record: RunRecord, path: str) -> Sequence[str]:
    """Return the tools that a step of an agent names itself, or its agent in the document."""
    step = record.plan.at(path).step
    own = getattr(step, "tools", None)
    if own is not None:
        return list(own)
    agent = record.plan.agents.get(str(getattr(step, "agent", "")))
    return [] if agent is None else list(agent.tools or [])


def _ensure_named(record: RunRecord, path: str, name: str) -> None:
    if name not in named_tools(record, path):
        raise McpCallError("denied", f"The step does not name {name[:80]!r} among its tools.")


def _card(agreed: AgreedTool) -> McpToolCard:
    return McpToolCard(
        name=agreed.name,
        effect=agreed.effect,
        description=agreed.tool.description,
        input_schema=agreed.tool.input_schema,
        timeout_s=agreed.endpoint.timeout_s,
    )


def _called(error: McpCallError) -> McpCalled:
    outcome = "uncertain" if error.is_unknown else "failed"
    return McpCalled(outcome=outcome, code=error.code, message=error.message)


def _redactor(endpoint: McpEndpoint | Program) -> Redactor:
    """Take out what was sent, with the word before it and without."""
    if isinstance(endpoint, Program):
        return Redactor(endpoint.secrets)
    values = dict[str, str]()
    for name, value in endpoint.headers.items():
        whole = value.get_secret_value()
        values |= {name: whole.partition(" ")[2] or whole, name.lower(): whole}
    return Redactor(values)


def _failed(began: float, error: McpCallError) -> McpCheck:
    return McpCheck(ok=False, duration_ms=_since(began), code=error.code, message=error.message)


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1_000)
