"""Members, workspaces, invitations and one's own sessions in memory."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from flowloom_contracts.api import Workspace
from flowloom_contracts.identity import Invitation, Member, MySession
from flowloom_servicekit.clock import Clock
from gateway.domain.permissions import Role
from gateway.identity_ports import (
    ApiClientStore,
    MemberOutcome,
    NewInvitation,
    NewPerson,
    OpenInvitation,
    SecondFactorStore,
)
from gateway.oidc_ports import Provider
from gateway.people_parts import PeopleParts
from gateway.ports import PasswordHasher
from gateway.testing.oidc import InMemoryFlows, InMemoryIdentities
from gateway.testing.people import KeptInvitation, KeptSession, Membership, People
from gateway.testing.roles import InMemoryRoles
from gateway.testing.sign_in import LengthJudge
from gateway.testing.sign_in_stores import InMemoryPasswords
from gateway.usecases.new_passwords import NewPasswords
from gateway.usecases.oidc import ProviderSignIn
from gateway.usecases.second_factor import SecondFactors
from gateway.vault_ports import Vault


class InMemoryMembers:
    """See `MemberStore`."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[Member]:
        """See `MemberStore.page`."""
        mine = [self._shown(*key) for key in self._people.members if key[0] == workspace_id]
        ordered = sorted(mine, key=lambda member: member.user_id, reverse=True)
        return [member for member in ordered if after is None or member.user_id < after][:limit]

    async def get(self, workspace_id: str, user_id: str) -> Member | None:
        """See `MemberStore.get`."""
        known = (workspace_id, user_id) in self._people.members
        return self._shown(workspace_id, user_id) if known else None

    async def give_role(self, workspace_id: str, user_id: str, role: Role) -> MemberOutcome:
        """See `MemberStore.give_role`."""
        outcome = self._may_change(workspace_id, user_id, keeps_owner=role == Role.OWNER)
        if outcome == "done" and self._people.role_named(workspace_id, role.name) is None:
            outcome = "no_role"
        if outcome == "done":
            self._people.members[workspace_id, user_id].role = role
        return outcome

    async def suspend(self, workspace_id: str, user_id: str, *, since: datetime | None) -> MemberOutcome:
        """See `MemberStore.suspend`."""
        outcome = self._may_change(workspace_id, user_id, keeps_owner=since is None)
        if outcome == "done":
            self._people.members[workspace_id, user_id].suspended_at = since
        return outcome

    async def disable(self, workspace_id: str, user_id: str, *, by: str, now: datetime) -> MemberOutcome:
        """See `MemberStore.disable`."""
        outcome = self._judged(workspace_id, user_id, by)
        if outcome == "done":
            self._people.persons[user_id].disabled = True
            for where, member_id in self._people.members:
                if member_id == user_id:
                    self._end_credentials(where, user_id)
        return outcome

    async def enable(self, workspace_id: str, user_id: str, *, by: str) -> MemberOutcome:
        """See `MemberStore.enable`."""
        outcome = self._judged(workspace_id, user_id, by)
        if outcome == "done":
            self._people.persons[user_id].disabled = False
        return outcome

    def _judged(self, workspace_id: str, user_id: str, by: str) -> MemberOutcome:
        homes = {where for where, member_id in self._people.members if member_id == user_id}
        if workspace_id not in homes:
            return "missing"
        owned = {where.id for where, role in self._people.admitting(by) if role == Role.OWNER}
        return "done" if homes - {workspace_id} <= owned else "elsewhere"

    async def remove(self, workspace_id: str, user_id: str, *, now: datetime) -> MemberOutcome:
        """See `MemberStore.remove`."""
        outcome = self._may_change(workspace_id, user_id, keeps_owner=False)
        if outcome == "done":
            del self._people.members[workspace_id, user_id]
            self._end_credentials(workspace_id, user_id)
        return outcome

    def _end_credentials(self, workspace_id: str, user_id: str) -> None:
        for kept in self._people.sessions.values():
            if (kept.opened.workspace_id, kept.opened.user_id) == (workspace_id, user_id):
                kept.revoked = True
        for key in self._people.keys.values():
            if (key.workspace_id, key.user_id) == (workspace_id, user_id):
                key.revoked = True
        for client in self._people.clients.values():
            if (client.workspace_id, client.user_id) == (workspace_id, user_id):
                client.revoked = True

    def _may_change(self, workspace_id: str, user_id: str, *, keeps_owner: bool) -> MemberOutcome:
        owners = {
            member_id
            for (of_workspace, member_id), member in self._people.members.items()
            if of_workspace == workspace_id and member.role == Role.OWNER and member.suspended_at is None
        }
        if not keeps_owner and owners == {user_id}:
            return "last_owner"
        return "done" if (workspace_id, user_id) in self._people.members else "missing"

    def _shown(self, workspace_id: str, user_id: str) -> Member:
        member, person = self._people.members[workspace_id, user_id], self._people.persons[user_id]
        return Member(
            user_id=user_id,
            email=person.user.email,
            role=member.role.name,
            permissions=sorted(member.role.permissions),
            joined_at=member.joined_at,
            suspended=member.suspended_at is not None,
            disabled=person.disabled,
            provider=member.provider,
            second_factor=person.has_second_factor,
        )


class InMemoryWorkspaces:
    """See `WorkspaceStore`."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def of_user(self, user_id: str) -> list[tuple[Workspace, Role]]:
        """See `WorkspaceStore.of_user`."""
        return self._people.admitting(user_id)

    async def create(self, workspace: Workspace, *, owner_id: str, now: datetime) -> None:
        """See `WorkspaceStore.create`."""
        self._people.workspaces[workspace.id] = workspace
        self._people.members[workspace.id, owner_id] = Membership(Role.OWNER, now)


class InMemoryInvitations:
    """See `InvitationStore`."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._kept: dict[bytes, KeptInvitation] = {}

    async def add(self, invitation: NewInvitation) -> bool:
        """See `InvitationStore.add`."""
        if self._people.role_named(invitation.workspace_id, invitation.shown.role) is None:
            return False
        kept = self._kept[invitation.digest] = KeptInvitation(invitation)
        self._people.invited.append(kept)
        return True

    async def page(
        self, workspace_id: str, *, after: str | None, limit: int, now: datetime
    ) -> list[Invitation]:
        """See `InvitationStore.page`."""
        mine = [
            kept.new.shown
            for kept in self._kept.values()
            if kept.new.workspace_id == workspace_id and not kept.used and kept.new.shown.expires_at > now
        ]
        ordered = sorted(mine, key=lambda shown: shown.id, reverse=True)
        return [shown for shown in ordered if after is None or shown.id < after][:limit]

    async def revoke(self, workspace_id: str, invitation_id: str, *, now: datetime) -> bool:
        """See `InvitationStore.revoke`."""
        for kept in self._kept.values():
            place = (kept.new.workspace_id, kept.new.shown.id)
            if place == (workspace_id, invitation_id) and not kept.used:
                kept.used = True
                return True
        return False

    async def find(self, digest: bytes, *, now: datetime) -> OpenInvitation | None:
        """See `InvitationStore.find`."""
        kept = self._kept.get(digest)
        if kept is None or kept.used or kept.new.shown.expires_at <= now:
            return None
        shown = kept.new.shown
        return OpenInvitation(
            id=shown.id,
            workspace=self._people.workspaces[kept.new.workspace_id],
            email=shown.email,
            role=self._people.role_named(kept.new.workspace_id, shown.role) or Role(shown.role, frozenset()),
            expires_at=shown.expires_at,
        )

    async def accept(self, digest: bytes, *, user_id: str, now: datetime) -> OpenInvitation | None:
        """See `InvitationStore.accept`."""
        found = await self.find(digest, now=now)
        if found is not None:
            self._kept[digest].used = True
            self._people.members.setdefault((found.workspace.id, user_id), Membership(found.role, now))
        return found

    async def accept_as(
        self, digest: bytes, person: NewPerson, *, now: datetime
    ) -> OpenInvitation | Literal["address_taken"] | None:
        """See `InvitationStore.accept_as`."""
        if await self.find(digest, now=now) is None:
            return None
        if not self._people.add_person(person):
            return "address_taken"
        return await self.accept(digest, user_id=person.user_id, now=now)


class InMemoryMySessions:
    """See `MySessionStore`."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def of_user(self, user_id: str, *, now: datetime) -> list[MySession]:
        """See `MySessionStore.of_user`."""
        mine = [kept for kept in self._of(user_id) if self._people.is_live(kept, now)]
        ordered = sorted(mine, key=lambda kept: (kept.last_used_at, kept.opened.id), reverse=True)
        return [self._shown(kept) for kept in ordered]

    async def end(self, user_id: str, session_id: str, *, now: datetime) -> bool:
        """See `MySessionStore.end`."""
        for kept in self._of(user_id):
            if kept.opened.id == session_id and not kept.revoked:
                kept.revoked = True
                return True
        return False

    async def end_others(self, user_id: str, kept: str | None, *, now: datetime, because: str) -> None:
        """See `MySessionStore.end_others`."""
        for session in self._of(user_id):
            session.revoked = session.revoked or session.opened.id != kept

    def _of(self, user_id: str) -> list[KeptSession]:
        return [kept for kept in self._people.sessions.values() if kept.opened.user_id == user_id]

    def _shown(self, kept: KeptSession) -> MySession:
        opened = kept.opened
        return MySession(
            id=opened.id,
            workspace=self._people.workspaces[opened.workspace_id],
            device=opened.visit.device,
            address=opened.visit.address,
            created_at=kept.created_at,
            last_used_at=kept.last_used_at,
        )


def fake_people(
    people: People,
    *,
    factors: SecondFactorStore,
    clients: ApiClientStore,
    vault: Vault,
    hasher: PasswordHasher,
    clock: Clock,
    providers: Mapping[str, Provider] | None = None,
    public_url: str = "",
) -> PeopleParts:
    """Return fakes that share their people."""
    return PeopleParts(
        members=InMemoryMembers(people),
        roles=InMemoryRoles(people),
        workspaces=InMemoryWorkspaces(people),
        invitations=InMemoryInvitations(people),
        my_sessions=InMemoryMySessions(people),
        passwords=InMemoryPasswords(people),
        new_passwords=NewPasswords(judge=LengthJudge(), hasher=hasher),
        second_factors=SecondFactors(store=factors, vault=vault, clock=clock),
        clients=clients,
        providers=ProviderSignIn(
            providers or {},
            flows=InMemoryFlows(),
            identities=InMemoryIdentities(people),
            public_url=public_url,
            clock=clock,
        ),
    )
