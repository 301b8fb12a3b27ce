"""Accounts, sessions and API keys in memory."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from flowloom_contracts.api import ApiKey, User, Workspace
from gateway.domain.permissions import Role
from gateway.domain.texts import account_key
from gateway.ports import Account, LiveKey, LiveSession, NewOwner, NewSession, Renewal


@dataclass(slots=True)
class _Session:
    opened: NewSession
    revoked: bool = False


@dataclass(slots=True)
class _Refresh:
    session_id: str
    until: datetime
    used: bool = False


@dataclass(slots=True)
class _Key:
    shown: ApiKey
    workspace_id: str
    user_id: str
    revoked: bool = False


class InMemoryAccounts:
    """AccountStore, ApiKeyStore and Credentials in one; `add_member` makes what set-up does not."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._sessions: dict[str, _Session] = {}
        self._refresh: dict[bytes, _Refresh] = {}
        self._keys: dict[bytes, _Key] = {}

    def add_member(self, account: Account) -> None:
        """Add a person with their workspace and role."""
        self._accounts[account_key(account.user.email)] = account

    def give_role(self, user_id: str, role: Role) -> None:
        """Change what a member is."""
        key, account = next((k, a) for k, a in self._accounts.items() if a.user.id == user_id)
        self._accounts[key] = replace(account, role=role)

    async def is_set_up(self) -> bool:
        """See `AccountStore.is_set_up`."""
        return bool(self._accounts)

    async def create_owner(self, owner: NewOwner, *, now: datetime) -> bool:
        """See `AccountStore.create_owner`."""
        if self._accounts:
            return False
        self.add_member(
            Account(
                user=User(id=owner.user_id, email=owner.email),
                workspace=Workspace(id=owner.workspace_id, name=owner.workspace),
                role=Role.OWNER,
                password_hash=owner.password_hash,
            )
        )
        return True

    async def find_account(self, email_key: str) -> Account | None:
        """See `AccountStore.find_account`."""
        return self._accounts.get(email_key)

    async def open_session(self, session: NewSession, *, now: datetime) -> None:
        """See `AccountStore.open_session`."""
        self._sessions[session.id] = _Session(session)
        self._refresh[session.refresh_digest] = _Refresh(session.id, session.refresh_until)

    async def renew_session(self, renewal: Renewal) -> LiveSession | None:
        """See `AccountStore.renew_session`."""
        token = self._refresh.get(renewal.presented)
        if token is None or token.until <= renewal.now:
            return None
        if token.used:
            self._sessions[token.session_id].revoked = True
            return None
        live = await self.live_session(token.session_id, now=renewal.now)
        if live is not None:
            token.used = True
            self._refresh[renewal.replacement] = _Refresh(live.id, renewal.refresh_until)
        return live

    async def close_session(self, refresh_digest: bytes, *, now: datetime) -> None:
        """See `AccountStore.close_session`."""
        token = self._refresh.get(refresh_digest)
        if token is not None:
            self._sessions[token.session_id].revoked = True

    async def live_session(self, session_id: str, *, now: datetime) -> LiveSession | None:
        """See `AccountStore.live_session`."""
        kept = self._sessions.get(session_id)
        if kept is None or kept.revoked or kept.opened.ends_at <= now:
            return None
        account = self._member(kept.opened.user_id, kept.opened.workspace_id)
        if account is None:
            return None
        return LiveSession(
            id=session_id, user=account.user, workspace_id=account.workspace.id, role=account.role
        )

    async def find_member(self, user_id: str, workspace_id: str) -> tuple[User, Workspace, Role] | None:
        """See `AccountStore.find_member`."""
        account = self._member(user_id, workspace_id)
        return None if account is None else (account.user, account.workspace, account.role)

    async def add(self, key: ApiKey, *, digest: bytes, workspace_id: str, user_id: str) -> None:
        """See `ApiKeyStore.add`."""
        self._keys[digest] = _Key(key, workspace_id, user_id)

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[ApiKey]:
        """See `ApiKeyStore.page`."""
        mine = [k.shown for k in self._keys.values() if k.workspace_id == workspace_id and not k.revoked]
        ordered = sorted(mine, key=lambda key: key.id, reverse=True)
        return [key for key in ordered if after is None or key.id < after][:limit]

    async def revoke(self, workspace_id: str, key_id: str, *, now: datetime) -> bool:
        """See `ApiKeyStore.revoke`."""
        for key in self._keys.values():
            if (key.shown.id, key.workspace_id, key.revoked) == (key_id, workspace_id, False):
                key.revoked = True
                return True
        return False

    async def live_key(self, digest: bytes, *, now: datetime) -> LiveKey | None:
        """See `ApiKeyStore.live_key`."""
        key = self._keys.get(digest)
        if key is None or key.revoked or (key.shown.expires_at is not None and key.shown.expires_at <= now):
            return None
        account = self._member(key.user_id, key.workspace_id)
        if account is None:
            return None
        return LiveKey(
            id=key.shown.id,
            user_id=key.user_id,
            workspace_id=key.workspace_id,
            role=account.role,
            scopes=tuple(key.shown.scopes),
            last_used_at=key.shown.last_used_at,
        )

    async def touch(self, key_id: str, *, now: datetime) -> None:
        """See `ApiKeyStore.touch`."""
        for key in self._keys.values():
            if key.shown.id == key_id:
                key.shown = key.shown.model_copy(update={"last_used_at": now})

    async def ended(
        self, *, session_ids: Collection[str], key_ids: Collection[str], now: datetime
    ) -> tuple[frozenset[str], frozenset[str]]:
        """See `Credentials.ended`."""
        dead_sessions = {s for s in session_ids if await self.live_session(s, now=now) is None}
        live_keys = {
            key.shown.id for digest, key in self._keys.items() if await self.live_key(digest, now=now)
        }
        return frozenset(dead_sessions), frozenset(key_ids) - live_keys

    def _member(self, user_id: str, workspace_id: str) -> Account | None:
        for account in self._accounts.values():
            if (account.user.id, account.workspace.id) == (user_id, workspace_id):
                return account
        return None
