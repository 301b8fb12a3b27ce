"""Chooses the real parts of an agent process; the only place that names them."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog

from flowloom_agentkit.crew.runner import CrewRunner
from flowloom_agentkit.definition import AgentDefinition
from flowloom_agentkit.execution import AgentParts
from flowloom_agentkit.files import InvokedFiles
from flowloom_agentkit.guards import Guard
from flowloom_agentkit.knowledge import InvokedKnowledge
from flowloom_agentkit.mcp import InvokedMcpTools
from flowloom_agentkit.memory import InvokedMemory
from flowloom_agentkit.orchestrator import InvokedOrchestrator
from flowloom_agentkit.presence import Presence
from flowloom_agentkit.programs import SandboxedPrograms
from flowloom_agentkit.reach import OnBehalf
from flowloom_agentkit.settings import AgentSettings
from flowloom_agentkit.tools import AgentMemory, AgentTool
from flowloom_agentkit.warmth import WarmUpChannel
from flowloom_agentkit.web import GuardedWeb
from flowloom_agentkit.worker import StepWorker
from flowloom_contracts.topics import EngineName, agent_app_id
from flowloom_modelkit.endpoint import model_client
from flowloom_modelkit.journal import InvokedCallJournal, StepRef
from flowloom_modelkit.openai_api import OpenAICaller
from flowloom_modelkit.prices import CallCosts
from flowloom_modelkit.workspace_models import WorkspaceModels, asked_of
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.control import ControlChannel
from flowloom_servicekit.dapr.invoke import Invoker, ServiceInvoker
from flowloom_servicekit.dapr.publish import EventPublisher
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.dapr.workflows import EngineUnavailableError, WorkflowEngine
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.mandates import MandateBook
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.gate import allowed_origins
from flowloom_servicekit.outbound.targets import origin
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.streams.writer import StreamWriter

log = structlog.get_logger(__name__)

ENGINE_RETRY_S: Final = 1.0
WEB_CONNECTIONS: Final = 16


@dataclass
class Agent:
    """A running agent."""

    worker: StepWorker
    engine: WorkflowEngine
    runner: CrewRunner
    control: ControlChannel
    warmth: WarmUpChannel
    preload: bool
    connected: bool = False
    presence: Presence | None = None

    def missing(self) -> list[str]:
        """Return what keeps the agent from taking steps."""
        return [] if self.connected else ["the workflow engine is not connected"]

    def background(self) -> list[Coroutine[Any, Any, None]]:
        """Return what runs beside the application for as long as it runs."""
        if self.preload:
            self.runner.warm_up()
        telling = [self.presence.run()] if self.presence else []
        return [self._connect(), self._obey(), self.warmth.listen(self.runner.warm_up), *telling]

    async def _connect(self) -> None:
        """Connect the worker; the sidecar is ready only after the application listens."""
        while not self.connected:
            try:
                await self.engine.start()
                self.connected = True
            except EngineUnavailableError as error:
                log.warning("the workflow engine is not there yet", error=str(error))
                await asyncio.sleep(ENGINE_RETRY_S)

    async def _obey(self) -> None:
        async for run_id in self.control.listen():
            self.worker.stop_run(run_id)


async def build(
    definition: AgentDefinition,
    tools: Sequence[AgentTool],
    settings: AgentSettings,
    guard: Guard | None = None,
    *,
    identity: ServiceIdentity,
    stack: AsyncExitStack,
) -> Agent:
    """Return the agent with its real parts; the stack closes them."""
    redis_url = settings.redis_url.get_secret_value()
    sidecar = await stack.enter_async_context(Sidecar(settings))
    client = await stack.enter_async_context(model_client(settings))
    redis = connect_redis(redis_url)
    control, warmth = ControlChannel(redis_url), WarmUpChannel(redis_url)
    for close in (redis.aclose, control.close, warmth.close):
        stack.push_async_callback(close)
    runner = CrewRunner(definition, settings.home / "crewai" / definition.name, max_crews=settings.max_crews)
    stack.callback(runner.close)
    (invoker, orchestrator), platform = _platform(sidecar, identity), OpenAICaller(client, settings)
    models = WorkspaceModels(asked_of(invoker), settings, platform, allow=settings.outbound_origins)
    stack.push_async_callback(models.aclose)
    parts = AgentParts(
        definition=definition,
        tools=tuple(tools),
        guard=guard,
        runner=runner,
        orchestrator=orchestrator,
        journal=InvokedCallJournal(invoker),
        model=platform,
        models=models,
        writer=StreamWriter(redis),
        memory_of=partial(_memory_of, invoker),
        knowledge_of=partial(InvokedKnowledge, invoker),
        web=await _web(settings, stack),
        files_of=partial(InvokedFiles, invoker),
        mcp_of=partial(InvokedMcpTools, invoker),
        programs=_programs(stack),
        clock=SystemClock(),
        announce=warmth.announce,
        context_tokens=settings.model_context_tokens,
        calls_tools=settings.model_calls_tools,
        costs=CallCosts.of(settings),
    )
    worker = StepWorker(parts, name=f"{agent_app_id(definition.name)}-{settings.instance}")
    engine = WorkflowEngine(settings)
    engine.register_activity(worker.run_step, name=EngineName.RUN_STEP)
    agent = Agent(worker, engine, runner, control, warmth, settings.preload)
    agent.presence = _presence(agent, definition, settings.instance, sidecar)
    return agent


def _platform(sidecar: Sidecar, identity: ServiceIdentity) -> tuple[ServiceInvoker, InvokedOrchestrator]:
    """Return how the other services are asked; what comes with a step is what they are shown."""
    mandates = MandateBook()
    invoker = ServiceInvoker(sidecar, identity, mandates)
    return invoker, InvokedOrchestrator(invoker, mandates)


def _memory_of(invoker: Invoker, behalf: OnBehalf, step: StepRef) -> AgentMemory:
    return InvokedMemory(invoker, behalf, origin={"run_id": step.run_id, "step": step.step})


def _programs(stack: AsyncExitStack) -> SandboxedPrograms:
    programs = SandboxedPrograms()
    stack.push_async_callback(programs.stop)
    return programs


async def _web(settings: AgentSettings, stack: AsyncExitStack) -> GuardedWeb:
    """Return the web of the tools; what the operator allows workflows to call is not in it."""
    allowed = allowed_origins(settings.web_allow)
    client = await stack.enter_async_context(OutboundClient(allow=allowed, max_connections=WEB_CONNECTIONS))
    if not settings.web_search_url:
        return GuardedWeb(client)
    searched = {origin(settings.web_search_url)}
    engine = await stack.enter_async_context(OutboundClient(allow=searched, max_connections=WEB_CONNECTIONS))
    return GuardedWeb(client, engine=engine, engine_url=settings.web_search_url)


def _presence(agent: Agent, definition: AgentDefinition, instance: str, sidecar: Sidecar) -> Presence:
    return Presence(
        definition,
        instance=instance,
        running=lambda: agent.worker.running,
        missing=agent.missing,
        bus=EventPublisher(sidecar, agent_app_id(definition.name)),
        clock=SystemClock(),
    )
