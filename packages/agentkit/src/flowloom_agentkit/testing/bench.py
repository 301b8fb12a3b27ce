"""A worker with everything around it in memory: for tests of how steps are carried out."""

import asyncio
from collections.abc import Iterable

from flowloom_agentkit.definition import AgentDefinition
from flowloom_agentkit.execution import AgentParts
from flowloom_agentkit.guards import Guard
from flowloom_agentkit.memory_tools import search_memory, store_note
from flowloom_agentkit.ports import StepRunner
from flowloom_agentkit.reach import OnBehalf
from flowloom_agentkit.scripted import ScriptedRunner
from flowloom_agentkit.testing.files import InMemoryFiles, NoPrograms
from flowloom_agentkit.testing.mcp import PlayedMcpTools
from flowloom_agentkit.testing.memory import InMemoryNotes
from flowloom_agentkit.testing.orchestrator import InMemoryOrchestrator, Judge
from flowloom_agentkit.testing.reach import InMemoryKnowledge, InMemoryWeb
from flowloom_agentkit.tools import AgentTool
from flowloom_agentkit.worker import StepWorker
from flowloom_contracts.agents import StepTask
from flowloom_contracts.base import JsonObject
from flowloom_modelkit.ports import ModelCaller, OnDelta
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.streams import InMemoryStreams

WRITER = AgentDefinition(
    name="research", role="Analyst", goal="Find", tools=["memory.search", "memory.store"]
)
STEP: JsonObject = {"run_id": "r1", "step": "plan", "attempt": 1}


class HangingModel:
    """Says one word and then nothing until it is stopped."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.stopped: list[str | None] = []

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        on_delta("Well")
        self.started.set()
        await stop.wait()
        self.stopped.append(stop.reason)
        stop.raise_if_stopped()
        raise AssertionError("a stop raises")


class Bench:
    """An agent with fakes around it."""

    def __init__(
        self,
        task: StepTask | None = None,
        *,
        model: ModelCaller | None = None,
        runner: StepRunner | None = None,
        judge: Judge | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        self.clock = FakeClock()
        self.model = model or ScriptedModel("A fine answer.")
        self.runner = runner or ScriptedRunner()
        self.memory = InMemoryNotes(*notes)
        self.knowledge, self.web = InMemoryKnowledge({"handbook": ["Bees hum."]}), InMemoryWeb()
        self.roles: list[tuple[str, str]] = []
        self.streams = InMemoryStreams()
        self.orchestrator = InMemoryOrchestrator(task or task_of(), judge=judge)
        self.announced = 0
        self.guard: Guard | None = None
        self.tools: tuple[AgentTool, ...] = (search_memory, store_note)
        self.mcp = PlayedMcpTools()
        self.calls_tools = False
        self.worker = self.process()

    def process(self) -> StepWorker:
        """Return a new process of the same agent."""
        parts = AgentParts(
            definition=WRITER,
            tools=self.tools,
            runner=self.runner,
            orchestrator=self.orchestrator,
            journal=self.orchestrator.journal,
            model=self.model,
            writer=self.streams,
            memory_of=lambda behalf, step: self.memory,
            knowledge_of=self._knowledge_of,
            web=self.web,
            files_of=lambda _: InMemoryFiles(),
            mcp_of=lambda _: self.mcp,
            programs=NoPrograms(),
            clock=self.clock,
            announce=self._announce,
            guard=self.guard,
            context_tokens=2048,
            calls_tools=self.calls_tools,
        )
        return StepWorker(parts, name="agent-research-0")

    def _knowledge_of(self, behalf: OnBehalf) -> InMemoryKnowledge:
        self.roles.append((behalf.workspace_id, behalf.role))
        return self.knowledge

    async def _announce(self) -> None:
        self.announced += 1

    async def stream(self) -> "Bench":
        """Create the run's stream, as its first milestone does."""
        await self.streams.append_milestone("run:r1", 1, '{"type":"run.accepted.v1"}')
        return self

    @property
    def result(self) -> tuple[str, str | None, str | None]:
        """The one completion: status, text and code of the error."""
        (done,) = self.orchestrator.completions
        return done.status, done.text, done.error.code if done.error else None


def task_of(**fields: object) -> StepTask:
    return StepTask.model_validate(
        {"kind": "agent", "agent": "research", "prompt": "Why?", "timeout_s": 60, **fields}
    )
