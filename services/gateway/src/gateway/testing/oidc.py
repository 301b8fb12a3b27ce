"""Sign-ins under way and accounts from elsewhere, in memory."""

from collections.abc import Mapping
from datetime import datetime

from flowloom_contracts.api import User
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.oidc_ports import Elsewhere, Flow
from gateway.ports import LiveSession
from gateway.testing.people import Membership, People, Person


class InMemoryFlows:
    """See `FlowStore`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[bytes, bytes], Flow] = {}

    async def add(self, flow: Flow, *, now: datetime) -> None:
        """See `FlowStore.add`."""
        self._kept[flow.state_digest, flow.browser_digest] = flow

    async def take(self, state_digest: bytes, browser_digest: bytes, *, now: datetime) -> Flow | None:
        """See `FlowStore.take`."""
        flow = self._kept.pop((state_digest, browser_digest), None)
        return None if flow is None or flow.expires_at <= now else flow


class InMemoryIdentities:
    """See `IdentityStore`."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._users: dict[tuple[str, str], str] = {}

    async def sign_in(self, person: Elsewhere, *, now: datetime) -> LiveSession | None:
        """See `IdentityStore.sign_in`."""
        user_id = self._users.get((person.issuer, person.subject))
        if user_id is None:
            if not person.memberships:
                return None
            user_id = self._users[person.issuer, person.subject] = new_id()
        user = User(id=user_id, email=person.address)
        known = self._people.persons.setdefault(user_id, Person(user, None, None))
        known.user = user
        self._give_memberships(user_id, person, now)
        admitting = self._people.admitting(user_id)
        if not admitting:
            return None
        workspace, role = admitting[0]
        return LiveSession(id="", user=user, workspace_id=workspace.id, role=role)

    def _give_memberships(self, user_id: str, person: Elsewhere, now: datetime) -> None:
        members = self._people.members
        given = self._possible(person.memberships)
        for key in [key for key in members if key[1] == user_id]:
            if members[key].provider == person.provider and key[0] not in given:
                del members[key]
        for workspace_id, role in given.items():
            fresh = Membership(role, now, provider=person.provider)
            kept = members.setdefault((workspace_id, user_id), fresh)
            kept.role = role if kept.provider == person.provider else kept.role

    def _possible(self, memberships: Mapping[str, str]) -> dict[str, Role]:
        people = self._people
        named = {
            one: people.role_named(one, name) for one, name in memberships.items() if one in people.workspaces
        }
        return {workspace_id: role for workspace_id, role in named.items() if role is not None}
