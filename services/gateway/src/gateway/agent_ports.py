"""Where the agents of workspaces are kept, and the record of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.base import JsonObject
from flowloom_contracts.document_parts import AgentDefinition


@dataclass(frozen=True, slots=True)
class StoredAgent:
    """An agent as it is kept; each save makes another revision, from 1."""

    name: str
    definition: AgentDefinition
    revision: int
    updated_at: datetime


class AgentStore(Protocol):
    """The agents of one workspace at a time; the audit log tells of each change."""

    async def all(self, workspace_id: str) -> Sequence[StoredAgent]:
        """Return them by name; there are few."""

    async def get(self, workspace_id: str, name: str) -> StoredAgent | None:
        """Return the agent of a name."""

    async def put(
        self, workspace_id: str, agent: StoredAgent, *, user_id: str, over: int | None
    ) -> Literal["saved", "stale"]:
        """Store a new agent, or one over the state of a revision."""

    async def delete(self, workspace_id: str, name: str, *, over: int) -> Literal["deleted", "stale"]:
        """Delete the agent in the state of a revision."""


def definition_of(kept: JsonObject) -> AgentDefinition:
    """Return a definition as it was kept; what this build does not know is left out."""
    known = {name: kept[name] for name in AgentDefinition.model_fields if name in kept}
    return AgentDefinition.model_validate(known)
