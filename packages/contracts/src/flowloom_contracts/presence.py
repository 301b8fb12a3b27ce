"""How agents are: what they say of themselves on the topic `agent-status`, and what people see of it."""

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Document, Event, Response

AgentState: TypeAlias = Literal["idle", "busy", "unwell"]


class AgentStatus(Event):
    """One process of an agent says how it is, at each change and every few seconds."""

    name: str
    instance: str
    role: str
    goal: str
    tools: list[str]
    state: AgentState
    running: int
    missing: list[str] = Field(default=[], description="What keeps it from taking steps.")
    at: datetime


class KeptInstance(Document):
    """What one process said last."""

    instance: str
    state: AgentState
    running: int
    missing: list[str]
    at: datetime


class KeptAgent(Document):
    """What is remembered of an agent for a day, and of its processes."""

    role: str
    goal: str
    tools: list[str]
    instances: list[KeptInstance]


class Agent(Response):
    """An agent that steps can name."""

    name: str
    kind: str = Field(description="Which of the platform's agents carries its steps out.")
    scope: Literal["platform", "workspace"] = "platform"
    role: str = Field(description="Empty as long as it has never been heard of.")
    goal: str
    tools: list[str]
    state: AgentState = Field(description="`unwell` too when nothing was heard of it for half a minute.")
    running: int = Field(description="Steps that it carries out now, in all of its processes.")
    instances: int
    missing: list[str]
    seen_at: datetime | None = None
    backstory: str = Field(default="", description="Only of the workspace's own, as all that follows.")
    model: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    etag: str | None = Field(default=None, description="What `If-Match` names to change or delete it.")
    updated_at: datetime | None = None


class AgentList(Response):
    """The agents that a workspace can use."""

    items: list[Agent]
