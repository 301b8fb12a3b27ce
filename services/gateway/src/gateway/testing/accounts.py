"""Accounts, sessions and API keys in memory."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

from flowloom_contracts.api import ApiKey, User, Workspace
from gateway.domain.permissions import Role
from gateway.ports import (
    Account,
    KeptApiKey,
    LiveKey,
    LiveSession,
    NewOwner,
    NewSession,
    Renewal,
    RotationOutcome,
)
from gateway.testing.api_clients import InMemoryApiClients
from gateway.testing.people import KeptKey, KeptRefresh, KeptSession, People

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class InMemoryAccounts:
    """AccountStore, ApiKeyStore and Credentials in one; `add_member` makes what set-up does not."""

    def __init__(self, people: People | None = None) -> None:
        self.people = people or People()

    def add_member(self, account: Account) -> None:
        """Add a person with their workspace and role."""
        self.people.add(account, now=LONG_AGO)

    def give_role(self, user_id: str, role: Role) -> None:
        """Change what a member is, everywhere."""
        for (_, member_id), member in self.people.members.items():
            if member_id == user_id:
                member.role = role

    async def is_set_up(self) -> bool:
        """See `AccountStore.is_set_up`."""
        return bool(self.people.persons)

    async def create_owner(self, owner: NewOwner, *, now: datetime) -> bool:
        """See `AccountStore.create_owner`."""
        if self.people.persons:
            return False
        user = User(id=owner.user_id, email=owner.email)
        workspace = Workspace(id=owner.workspace_id, name=owner.workspace)
        account = Account(user=user, workspace=workspace, role=Role.OWNER, password_hash=owner.password_hash)
        self.people.add(account, now=now)
        return True

    async def find_account(self, email_key: str) -> Account | None:
        """See `AccountStore.find_account`."""
        person = self.people.by_key(email_key)
        admitting = self.people.admitting(person.user.id) if person else []
        if person is None or not admitting:
            return None
        workspace, role = admitting[0]
        return Account(
            user=person.user,
            workspace=workspace,
            role=role,
            password_hash=person.password_hash,
            has_second_factor=person.has_second_factor,
        )

    async def open_session(self, session: NewSession, *, now: datetime) -> None:
        """See `AccountStore.open_session`."""
        self.people.sessions[session.id] = KeptSession(session, created_at=now, last_used_at=now)
        self.people.refresh[session.refresh_digest] = KeptRefresh(session.id, session.refresh_until)

    async def renew_session(self, renewal: Renewal) -> LiveSession | None:
        """See `AccountStore.renew_session`."""
        token = self.people.refresh.get(renewal.presented)
        if token is None or token.until <= renewal.now:
            return None
        kept = self.people.sessions[token.session_id]
        if token.used:
            kept.revoked = True
            return None
        live = await self.live_session(token.session_id, now=renewal.now)
        if live is not None:
            token.used = True
            self.people.refresh[renewal.replacement] = KeptRefresh(live.id, renewal.refresh_until)
            kept.opened = replace(kept.opened, visit=renewal.visit)
            kept.last_used_at = renewal.now
        return live

    async def close_session(self, refresh_digest: bytes, *, now: datetime) -> None:
        """See `AccountStore.close_session`."""
        token = self.people.refresh.get(refresh_digest)
        if token is not None:
            self.people.sessions[token.session_id].revoked = True

    async def live_session(self, session_id: str, *, now: datetime) -> LiveSession | None:
        """See `AccountStore.live_session`."""
        kept = self.people.sessions.get(session_id)
        if kept is None or not self.people.is_live(kept, now):
            return None
        opened = kept.opened
        member = self.people.members[opened.workspace_id, opened.user_id]
        user = self.people.persons[opened.user_id].user
        return LiveSession(id=session_id, user=user, workspace_id=opened.workspace_id, role=member.role)

    async def find_member(self, user_id: str, workspace_id: str) -> tuple[User, Workspace, Role] | None:
        """See `AccountStore.find_member`."""
        member = self.people.admitted(workspace_id, user_id)
        if member is None:
            return None
        return self.people.persons[user_id].user, self.people.workspaces[workspace_id], member.role

    async def add(self, key: ApiKey, *, digest: bytes, workspace_id: str, user_id: str) -> None:
        """See `ApiKeyStore.add`."""
        self.people.keys[digest] = KeptKey(key, workspace_id, user_id)

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[ApiKey]:
        """See `ApiKeyStore.page`."""
        mine = [
            key.shown
            for key in self.people.keys.values()
            if key.workspace_id == workspace_id and not key.revoked
        ]
        ordered = sorted(mine, key=lambda key: key.id, reverse=True)
        return [key for key in ordered if after is None or key.id < after][:limit]

    async def revoke(self, workspace_id: str, key_id: str, *, now: datetime) -> bool:
        """See `ApiKeyStore.revoke`."""
        for key in self.people.keys.values():
            if (key.shown.id, key.workspace_id, key.revoked) == (key_id, workspace_id, False):
                key.revoked = True
                return True
        return False

    async def find(self, workspace_id: str, key_id: str) -> KeptApiKey | None:
        """See `ApiKeyStore.find`."""
        kept = self._key(workspace_id, key_id)
        return None if kept is None else KeptApiKey(kept.shown, kept.user_id)

    async def rotate(
        self, workspace_id: str, key_id: str, successor: KeptApiKey, *, digest: bytes, ends_at: datetime
    ) -> RotationOutcome:
        """See `ApiKeyStore.rotate`."""
        old, new = self._key(workspace_id, key_id), successor.shown
        if old is None:
            return "missing"
        before = self._key(workspace_id, old.replaces or "")
        in_grace = before is not None and (before.shown.expires_at or new.created_at) > new.created_at
        if in_grace or any(key.replaces == key_id and not key.revoked for key in self.people.keys.values()):
            return "rotated"
        ends = min(ends_at, old.shown.expires_at or ends_at)
        old.shown = old.shown.model_copy(update={"expires_at": ends})
        self.people.keys[digest] = KeptKey(new, workspace_id, successor.user_id, replaces=key_id)
        return "done"

    def _key(self, workspace_id: str, key_id: str) -> KeptKey | None:
        mine = (key for key in self.people.keys.values() if key.workspace_id == workspace_id)
        return next((key for key in mine if key.shown.id == key_id and not key.revoked), None)

    async def live_key(self, digest: bytes, *, now: datetime) -> LiveKey | None:
        """See `ApiKeyStore.live_key`."""
        key = self.people.keys.get(digest)
        if key is None or key.revoked or (key.shown.expires_at is not None and key.shown.expires_at <= now):
            return None
        member = self.people.admitted(key.workspace_id, key.user_id)
        if member is None:
            return None
        return LiveKey(
            id=key.shown.id,
            user_id=key.user_id,
            workspace_id=key.workspace_id,
            role=member.role,
            scopes=tuple(key.shown.scopes),
            last_used_at=key.shown.last_used_at,
            email=self.people.persons[key.user_id].user.email,
        )

    async def touch(self, key_id: str, *, now: datetime) -> None:
        """See `ApiKeyStore.touch`."""
        for key in self.people.keys.values():
            if key.shown.id == key_id:
                key.shown = key.shown.model_copy(update={"last_used_at": now})

    async def roles_of(self, credential_ids: Collection[str], *, now: datetime) -> dict[str, Role]:
        """See `Credentials.roles_of`."""
        sessions = [await self.live_session(one, now=now) for one in credential_ids]
        keys = [await self.live_key(digest, now=now) for digest in self.people.keys]
        clients = [await InMemoryApiClients(self.people).live(one, now=now) for one in credential_ids]
        everything = (*sessions, *keys, *clients)
        return {live.id: live.role for live in everything if live and live.id in credential_ids}
