"""What people's accounts need from outside: members, workspaces, invitations and their own sessions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.api import User, Workspace
from flowloom_contracts.identity import Invitation, Member, MySession
from flowloom_contracts.sign_in import ApiClient
from gateway.domain.permissions import Role
from gateway.ports import RotationOutcome
from gateway.vault_ports import Sealed

MemberOutcome = Literal["done", "missing", "last_owner", "no_role", "elsewhere"]
"""What became of a change to a member; a workspace never loses its last owner."""


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation to store; its token is kept as a digest."""

    shown: Invitation
    workspace_id: str
    digest: bytes
    invited_by: str


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that can be accepted now."""

    id: str
    workspace: Workspace
    email: str
    role: Role
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewPerson:
    """An account that an invitation or an identity provider makes."""

    user_id: str
    email: str
    password_hash: str | None


class MemberStore(Protocol):
    """Members of one workspace at a time."""

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[Member]:
        """Return members by the time their accounts were made, newest first, from below the user `after`."""

    async def get(self, workspace_id: str, user_id: str) -> Member | None:
        """Return one member."""

    async def give_role(self, workspace_id: str, user_id: str, role: Role) -> MemberOutcome:
        """Change what a member is."""

    async def suspend(self, workspace_id: str, user_id: str, *, since: datetime | None) -> MemberOutcome:
        """Let a member in no longer, or, with None, again."""

    async def disable(self, workspace_id: str, user_id: str, *, by: str, now: datetime) -> MemberOutcome:
        """Disable the account of a member and end every session, key and client of it, in every workspace.

        `elsewhere` if it is in another workspace that `by` does not own.
        """

    async def enable(self, workspace_id: str, user_id: str, *, by: str) -> MemberOutcome:
        """Let the account of a member sign in again; what was ended stays so."""

    async def remove(self, workspace_id: str, user_id: str, *, now: datetime) -> MemberOutcome:
        """End a membership with every session, key and client of it; the account stays."""


class WorkspaceStore(Protocol):
    """Workspaces as the people in them see them."""

    async def of_user(self, user_id: str) -> list[tuple[Workspace, Role]]:
        """Return the workspaces that let a person in, in the order in which they joined."""

    async def create(self, workspace: Workspace, *, owner_id: str, now: datetime) -> None:
        """Create a workspace with its owner."""


class InvitationStore(Protocol):
    """Invitations to a workspace; each is accepted once."""

    async def add(self, invitation: NewInvitation) -> bool:
        """Store an invitation; False if its role is there no longer."""

    async def page(
        self, workspace_id: str, *, after: str | None, limit: int, now: datetime
    ) -> list[Invitation]:
        """Return those that can still be accepted, newest first, from below the row `after`."""

    async def revoke(self, workspace_id: str, invitation_id: str, *, now: datetime) -> bool:
        """Take an invitation back; False if this workspace has none that is open."""

    async def find(self, digest: bytes, *, now: datetime) -> OpenInvitation | None:
        """Return the open invitation of a token."""

    async def accept(self, digest: bytes, *, user_id: str, now: datetime) -> OpenInvitation | None:
        """Make an existing person a member and use the invitation up, or return None if it is not open.

        Who is a member already keeps their role.
        """

    async def accept_as(
        self, digest: bytes, person: NewPerson, *, now: datetime
    ) -> OpenInvitation | Literal["address_taken"] | None:
        """Make an account and a member of it in one step; None if the invitation is not open."""


class MySessionStore(Protocol):
    """The sessions of one person at a time."""

    async def of_user(self, user_id: str, *, now: datetime) -> list[MySession]:
        """Return the sessions that may act, those used last first."""

    async def end(self, user_id: str, session_id: str, *, now: datetime) -> bool:
        """End one; False if this person has no such session."""

    async def end_others(self, user_id: str, kept: str | None, *, now: datetime, because: str) -> None:
        """End all but one."""


class PasswordStore(Protocol):
    """Passwords of people and the links with which they are replaced; both kept as digests."""

    async def of_user(self, user_id: str) -> tuple[User, str | None] | None:
        """Return a person with their hash, which who signs in elsewhere lacks."""

    async def put(self, user_id: str, password_hash: str, *, now: datetime) -> None:
        """Set a password; every session of the person ends and every open link is used up."""

    async def rehash(self, user_id: str, before: str, after: str) -> None:
        """Store the same password under newer parameters, unless it was changed meanwhile."""

    async def add_reset(self, user_id: str, digest: bytes, *, now: datetime, until: datetime) -> None:
        """Store a link."""

    async def find_reset(self, digest: bytes, *, now: datetime) -> User | None:
        """Return the person of an open link."""

    async def use_reset(self, digest: bytes, password_hash: str, *, now: datetime) -> User | None:
        """Do what `put` does for the person of an open link, once; None if it is not open."""


@dataclass(frozen=True, slots=True)
class KeptFactor:
    """A second factor as it is kept."""

    sealed: Sealed
    is_confirmed: bool


class SecondFactorStore(Protocol):
    """Second factors: a sealed secret each, and recovery codes as digests."""

    async def get(self, user_id: str) -> KeptFactor | None:
        """Return a person's factor, confirmed or not."""

    async def begin(self, user_id: str, sealed: Sealed, *, now: datetime) -> bool:
        """Store a secret to be confirmed, over one that was not; False if there is a confirmed one."""

    async def confirm(self, user_id: str, step: int, codes: Collection[bytes], *, now: datetime) -> bool:
        """Let the factor count from now on, with these recovery codes; False if it counts already."""

    async def take_step(self, user_id: str, step: int) -> bool:
        """Use up a code by its 30-second step; False if it, or a later one, was used before."""

    async def take_recovery(self, user_id: str, digest: bytes, *, now: datetime) -> bool:
        """Use up a recovery code; False if it is none or was used."""

    async def put_recovery(self, user_id: str, codes: Collection[bytes]) -> None:
        """Replace all recovery codes."""

    async def recovery_left(self, user_id: str) -> int:
        """Return how many recovery codes were not used."""

    async def remove(self, user_id: str) -> None:
        """Ask for no code any more."""


@dataclass(frozen=True, slots=True)
class LiveClient:
    """An API client that may act, with the role its maker has now."""

    id: str
    user_id: str
    email: str
    workspace_id: str
    role: Role
    scopes: tuple[str, ...]
    digests: tuple[bytes, ...]
    """Of its secret and, for as long as both work, of the one before."""


@dataclass(frozen=True, slots=True)
class KeptApiClient:
    """An API client as it is shown, and the person for whom it acts."""

    shown: ApiClient
    user_id: str


class ApiClientStore(Protocol):
    """Programs that get access tokens by their own secret, which is kept as a digest."""

    async def add(self, client: ApiClient, *, digest: bytes, workspace_id: str, user_id: str) -> None:
        """Store a client."""

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[ApiClient]:
        """Return clients that were not revoked, newest first, from below the row `after`."""

    async def revoke(self, workspace_id: str, client_id: str, *, now: datetime) -> bool:
        """Revoke a client for good; False if this workspace has no such client."""

    async def find(self, workspace_id: str, client_id: str) -> KeptApiClient | None:
        """Return a client that was not revoked."""

    async def rotate(
        self, workspace_id: str, client_id: str, *, digest: bytes, now: datetime, ends_at: datetime
    ) -> RotationOutcome:
        """Give a client a new secret, unless the one before still works beside the present one.

        The present one works until `ends_at`.
        """

    async def live(self, client_id: str, *, now: datetime) -> LiveClient | None:
        """Return a client that may act, else None."""

    async def touch(self, client_id: str, *, now: datetime) -> None:
        """Note when the client last got a token."""
