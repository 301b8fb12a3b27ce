"""The agents that steps can name: the platform's, and those that the workspace has made."""

from typing import Any, Final

from fastapi import APIRouter, Response

from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.presence import Agent, AgentList
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    UpstreamError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import AgentManager, AgentReader, IfMatch
from gateway.usecases import agents as usecases
from gateway.usecases import own_agents

router: Final = APIRouter(
    prefix="/v1/agents",
    tags=["agents"],
    responses=problems(UnauthenticatedError, ForbiddenError, UpstreamError, StorageUnavailableError),
)
MADE: Final[dict[int | str, dict[str, Any]]] = {  # as FastAPI spells an entry of `responses=`
    201: {"model": Agent, "description": "There was none of this name."}
}


@router.get("")
async def list_agents(principal: AgentReader, parts: PartsOf) -> AgentList:
    """List the agents with what they are for, and whether they are idle, busy or unwell."""
    desk = parts.desk
    return await usecases.list_agents(
        principal, agents=desk.agents, presence=desk.presence, clock=parts.clock
    )


@router.get("/{name}", responses=problems(usecases.AgentNotFoundError))
async def get_agent(name: str, response: Response, principal: AgentReader, parts: PartsOf) -> Agent:
    """Return one agent."""
    desk = parts.desk
    found = await usecases.read_agent(
        name, principal, agents=desk.agents, presence=desk.presence, clock=parts.clock
    )
    if found.etag is not None:
        response.headers["etag"] = found.etag
    return found


@router.put(
    "/{name}",
    responses=MADE
    | problems(
        InvalidRequestError,
        own_agents.BuiltInAgentError,
        own_agents.TooManyAgentsError,
        own_agents.StaleAgentError,
        own_agents.AgentIfMatchRequiredError,
    ),
)
async def save_agent(
    *,
    name: str,
    body: AgentDefinition,
    response: Response,
    principal: AgentManager,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> Agent:
    """Make an agent of the workspace, or replace the one that was read; a run keeps it as it was accepted."""
    desk, clock = parts.desk, parts.clock
    agents, book, presence = desk.agents, desk.agent_book, desk.presence
    saved = await own_agents.save_agent(
        name, body, principal, if_match=if_match, agents=agents, book=book, presence=presence, clock=clock
    )
    response.status_code = 201 if saved.is_new else 200
    response.headers["etag"] = saved.agent.etag or ""
    return saved.agent


@router.delete(
    "/{name}",
    status_code=204,
    responses=problems(usecases.AgentNotFoundError, own_agents.BuiltInAgentError, own_agents.StaleAgentError),
)
async def delete_agent(name: str, principal: AgentManager, parts: PartsOf, if_match: IfMatch = None) -> None:
    """Delete an agent of the workspace; runs that have started keep it."""
    desk = parts.desk
    await own_agents.delete_agent(
        name, principal, if_match=if_match, agents=desk.agents, book=desk.agent_book
    )
