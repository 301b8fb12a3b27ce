"""Chooses the real parts of an agent process; the only place that names them."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Final

import structlog

from flowloom_agentkit.crew.runner import CrewRunner
from flowloom_agentkit.definition import AgentDefinition
from flowloom_agentkit.execution import AgentParts
from flowloom_agentkit.memory import InvokedMemory
from flowloom_agentkit.orchestrator import InvokedOrchestrator
from flowloom_agentkit.settings import AgentSettings
from flowloom_agentkit.tools import AgentMemory, AgentTool
from flowloom_agentkit.warmth import WarmUpChannel
from flowloom_agentkit.worker import StepWorker
from flowloom_contracts.topics import EngineName, agent_app_id
from flowloom_modelkit.endpoint import model_client
from flowloom_modelkit.journal import InvokedCallJournal, StepRef
from flowloom_modelkit.openai_api import OpenAICaller
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.control import ControlChannel
from flowloom_servicekit.dapr.invoke import ServiceInvoker
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.dapr.workflows import EngineUnavailableError, WorkflowEngine
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.streams.writer import StreamWriter

log = structlog.get_logger(__name__)

ENGINE_RETRY_S: Final = 1.0


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

    def missing(self) -> list[str]:
        """Return what keeps the agent from taking steps."""
        return [] if self.connected else ["the workflow engine is not connected"]

    def background(self) -> list[Coroutine[Any, Any, None]]:
        """Return what runs beside the application for as long as it runs."""
        if self.preload:
            self.runner.warm_up()
        return [self._connect(), self._obey(), self.warmth.listen(self.runner.warm_up)]

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
    invoker = ServiceInvoker(sidecar, identity)

    def memory_of(workspace_id: str, step: StepRef) -> AgentMemory:
        return InvokedMemory(invoker, workspace_id, origin={"run_id": step.run_id, "step": step.step})

    parts = AgentParts(
        definition=definition,
        tools=tuple(tools),
        runner=runner,
        orchestrator=InvokedOrchestrator(invoker),
        journal=InvokedCallJournal(invoker),
        model=OpenAICaller(client, settings),
        writer=StreamWriter(redis),
        memory_of=memory_of,
        clock=SystemClock(),
        announce=warmth.announce,
        context_tokens=settings.model_context_tokens,
        calls_tools=settings.model_calls_tools,
    )
    worker = StepWorker(parts, name=f"{agent_app_id(definition.name)}-{settings.instance}")
    engine = WorkflowEngine(settings)
    engine.register_activity(worker.run_step, name=EngineName.RUN_STEP)
    return Agent(worker, engine, runner, control, warmth, settings.preload)
