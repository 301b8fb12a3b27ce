"""What notices need from outside: the notifications of people, and the addresses of other systems."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flowloom_contracts.base import JsonObject
from flowloom_contracts.notices import (
    EndpointDeliveryStatus,
    Notification,
    NotificationChoice,
    SaveEndpoint,
)
from gateway.vault_ports import Sealed


@dataclass(frozen=True, slots=True)
class NewNotification:
    """A notice for one person; with an `email` it is sent there too. `source` makes another one the same."""

    workspace_id: str
    user_id: str
    source: str
    shown: Notification
    in_app: bool
    email: str | None


@dataclass(frozen=True, slots=True)
class DueMail:
    """A notification that still has to be sent by mail."""

    id: str
    workspace_id: str
    email: str
    shown: Notification
    attempts: int


@dataclass(frozen=True, slots=True)
class UnreadMark:
    """By what one can tell that nothing else is unread than before."""

    count: int
    newest: str


class NotificationStore(Protocol):
    """Notifications of one person in one workspace at a time, and the mail that has to be sent of them."""

    async def add(self, workspace_id: str, new: Sequence[NewNotification]) -> int:
        """Store those that are new; return how many were."""

    async def page(
        self, workspace_id: str, user_id: str, *, unread: bool, after: str | None, limit: int
    ) -> list[Notification]:
        """Return notifications, newest first, from below the row `after`."""

    async def unread(self, workspace_id: str, user_id: str) -> int:
        """Return how many are unread."""

    async def marks(self, people: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], UnreadMark]:
        """Return what is unread by people in workspaces; who has read everything is missing."""

    async def mark(
        self, workspace_id: str, user_id: str, ids: Sequence[str] | None, *, read_at: datetime | None
    ) -> None:
        """Note that some of them, or all, were read, or that they were not."""

    async def choices(
        self, workspace_id: str, user_ids: Sequence[str]
    ) -> Mapping[str, Sequence[NotificationChoice]]:
        """Return what these people have chosen, by person."""

    async def choose(self, workspace_id: str, user_id: str, items: Sequence[NotificationChoice]) -> None:
        """Keep what somebody chooses."""

    async def mails(self, limit: int, *, now: datetime) -> list[DueMail]:
        """Return mails whose time has come, of all workspaces."""

    async def mailed(self, mail: DueMail, *, next_at: datetime | None) -> None:
        """Note that a mail was sent, or given up; with a time, that it is tried again then."""

    async def purge(self, *, before: datetime) -> None:
        """Forget what is older, in all workspaces."""


@dataclass(frozen=True, slots=True)
class StoredEndpoint:
    """An address as it is kept."""

    id: str
    workspace_id: str
    spec: SaveEndpoint
    sealed: Sealed
    created_at: datetime
    failing_since: datetime | None = None
    disabled_reason: str | None = None
    subscriber_id: str | None = None
    """Who saved it last: it is told of nothing that they may not read."""


@dataclass(frozen=True, slots=True)
class NewCall:
    """One call that has to be made; of one event an address gets one."""

    id: str
    workspace_id: str
    endpoint_id: str
    event_id: str
    event: str
    payload: JsonObject
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call with what became of it."""

    new: NewCall
    status: EndpointDeliveryStatus
    attempts: int
    next_at: datetime | None
    delivered_at: datetime | None
    answer: int | None
    error: str | None

    @property
    def workflow_id(self) -> str | None:
        """The workflow that it tells of, if it is one."""
        told = self.new.payload.get("workflow")
        found = told.get("id") if isinstance(told, dict) else None
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What became of one attempt."""

    call: KnownCall
    status: EndpointDeliveryStatus
    at: datetime
    next_at: datetime | None = None
    answer: int | None = None
    error: str | None = None
    is_tried: bool = True
    """A call that was not even tried says nothing about its address."""


class EndpointStore(Protocol):
    """Addresses of one workspace at a time, and the calls that have to be made."""

    async def all(self, workspace_id: str) -> Sequence[StoredEndpoint]:
        """Return them, the newest first; there are few."""

    async def get(self, workspace_id: str, endpoint_id: str) -> StoredEndpoint | None:
        """Return an address of this workspace."""

    async def add(self, endpoint: StoredEndpoint) -> None:
        """Store a new address."""

    async def replace(self, endpoint: StoredEndpoint, *, over: StoredEndpoint) -> bool:
        """Store an address; False if what somebody said of it, or its secret, is no longer that of `over`."""

    async def delete(self, workspace_id: str, endpoint_id: str) -> bool:
        """Delete an address with its calls; False if this workspace has none of this id."""

    async def add_calls(self, workspace_id: str, calls: Sequence[NewCall]) -> None:
        """Store calls that are due at once; one that is known changes nothing."""

    async def due(self, limit: int, *, now: datetime) -> list[KnownCall]:
        """Return calls whose time has come, of all workspaces, the oldest first."""

    async def settle(self, outcome: CallOutcome) -> datetime | None:
        """Store what became of an attempt; return since when its address fails, None if it does not.

        Of a call that was not tried its address learns nothing, and None is returned.
        """

    async def disable(self, workspace_id: str, endpoint_id: str, *, reason: str) -> bool:
        """Switch an address off; False if it was off already."""

    async def calls(
        self,
        workspace_id: str,
        endpoint_id: str,
        *,
        status: EndpointDeliveryStatus | None,
        after: str | None,
        limit: int,
        closed: Sequence[str] = (),
    ) -> list[KnownCall]:
        """Return calls of an address, newest first, from below the row `after`.

        Those that tell of a workflow in `closed` are left out.
        """

    async def call(self, workspace_id: str, endpoint_id: str, call_id: str) -> KnownCall | None:
        """Return one call."""

    async def purge_calls(self, *, before: datetime) -> None:
        """Forget calls that have ended and are older, in all workspaces."""


class HookSender(Protocol):
    """The outside, as far as addresses of other systems go."""

    def check(self, url: str) -> None:
        """Raise AddressRefusedError for an address that will never be called."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send one call and return the status of the answer; raises what `OutboundClient.request` does."""
