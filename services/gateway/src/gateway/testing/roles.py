"""The roles of workspaces in memory."""

from collections import Counter
from datetime import datetime

from gateway.domain.permissions import Role
from gateway.role_ports import OwnRole
from gateway.testing.people import People


class InMemoryRoles:
    """See `RoleStore`."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def all(self, workspace_id: str) -> list[OwnRole]:
        """See `RoleStore.all`."""
        mine = [own for (where, _), own in self._people.roles.items() if where == workspace_id]
        return sorted(mine, key=lambda own: own.role.name)

    async def named(self, workspace_id: str, name: str) -> Role | None:
        """See `RoleStore.named`."""
        return self._people.role_named(workspace_id, name)

    async def holders(self, workspace_id: str) -> dict[str, int]:
        """See `RoleStore.holders`."""
        members = self._people.members.items()
        return Counter(member.role.name for (where, _), member in members if where == workspace_id)

    async def add(self, workspace_id: str, made: OwnRole, *, now: datetime) -> bool:
        """See `RoleStore.add`."""
        place = workspace_id, made.role.name
        return self._people.roles.setdefault(place, made) is made

    async def replace(self, workspace_id: str, changed: OwnRole, *, over: OwnRole, now: datetime) -> bool:
        """See `RoleStore.replace`."""
        place = workspace_id, changed.role.name
        if self._people.roles.get(place) != over:
            return False
        self._people.roles[place] = changed
        for (where, _), member in self._people.members.items():
            if where == workspace_id and member.role.name == changed.role.name:
                member.role = changed.role
        return True

    async def delete(self, workspace_id: str, role_id: str, *, now: datetime) -> list[str] | None:
        """See `RoleStore.delete`."""
        found = next((own for own in await self.all(workspace_id) if own.id == role_id), None)
        if found is None:
            return None
        holders = self._holders(workspace_id, found.role.name, now)
        if not holders:
            del self._people.roles[workspace_id, found.role.name]
        return holders

    def _holders(self, workspace_id: str, name: str, now: datetime) -> list[str]:
        people = self._people
        having = [
            people.persons[user_id].user.email
            for (where, user_id), member in people.members.items()
            if where == workspace_id and member.role.name == name
        ]
        invited = [
            kept.new.shown.email
            for kept in people.invited
            if (kept.new.workspace_id, kept.new.shown.role, kept.used) == (workspace_id, name, False)
            and kept.new.shown.expires_at > now
        ]
        return sorted({*having, *invited})
