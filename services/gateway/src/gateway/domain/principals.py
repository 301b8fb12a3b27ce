"""Who is asking: a person with a session, an API key or an API client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flowloom_contracts.runs import Actor, Reach
from flowloom_servicekit.errors import ForbiddenError
from gateway.domain.permissions import Permission, Role


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller in one workspace; one of `session_id`, `key_id` and `client_id` is set."""

    user_id: str
    workspace_id: str
    role: Role
    permissions: frozenset[Permission]
    email: str | None = None
    session_id: str | None = None
    key_id: str | None = None
    client_id: str | None = None
    token_expires_at: datetime | None = None
    limits: Mapping[str, Reach] = field(default_factory=dict, hash=False)
    """How far they may go with workflows that are shared with some people only."""

    @property
    def credential_id(self) -> str:
        """The id of what was shown: a session, a key or a client."""
        return self.session_id or self.key_id or self.client_id or ""

    def demand(self, permission: Permission) -> None:
        """Raise ForbiddenError unless the caller has a permission."""
        if permission not in self.permissions:
            raise ForbiddenError(f"This needs the permission {permission.value!r}.")

    def reaches(self, workflow_id: str, least: Reach) -> bool:
        """Whether a workflow is shared so far with the caller."""
        return self.actor.reaches(workflow_id, least)

    @property
    def actor(self) -> Actor:
        """The same as the orchestrator is told it."""
        return Actor(
            workspace_id=self.workspace_id,
            user_id=self.user_id,
            email=self.email,
            key_id=self.key_id,
            roles=[self.role.name],
            limits=dict(self.limits),
        )
