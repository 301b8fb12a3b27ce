"""What the fakes of accounts share: people, workspaces, and who is a member where."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from flowloom_contracts.api import ApiKey, User, Workspace
from flowloom_contracts.sign_in import ApiClient
from gateway.domain.permissions import BUILT_IN, Role
from gateway.domain.texts import account_key
from gateway.identity_ports import NewInvitation, NewPerson
from gateway.ports import Account, NewSession
from gateway.role_ports import OwnRole


@dataclass(slots=True)
class Person:
    """An account; `key` is None for who signs in elsewhere."""

    user: User
    key: str | None
    password_hash: str | None
    disabled: bool = False
    has_second_factor: bool = False


@dataclass(slots=True)
class Membership:
    """Somebody in a workspace."""

    role: Role
    joined_at: datetime
    suspended_at: datetime | None = None
    provider: str | None = None


@dataclass(slots=True)
class KeptSession:
    """A session and what has become of it."""

    opened: NewSession
    created_at: datetime
    last_used_at: datetime
    revoked: bool = False


@dataclass(slots=True)
class KeptRefresh:
    """A refresh token."""

    session_id: str
    until: datetime
    used: bool = False


@dataclass(slots=True)
class KeptKey:
    """An API key."""

    shown: ApiKey
    workspace_id: str
    user_id: str
    revoked: bool = False
    replaces: str | None = None


@dataclass(slots=True)
class KeptClient:
    """An API client."""

    shown: ApiClient
    digest: bytes
    workspace_id: str
    user_id: str
    revoked: bool = False
    old_digest: bytes = b""


@dataclass(slots=True)
class KeptInvitation:
    """An invitation, and whether it was accepted or taken back."""

    new: NewInvitation
    used: bool = False


@dataclass(slots=True)
class People:
    """All of it; ids are the keys, members are found by workspace and user."""

    persons: dict[str, Person] = field(default_factory=dict)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    members: dict[tuple[str, str], Membership] = field(default_factory=dict)
    sessions: dict[str, KeptSession] = field(default_factory=dict)
    refresh: dict[bytes, KeptRefresh] = field(default_factory=dict)
    keys: dict[bytes, KeptKey] = field(default_factory=dict)
    clients: dict[str, KeptClient] = field(default_factory=dict)
    roles: dict[tuple[str, str], OwnRole] = field(default_factory=dict)
    invited: list[KeptInvitation] = field(default_factory=list)

    def add(self, account: Account, *, now: datetime) -> None:
        """Add a person with their workspace and role."""
        user = account.user
        self.persons[user.id] = Person(user, account_key(user.email), account.password_hash)
        self.workspaces[account.workspace.id] = account.workspace
        self.members[account.workspace.id, user.id] = Membership(account.role, now)

    def move(self, user_id: str, workspace: Workspace, role: Role) -> None:
        """Let a person be a member of one workspace only."""
        for key in [key for key in self.members if key[1] == user_id]:
            del self.members[key]
        self.members[workspace.id, user_id] = Membership(role, datetime(2020, 1, 1, tzinfo=UTC))

    def add_person(self, person: NewPerson) -> bool:
        """Add an account; False if its address has one."""
        key = account_key(person.email) if person.password_hash is not None else None
        if key is not None and self.by_key(key) is not None:
            return False
        user = User(id=person.user_id, email=person.email)
        self.persons[user.id] = Person(user, key, person.password_hash)
        return True

    def role_named(self, workspace_id: str, name: str) -> Role | None:
        """Return the role of a name that members of a workspace can have."""
        if name in BUILT_IN:
            return BUILT_IN[name]
        own = self.roles.get((workspace_id, name))
        return None if own is None else own.role

    def by_key(self, email_key: str) -> Person | None:
        """Return the account of a normalised address."""
        return next((person for person in self.persons.values() if person.key == email_key), None)

    def admitted(self, workspace_id: str, user_id: str) -> Membership | None:
        """Return a membership that lets its person in."""
        person, member = self.persons.get(user_id), self.members.get((workspace_id, user_id))
        if person is None or person.disabled or member is None or member.suspended_at is not None:
            return None
        return member

    def admitting(self, user_id: str) -> list[tuple[Workspace, Role]]:
        """Return the workspaces that let a person in, in the order in which they joined."""
        mine = [
            (member.joined_at, workspace_id, member.role)
            for (workspace_id, member_id), member in self.members.items()
            if member_id == user_id and self.admitted(workspace_id, user_id)
        ]
        return [(self.workspaces[workspace_id], role) for _, workspace_id, role in sorted(mine)]

    def is_live(self, kept: KeptSession, now: datetime) -> bool:
        """Whether a session may act."""
        opened = kept.opened
        ended = kept.revoked or opened.ends_at <= now
        return not ended and self.admitted(opened.workspace_id, opened.user_id) is not None
