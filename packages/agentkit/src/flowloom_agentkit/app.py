"""Makes a service of an agent's folder: `agent.yaml`, tools, and the worker that carries out its steps."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI
from pydantic import ValidationError

from flowloom_agentkit.bootstrap import Agent, build
from flowloom_agentkit.definition import AgentDefinition, load_definition
from flowloom_agentkit.errors import InvalidAgentError
from flowloom_agentkit.guards import Guard
from flowloom_agentkit.settings import AgentSettings
from flowloom_agentkit.tools import AgentTool, tools_by_name
from flowloom_contracts.agents import AgentCard
from flowloom_contracts.topics import agent_app_id
from flowloom_servicekit.app import create_app


def create_agent_app(folder: Path, *, tools: Sequence[AgentTool] = (), guard: Guard | None = None) -> FastAPI:
    """Return the application of an agent's folder; a mistake in its file ends the process with a message."""
    try:
        known = tools_by_name(tools)
        definition = load_definition(folder, known)
        settings = AgentSettings()
    except InvalidAgentError as error:
        raise SystemExit(str(error)) from error
    except ValidationError as error:
        missing = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
        raise SystemExit(f"the environment lacks or has a wrong value for: {missing}") from error
    return agent_app(definition, [known[name] for name in definition.tools], settings, guard=guard)


def agent_app(
    definition: AgentDefinition,
    tools: Sequence[AgentTool],
    settings: AgentSettings,
    *,
    guard: Guard | None = None,
) -> FastAPI:
    """Return the application; nothing connects before its lifespan."""
    app_id = agent_app_id(definition.name)
    running: list[Agent] = []

    async def missing() -> Sequence[str]:
        return running[0].missing() if running else ["the agent has not started"]

    return create_app(
        app_id=app_id,
        settings=settings,
        lifespan=_lifespan(partial(build, definition, tools, settings, guard), running),
        routers=[_card(definition, running)],
        readiness=missing,
    )


def _lifespan(
    build_agent: Callable[..., Awaitable[Agent]], running: list[Agent]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            agent = await build_agent(identity=app.state.identity, stack=stack)
            running.append(agent)
            tasks = [asyncio.ensure_future(work) for work in agent.background()]
            yield
            running.clear()
            # The engine first: what it still has running is cancelled and given to the next process.
            await agent.engine.stop()
            await agent.worker.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return lifespan


def _card(definition: AgentDefinition, running: list[Agent]) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/card")
    async def get_card() -> AgentCard:
        busy = running[0].worker.running if running else 0
        return AgentCard(
            name=definition.name,
            role=definition.role,
            goal=definition.goal,
            tools=definition.tools,
            state="busy" if busy else "idle",
            running=busy,
        )

    return router
