"""What the roles of workspaces need from outside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.domain.permissions import Role


@dataclass(frozen=True, slots=True)
class OwnRole:
    """A role that a workspace has made."""

    id: str
    role: Role
    description: str


class RoleStore(Protocol):
    """The roles of one workspace at a time."""

    async def all(self, workspace_id: str) -> list[OwnRole]:
        """Return the roles that a workspace has made, by their names."""

    async def named(self, workspace_id: str, name: str) -> Role | None:
        """Return the role of a name, one that every workspace has or one of its own."""

    async def holders(self, workspace_id: str) -> dict[str, int]:
        """Return how many members have each role, by its name."""

    async def add(self, workspace_id: str, made: OwnRole, *, now: datetime) -> bool:
        """Store a role; False if the workspace has one of this name."""

    async def replace(self, workspace_id: str, changed: OwnRole, *, over: OwnRole, now: datetime) -> bool:
        """Change a role for everybody who has it; False if it is no longer there as `over`."""

    async def delete(self, workspace_id: str, role_id: str, *, now: datetime) -> list[str] | None:
        """Delete a role nobody has; else return the addresses of who has it, None if there is none."""
