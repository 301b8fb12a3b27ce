"""What the gateway needs from outside, and the records that travel through these doors."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from flowloom_contracts.api import ApiKey, User, WorkflowFilter, Workspace
from flowloom_contracts.automation import SyncSchedules
from flowloom_contracts.base import JsonObject
from flowloom_contracts.document import DocumentProblem
from flowloom_contracts.events import RunEventList
from flowloom_contracts.runs import (
    Run,
    RunCommand,
    RunEventsQuery,
    RunList,
    RunListQuery,
    RunQuery,
    RunSnapshot,
    StepList,
    StepsQuery,
)
from flowloom_contracts.starts import StartRun
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.reader import PAGE, StreamPage
from flowloom_servicekit.streams.subscription import Subscription
from gateway.domain.paging import Place
from gateway.domain.permissions import EVERYTHING, Role


@dataclass(frozen=True, slots=True)
class NewOwner:
    """The first account with its workspace."""

    user_id: str
    email: str
    password_hash: str
    workspace_id: str
    workspace: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person as sign-in sees them, in the workspace they enter."""

    user: User
    workspace: Workspace
    role: Role
    password_hash: str | None
    has_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """From where somebody signs in or renews, as they say it themselves: shown to them, never trusted."""

    device: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class NewSession:
    """A sign-in: its id names the family of refresh tokens."""

    id: str
    user_id: str
    workspace_id: str
    refresh_digest: bytes
    refresh_until: datetime
    ends_at: datetime
    visit: Visit = Visit()


@dataclass(frozen=True, slots=True)
class Renewal:
    """One refresh token replaced by the next."""

    presented: bytes
    replacement: bytes
    refresh_until: datetime
    now: datetime
    visit: Visit = Visit()


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that may act, with the role its user has now."""

    id: str
    user: User
    workspace_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class LiveKey:
    """An API key that may act, with the role its creator has now."""

    id: str
    user_id: str
    workspace_id: str
    role: Role
    scopes: tuple[str, ...]
    last_used_at: datetime | None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class KeptApiKey:
    """An API key with whose it is."""

    shown: ApiKey
    user_id: str


RotationOutcome = Literal["done", "missing", "rotated"]
"""What became of a rotation; a key and its successor are the only two that act."""


class AccountStore(Protocol):
    """Users, workspaces, members and their sessions."""

    async def is_set_up(self) -> bool:
        """Whether an owner exists."""

    async def create_owner(self, owner: NewOwner, *, now: datetime) -> bool:
        """Create the first account; False if one exists, also when two calls race."""

    async def find_account(self, email_key: str) -> Account | None:
        """Return the account of a normalised address."""

    async def open_session(self, session: NewSession, *, now: datetime) -> None:
        """Store a session with its first refresh token."""

    async def renew_session(self, renewal: Renewal) -> LiveSession | None:
        """Swap a refresh token; None if it does not count, and a used one ends the whole session."""

    async def close_session(self, refresh_digest: bytes, *, now: datetime) -> None:
        """End the session that a refresh token, used or not, belongs to."""

    async def live_session(self, session_id: str, *, now: datetime) -> LiveSession | None:
        """Return a session that may act, else None."""

    async def find_member(self, user_id: str, workspace_id: str) -> tuple[User, Workspace, Role] | None:
        """Return a person and the workspace they are a member of."""


class ApiKeyStore(Protocol):
    """API keys; only their digests are kept."""

    async def add(self, key: ApiKey, *, digest: bytes, workspace_id: str, user_id: str) -> None:
        """Store a key."""

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[ApiKey]:
        """Return keys that were not revoked, newest first, from below the row `after`."""

    async def revoke(self, workspace_id: str, key_id: str, *, now: datetime) -> bool:
        """Revoke a key for good; False if this workspace has no such key."""

    async def find(self, workspace_id: str, key_id: str) -> KeptApiKey | None:
        """Return a key that was not revoked."""

    async def rotate(
        self, workspace_id: str, key_id: str, successor: KeptApiKey, *, digest: bytes, ends_at: datetime
    ) -> RotationOutcome:
        """Store the successor of a key, which itself ends at `ends_at`, or before if it had an end."""

    async def live_key(self, digest: bytes, *, now: datetime) -> LiveKey | None:
        """Return a key that may act, else None."""

    async def touch(self, key_id: str, *, now: datetime) -> None:
        """Note when the key was last used."""


class Credentials(Protocol):
    """Who may still act, asked for many at once while their streams are open."""

    async def roles_of(self, credential_ids: Collection[str], *, now: datetime) -> dict[str, Role]:
        """Return, of the sessions, keys and clients that may act, the role of their person now."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a save of a workflow stores."""

    name: str
    title: str
    source: str
    layout: JsonObject
    tests: str
    problems: tuple[DocumentProblem, ...]
    is_valid: bool
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredWorkflow:
    """A workflow as it is kept."""

    id: str
    draft: Draft
    revision: int
    published_version: int | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A row of the list: everything but the texts."""

    id: str
    name: str
    title: str
    is_valid: bool
    published_version: int | None
    updated_at: datetime
    labels: Mapping[str, str] = field(default_factory=dict)


SaveOutcome = Literal["missing", "stale", "name_taken"]
"""Why a save did not happen."""


class WorkflowStore(Protocol):
    """Workflow documents of one workspace at a time."""

    async def add(
        self, workspace_id: str, workflow_id: str, draft: Draft, *, user_id: str, now: datetime
    ) -> StoredWorkflow | SaveOutcome:
        """Store a new workflow, or say that its name is taken."""

    async def page(
        self,
        workspace_id: str,
        wanted: WorkflowFilter,
        *,
        after: Place | None,
        limit: int,
        closed: Sequence[str] = (),
    ) -> list[WorkflowRow]:
        """Return the wanted workflows in their order, from behind a place in it, without closed ones."""

    async def edited(self, workspace_id: str, *, limit: int, closed: Sequence[str] = ()) -> list[WorkflowRow]:
        """Return the workflows that were changed last, the newest change first, without closed ones."""

    async def get(self, workspace_id: str, workflow_id: str) -> StoredWorkflow | None:
        """Return a workflow of this workspace."""

    async def replace(
        self, workspace_id: str, workflow_id: str, draft: Draft, *, revision: int, now: datetime
    ) -> StoredWorkflow | SaveOutcome:
        """Store a draft over the one of `revision`, or say why not."""

    async def names(self, workspace_id: str, *, without: Sequence[str] = ()) -> dict[str, int | None]:
        """Return the names of this workspace's workflows but some, each with its published version."""

    async def of_name(self, workspace_id: str, name: str) -> StoredWorkflow | None:
        """Return the workflow of this workspace that has a name."""

    async def delete(
        self,
        workspace_id: str,
        workflow_id: str,
        *,
        revision: int | None,
        told: SyncSchedules | None,
        now: datetime,
    ) -> Literal["deleted", "missing", "stale"]:
        """Delete a workflow and switch its triggers off, if `revision` is given only in that state.

        `told` reaches the orchestrator afterwards.
        """


class Runs(Protocol):
    """The orchestrator, as far as the public interface needs it."""

    async def start(self, request: StartRun) -> Run:
        """Store a run durably and return it."""

    async def page(self, query: RunListQuery) -> RunList:
        """Return a page of runs, newest first."""

    async def get(self, query: RunQuery) -> Run:
        """Return one run."""

    def newly_started(self, query: RunQuery) -> Run | None:
        """Return a run as it was when the asking person started it here a moment ago, if they did."""

    async def steps(self, query: StepsQuery) -> StepList:
        """Return a page of the steps of a run."""

    async def events(self, query: RunEventsQuery) -> RunEventList:
        """Return a page of a run's history."""

    async def snapshot(self, query: RunQuery) -> RunSnapshot:
        """Return where a run is now, with the cursor from which to follow it."""

    async def cancel(self, command: RunCommand) -> Run:
        """Ask a run to stop."""


class Hashing(Protocol):
    """Slow hashing of passwords, for whoever's turn it is."""

    async def matches(self, password: str, stored: str | None) -> bool:
        """Compare; None takes as long as a real hash and is False."""

    async def renewed(self, password: str, stored: str) -> str | None:
        """Return a hash by today's parameters if the stored one is by older ones."""


class PasswordHasher(Protocol):
    """Slow hashing of passwords, bounded."""

    def turn(self) -> AbstractAsyncContextManager[Hashing]:
        """Wait for a turn; raise TooManySignInsError at once when too many wait.

        What else a sign-in asks for is done within it, so that many at once are no burst of it.
        """

    async def hash(self, password: str) -> str:
        """Return the hash to store, in a turn of its own; raises what `turn` does."""

    async def matches(self, password: str, stored: str | None) -> bool:
        """Compare in a turn of its own."""


class SignInThrottle(Protocol):
    """Counts attempts to sign in, by account and by address."""

    async def admit(self, account: str, address: str) -> None:
        """Count an attempt; raise TooManySignInsError above the limits."""

    async def forgive(self, account: str, address: str) -> None:
        """Forget the attempts of an account from an address, after a success."""


ACCESS_TOKEN_LIFETIME: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """For whom an access token is issued."""

    user_id: str
    session_id: str
    workspace_id: str
    role: Role
    scope: str = EVERYTHING
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a verified access token says; whether its session still lives is another question."""

    user_id: str
    session_id: str
    workspace_id: str
    expires_at: datetime
    scopes: tuple[str, ...] = (EVERYTHING,)
    client_id: str | None = None


class AccessTokens(Protocol):
    """Signed tokens of five minutes."""

    def issue(self, subject: TokenSubject) -> str:
        """Return a token."""

    def verify(self, token: str) -> TokenClaims:
        """Return the claims of a token of ours that has not ended; raise UnauthenticatedError else."""

    def public_keys(self) -> JsonObject:
        """Return the key set with which others can verify."""


class Platform(Protocol):
    """The parts that must be well before a run can be taken."""

    async def unwell(self) -> list[str]:
        """Return the names of the parts that do not answer."""


class RunStreams(Protocol):
    """Live streams, followed."""

    def subscribe(self, stream: str, after: Cursor = START, *, expected: bool = False) -> Subscription:
        """Return a subscription to what follows a cursor."""


class StreamPages(Protocol):
    """Live streams, read page by page."""

    async def read(self, stream: str, after: Cursor = START, limit: int = PAGE) -> StreamPage | None:
        """Return the events after a cursor; None when the stream is not there any more, or not yet."""
