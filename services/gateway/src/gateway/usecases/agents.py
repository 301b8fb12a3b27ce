"""The agents that steps can name, and how they are."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from flowloom_contracts.person_events import AgentCount
from flowloom_contracts.presence import Agent, AgentList, AgentStatus, KeptAgent, KeptInstance
from flowloom_contracts.topics import AGENT_APP_IDS
from flowloom_language.words import is_agent_name
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import NotFoundError
from gateway.agent_ports import AgentStore, StoredAgent
from gateway.desk_ports import PresenceStore
from gateway.domain.etags import etag_of
from gateway.domain.principals import Principal

FRESH: Final = timedelta(seconds=30)
NAMES: Final = tuple(app_id.value.removeprefix("agent-") for app_id in AGENT_APP_IDS)


class AgentNotFoundError(NotFoundError):
    """There is no such agent."""

    title = "Agent not found"


async def list_agents(
    principal: Principal, *, agents: AgentStore, presence: PresenceStore, clock: Clock
) -> AgentList:
    """Return the agents of the platform, then the workspace's own."""
    kept = await asyncio.gather(*(presence.get(name) for name in NAMES))
    now = clock.now()
    platform = {name: _shown(name, one, now) for name, one in zip(NAMES, kept, strict=True)}
    own = await agents.all(principal.workspace_id)
    return AgentList(items=[*platform.values(), *(_own(one, platform[one.definition.kind]) for one in own)])


async def count_agents(presence: PresenceStore, *, clock: Clock) -> AgentCount:
    """Return how many of the platform's agents are idle, busy and unwell."""
    kept = await asyncio.gather(*(presence.get(name) for name in NAMES))
    states = [_shown(name, one, clock.now()).state for name, one in zip(NAMES, kept, strict=True)]
    return AgentCount(idle=states.count("idle"), busy=states.count("busy"), unwell=states.count("unwell"))


async def read_agent(
    name: str, principal: Principal, *, agents: AgentStore, presence: PresenceStore, clock: Clock
) -> Agent:
    """Return one of them."""
    if name in NAMES:
        return _shown(name, await presence.get(name), clock.now())
    return await show_own(await find_own(name, principal, agents=agents), presence=presence, clock=clock)


async def find_own(name: str, principal: Principal, *, agents: AgentStore) -> StoredAgent:
    """Return an agent of the workspace; raise AgentNotFoundError if it has none of this name."""
    stored = await agents.get(principal.workspace_id, name) if is_agent_name(name) else None
    if stored is None:
        raise AgentNotFoundError(f"No agent {name[:80]!r} here.")
    return stored


async def show_own(stored: StoredAgent, *, presence: PresenceStore, clock: Clock) -> Agent:
    """Return an agent of the workspace as people see it: as well as the one that carries its steps out."""
    kind = stored.definition.kind
    return _own(stored, _shown(kind, await presence.get(kind), clock.now()))


async def hear_status(status: AgentStatus, *, presence: PresenceStore, clock: Clock) -> None:
    """Remember what a process says; one that says nothing any more is dropped, an older saying ignored."""
    if status.name not in NAMES:
        return
    known = await presence.get(status.name)
    others = [one for one in known.instances if one.instance != status.instance] if known else []
    before = [one for one in known.instances if one.instance == status.instance] if known else []
    if before and before[0].at > status.at:
        return
    said = KeptInstance(
        instance=status.instance,
        state=status.state,
        running=status.running,
        missing=status.missing,
        at=status.at,
    )
    fresh = [one for one in others if clock.now() - one.at <= FRESH]
    kept = KeptAgent(role=status.role, goal=status.goal, tools=status.tools, instances=[*fresh, said])
    await presence.put(status.name, kept)


def _own(stored: StoredAgent, carrier: Agent) -> Agent:
    says: dict[str, object] = {
        "name": stored.name,
        "scope": "workspace",
        "etag": etag_of(stored.revision),
        "updated_at": stored.updated_at,
        **dict(stored.definition),
        "tools": carrier.tools if stored.definition.tools is None else stored.definition.tools,
    }
    return carrier.model_copy(update=says)


def _shown(name: str, kept: KeptAgent | None, now: datetime) -> Agent:
    if kept is None:
        silent = ["nothing was ever heard of it"]
        return Agent(
            name=name,
            kind=name,
            role="",
            goal="",
            tools=[],
            state="unwell",
            running=0,
            instances=0,
            missing=silent,
        )
    fresh = [one for one in kept.instances if now - one.at <= FRESH]
    well = [one for one in fresh if one.state != "unwell"]
    running = sum(one.running for one in fresh)
    missing = sorted({reason for one in fresh for reason in one.missing})
    return Agent(
        name=name,
        kind=name,
        role=kept.role,
        goal=kept.goal,
        tools=kept.tools,
        state="unwell" if not well else "busy" if running else "idle",
        running=running,
        instances=len(fresh),
        missing=missing if fresh else ["nothing was heard of it for a while"],
        seen_at=max((one.at for one in kept.instances), default=None),
    )
