"""Notifications and other systems' addresses in memory, and an outside that answers as a test says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flowloom_contracts.notices import EndpointDeliveryStatus, Notification, NotificationChoice
from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.outbound.errors import AddressRefusedError
from gateway.notice_ports import (
    CallOutcome,
    DueMail,
    KnownCall,
    NewCall,
    NewNotification,
    StoredEndpoint,
    UnreadMark,
)


@dataclass(slots=True)
class _Kept:
    new: NewNotification
    mail_at: datetime | None
    read_at: datetime | None = None
    attempts: int = 0


class InMemoryNotifications:
    """See `NotificationStore`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._choices: dict[tuple[str, str], dict[str, NotificationChoice]] = {}

    async def add(self, workspace_id: str, new: Sequence[NewNotification]) -> int:
        """See `NotificationStore.add`."""
        count = 0
        for one in new:
            if (one.user_id, one.source) not in self._kept:
                mail_at = one.shown.created_at if one.email else None
                self._kept[one.user_id, one.source] = _Kept(one, mail_at)
                count += 1
        return count

    async def page(
        self, workspace_id: str, user_id: str, *, unread: bool, after: str | None, limit: int
    ) -> list[Notification]:
        """See `NotificationStore.page`."""
        mine = [
            one.new.shown.model_copy(update={"read_at": one.read_at})
            for one in self._of(workspace_id, user_id)
            if not (unread and one.read_at)
        ]
        ordered = sorted(mine, key=lambda one: one.id, reverse=True)
        return [one for one in ordered if after is None or one.id < after][:limit]

    async def unread(self, workspace_id: str, user_id: str) -> int:
        """See `NotificationStore.unread`."""
        return sum(one.read_at is None for one in self._of(workspace_id, user_id))

    async def marks(self, people: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], UnreadMark]:
        """See `NotificationStore.marks`."""
        found = {}
        for who in people:
            unread = [one.new.shown.id for one in self._of(*who) if one.read_at is None]
            if unread:
                found[who] = UnreadMark(len(unread), max(unread))
        return found

    async def mark(
        self, workspace_id: str, user_id: str, ids: Sequence[str] | None, *, read_at: datetime | None
    ) -> None:
        """See `NotificationStore.mark`."""
        for one in self._of(workspace_id, user_id):
            is_meant = ids is None or one.new.shown.id in ids
            if is_meant and (read_at is None or one.read_at is None):
                one.read_at = read_at

    async def choices(
        self, workspace_id: str, user_ids: Sequence[str]
    ) -> Mapping[str, Sequence[NotificationChoice]]:
        """See `NotificationStore.choices`."""
        return {one: list(self._choices.get((workspace_id, one), {}).values()) for one in user_ids}

    async def choose(self, workspace_id: str, user_id: str, items: Sequence[NotificationChoice]) -> None:
        """See `NotificationStore.choose`."""
        known = self._choices.setdefault((workspace_id, user_id), {})
        known.update({item.kind: item for item in items})

    async def mails(self, limit: int, *, now: datetime) -> list[DueMail]:
        """See `NotificationStore.mails`."""
        due = [one for one in self._kept.values() if one.mail_at is not None and one.mail_at <= now]
        return [
            DueMail(one.new.shown.id, one.new.workspace_id, one.new.email or "", one.new.shown, one.attempts)
            for one in due[:limit]
        ]

    async def mailed(self, mail: DueMail, *, next_at: datetime | None) -> None:
        """See `NotificationStore.mailed`."""
        for one in self._kept.values():
            if one.new.shown.id == mail.id:
                one.mail_at, one.attempts = next_at, mail.attempts + 1

    async def purge(self, *, before: datetime) -> None:
        """See `NotificationStore.purge`."""
        kept = self._kept.items()
        self._kept = {key: one for key, one in kept if one.new.shown.created_at >= before}

    def _of(self, workspace_id: str, user_id: str) -> list[_Kept]:
        mine = (workspace_id, user_id)
        return [
            one
            for one in self._kept.values()
            if (one.new.workspace_id, one.new.user_id) == mine and one.new.in_app
        ]


class InMemoryEndpoints:
    """See `EndpointStore`."""

    def __init__(self) -> None:
        self.kept: dict[str, StoredEndpoint] = {}
        self.made: dict[tuple[str, str], KnownCall] = {}

    async def all(self, workspace_id: str) -> Sequence[StoredEndpoint]:
        """See `EndpointStore.all`."""
        mine = [one for one in self.kept.values() if one.workspace_id == workspace_id]
        return sorted(mine, key=lambda one: one.id, reverse=True)

    async def get(self, workspace_id: str, endpoint_id: str) -> StoredEndpoint | None:
        """See `EndpointStore.get`."""
        known = self.kept.get(endpoint_id)
        return known if known is not None and known.workspace_id == workspace_id else None

    async def add(self, endpoint: StoredEndpoint) -> None:
        """See `EndpointStore.add`."""
        self.kept[endpoint.id] = endpoint

    async def replace(self, endpoint: StoredEndpoint, *, over: StoredEndpoint) -> bool:
        """See `EndpointStore.replace`."""
        known = await self.get(endpoint.workspace_id, endpoint.id)
        if known is None or (known.spec, known.sealed) != (over.spec, over.sealed):
            return False
        self.kept[endpoint.id] = endpoint
        return True

    async def delete(self, workspace_id: str, endpoint_id: str) -> bool:
        """See `EndpointStore.delete`."""
        if await self.get(workspace_id, endpoint_id) is None:
            return False
        del self.kept[endpoint_id]
        self.made = {key: call for key, call in self.made.items() if key[0] != endpoint_id}
        return True

    async def add_calls(self, workspace_id: str, calls: Sequence[NewCall]) -> None:
        """See `EndpointStore.add_calls`."""
        for call in calls:
            waiting = KnownCall(
                call,
                "pending",
                attempts=0,
                next_at=call.created_at,
                delivered_at=None,
                answer=None,
                error=None,
            )
            self.made.setdefault((call.endpoint_id, call.event_id), waiting)

    async def due(self, limit: int, *, now: datetime) -> list[KnownCall]:
        """See `EndpointStore.due`."""
        calls = self.made.values()
        return [one for one in calls if one.status == "pending" and one.next_at and one.next_at <= now][
            :limit
        ]

    async def settle(self, outcome: CallOutcome) -> datetime | None:
        """See `EndpointStore.settle`."""
        call, is_delivered = outcome.call, outcome.status == "delivered"
        self.made[call.new.endpoint_id, call.new.event_id] = replace(
            call,
            status=outcome.status,
            attempts=self.made[call.new.endpoint_id, call.new.event_id].attempts + int(outcome.is_tried),
            next_at=outcome.next_at,
            delivered_at=outcome.at if is_delivered else None,
            answer=outcome.answer,
            error=outcome.error,
        )
        endpoint = self.kept.get(call.new.endpoint_id)
        if endpoint is None or not outcome.is_tried:
            return None
        since = None if is_delivered else endpoint.failing_since or outcome.at
        self.kept[endpoint.id] = replace(endpoint, failing_since=since)
        return since

    async def disable(self, workspace_id: str, endpoint_id: str, *, reason: str) -> bool:
        """See `EndpointStore.disable`."""
        known = await self.get(workspace_id, endpoint_id)
        if known is None or known.disabled_reason is not None:
            return False
        self.kept[endpoint_id] = replace(known, disabled_reason=reason)
        return True

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
        """See `EndpointStore.calls`."""
        mine = [
            one
            for one in self.made.values()
            if (one.new.workspace_id, one.new.endpoint_id) == (workspace_id, endpoint_id)
            and status in (None, one.status)
            and one.workflow_id not in closed
        ]
        ordered = sorted(mine, key=lambda one: one.new.id, reverse=True)
        return [one for one in ordered if after is None or one.new.id < after][:limit]

    async def call(self, workspace_id: str, endpoint_id: str, call_id: str) -> KnownCall | None:
        """See `EndpointStore.call`."""
        found = await self.calls(workspace_id, endpoint_id, status=None, after=None, limit=1_000)
        return next((one for one in found if one.new.id == call_id), None)

    async def purge_calls(self, *, before: datetime) -> None:
        """See `EndpointStore.purge_calls`."""
        calls = self.made.items()
        self.made = {
            key: one for key, one in calls if one.status == "pending" or one.new.created_at >= before
        }


class ScriptedSender:
    """See `HookSender`: answers with the next of `answers`, the last repeats; `sent` is what was called."""

    def __init__(self) -> None:
        self.answers: list[int | FlowloomError] = [200]
        self.sent: list[tuple[str, bytes, Mapping[str, str]]] = []

    def check(self, url: str) -> None:
        """See `HookSender.check`."""
        if not url.startswith("https://"):
            raise AddressRefusedError("The address is not one that may be called.")

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """See `HookSender.post`."""
        self.sent.append((url, body, headers))
        answer = self.answers[min(len(self.sent), len(self.answers)) - 1]
        if isinstance(answer, int):
            return answer
        raise answer
