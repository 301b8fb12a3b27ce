"""Who is asking: a person with a session, or an API key."""

from dataclasses import dataclass
from datetime import datetime

from flowloom_contracts.runs import Actor
from gateway.domain.permissions import Permission, Role


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller in one workspace; exactly one of `session_id` and `key_id` is set."""

    user_id: str
    workspace_id: str
    role: Role
    permissions: frozenset[Permission]
    session_id: str | None = None
    key_id: str | None = None
    token_expires_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """The same as the orchestrator is told it."""
        return Actor(workspace_id=self.workspace_id, user_id=self.user_id)
