"""Agents that a workspace makes beside the platform's: saved, replaced and deleted under their names."""

from dataclasses import dataclass
from typing import Final

from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.presence import Agent
from flowloom_contracts.problem import FieldProblem
from flowloom_language.catalog import tools_of_kind
from flowloom_language.problems import did_you_mean
from flowloom_language.words import BUILT_IN_AGENTS, is_agent_name
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    ConflictError,
    InvalidRequestError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from gateway.agent_ports import AgentStore, StoredAgent
from gateway.desk_ports import PresenceStore
from gateway.domain.etags import etag_of, matches
from gateway.domain.principals import Principal
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.agents import find_own, show_own

MOST_AGENTS: Final = 100


class BuiltInAgentError(ConflictError):
    """The platform's own agents are the same in every workspace."""

    title = "The platform has this agent"


class TooManyAgentsError(ConflictError):
    """The workspace has as many agents as it may."""

    title = "Too many agents"


class StaleAgentError(PreconditionFailedError):
    """Somebody else saved or deleted it meanwhile."""

    title = "The agent has changed meanwhile"


class AgentIfMatchRequiredError(PreconditionRequiredError):
    """A save over an agent must say which state it replaces."""


@dataclass(frozen=True, slots=True)
class SavedAgent:
    """An agent as it is now, and whether there was none before."""

    agent: Agent
    is_new: bool


async def save_agent(
    name: str,
    definition: AgentDefinition,
    principal: Principal,
    *,
    if_match: str | None,
    agents: AgentStore,
    book: AgentBook,
    presence: PresenceStore,
    clock: Clock,
) -> SavedAgent:
    """Store a new agent, or one over the state that was read; runs that start from now on have it."""
    _check(name, definition, frozenset(await book.mcp_tools(principal.workspace_id)))
    known = {one.name: one for one in await agents.all(principal.workspace_id)}
    before = known.get(name)
    _check_state(before, if_match)
    if before is None and len(known) >= MOST_AGENTS:
        raise TooManyAgentsError(f"A workspace has at most {MOST_AGENTS} agents; delete one first.")
    over = None if before is None else before.revision
    stored = StoredAgent(name, definition, (over or 0) + 1, clock.now())
    if await agents.put(principal.workspace_id, stored, user_id=principal.user_id, over=over) == "stale":
        raise _stale()
    book.forget()
    return SavedAgent(await show_own(stored, presence=presence, clock=clock), is_new=before is None)


async def delete_agent(
    name: str, principal: Principal, *, if_match: str | None, agents: AgentStore, book: AgentBook
) -> None:
    """Delete an agent; runs that have started keep it, new ones of workflows that name it are refused."""
    if name in BUILT_IN_AGENTS:
        raise BuiltInAgentError(f"{name!r} is the platform's and cannot be deleted.")
    before = await find_own(name, principal, agents=agents)
    if if_match is not None:
        _check_state(before, if_match)
    if await agents.delete(principal.workspace_id, name, over=before.revision) == "stale":
        raise _stale()
    book.forget()


def _check(name: str, definition: AgentDefinition, more_tools: frozenset[str]) -> None:
    if name in BUILT_IN_AGENTS:
        raise BuiltInAgentError(f"{name!r} is the platform's; save yours as `my-{name}`, say.")
    if not is_agent_name(name):
        message = "Use lower-case words with dashes, a letter first, at most 64 characters."
        wrong = [FieldProblem(path="name", code="invalid_id", message=message)]
        raise InvalidRequestError(f"{name[:80]!r} cannot name an agent.", errors=wrong)
    known = tools_of_kind(definition.kind) | more_tools
    wrong = [
        FieldProblem(
            path=f"tools.{number}", code="unknown_tool", message=_no_tool(tool, definition.kind, known)
        )
        for number, tool in enumerate(definition.tools or ())
        if tool not in known
    ]
    if wrong:
        raise InvalidRequestError("The agent names tools that its kind does not have.", errors=wrong)


def _no_tool(tool: str, kind: str, known: frozenset[str]) -> str:
    hint = did_you_mean(tool, known) or f"They have {', '.join(sorted(known))}."
    return f"Agents of the kind {kind!r} have no tool {tool[:70]!r}. {hint}"


def _check_state(before: StoredAgent | None, if_match: str | None) -> None:
    if before is None and if_match is not None:
        raise StaleAgentError("It was deleted, or never was; save it without `If-Match` to make it.")
    if before is None:
        return
    if if_match is None:
        raise AgentIfMatchRequiredError("There is an agent of this name: send its `ETag` as `If-Match`.")
    if not matches(if_match, etag_of(before.revision)):
        raise _stale()


def _stale() -> StaleAgentError:
    return StaleAgentError("Read it again and repeat the change.")
