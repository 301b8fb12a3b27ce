"""The board of notices: each becomes notifications of people and calls of other systems' addresses."""

import math
from collections.abc import Sequence
from typing import Final

import structlog

from flowloom_contracts.automation import FireTrigger
from flowloom_contracts.events import RunFinished
from flowloom_contracts.identity import Member
from flowloom_contracts.notices import PEOPLE_HEAR, Notice, NoticeKind, Notification
from flowloom_contracts.runs import RunStatus, WorkflowRef
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.ids import new_id
from gateway.domain.notice_rules import addressed, body_of, choices_of, title_of
from gateway.identity_ports import MemberStore
from gateway.notice_ports import (
    EndpointStore,
    NewCall,
    NewNotification,
    NotificationStore,
    StoredEndpoint,
)
from gateway.usecases.sharing import SharingBook

log = structlog.get_logger(__name__)

TRUSTED_S: Final = 1.0
"""How long the addresses of a workspace that were read are believed: every run that ends asks for them."""

MOST_WORKSPACES: Final = 1_000
MEMBERS_AT_ONCE: Final = 200
MOST_TOLD: Final = 1_000
_ENDS: Final[dict[RunStatus, NoticeKind]] = {
    RunStatus.FAILED: "run_failed",
    RunStatus.SUCCEEDED: "run_succeeded",
    RunStatus.CANCELLED: "run_cancelled",
}


class NoticeBoard:
    """Takes notices, each as often as it is delivered; people and addresses get it once."""

    def __init__(
        self,
        *,
        members: MemberStore,
        people: NotificationStore,
        endpoints: EndpointStore,
        sharing: SharingBook,
        clock: Clock,
    ) -> None:
        self._members = members
        self._sharing = sharing
        self._people = people
        self._endpoints = endpoints
        self._clock = clock
        self._read: dict[str, tuple[float, Sequence[StoredEndpoint]]] = {}

    async def run_ended(self, event: RunFinished) -> None:
        """Post that a run has ended; what other runs have started is their own affair."""
        kind = _ENDS.get(event.status)
        if kind is None or event.is_child:
            return
        error = event.error
        details = {"message": error.message, "code": error.code} if error else {}
        notice = Notice(
            id=f"{event.run_id}:{event.at.isoformat()}",
            kind=kind,
            workspace_id=event.workspace_id,
            workflow=WorkflowRef(id=event.workflow_id, name=event.workflow_name or ""),
            run_id=event.run_id,
            step=error.step if error else None,
            user_id=event.user_id,
            is_private=event.is_private,
            details=dict(details),
            at=event.at,
        )
        await self.post(notice)

    async def schedule_failed(self, request: FireTrigger, reason: str) -> None:
        """Post that a schedule has started no run, once for each of its times."""
        notice = Notice(
            id=request.key,
            kind="schedule_failed",
            workspace_id=request.workspace_id,
            workflow=WorkflowRef(id=request.workflow_id, name=request.trigger),
            details={"message": reason, "trigger": request.trigger},
            at=self._clock.now(),
        )
        await self.post(notice)

    async def post(self, notice: Notice) -> None:
        """Store what follows from a notice."""
        if not notice.is_private:
            await self._call_endpoints(notice)
        if notice.kind in PEOPLE_HEAR:
            await self._tell_people(notice)

    async def _call_endpoints(self, notice: Notice) -> None:
        wanted = [
            one
            for one in await self._endpoints_of(notice.workspace_id)
            if one.spec.active and one.disabled_reason is None and notice.kind in one.spec.events
        ]
        if not wanted:
            return
        payload = notice.model_dump(mode="json", exclude={"to", "user_id", "is_private"}, exclude_none=True)
        calls = [
            NewCall(
                id=new_id(),
                workspace_id=notice.workspace_id,
                endpoint_id=one.id,
                event_id=notice.id,
                event=notice.kind,
                payload=payload | {"title": title_of(notice)},
                created_at=self._clock.now(),
            )
            for one in wanted
        ]
        await self._endpoints.add_calls(notice.workspace_id, calls)

    async def _endpoints_of(self, workspace_id: str) -> Sequence[StoredEndpoint]:
        now = self._clock.monotonic()
        read_at, known = self._read.get(workspace_id, (-math.inf, ()))
        if now - read_at >= TRUSTED_S:
            known = await self._endpoints.all(workspace_id)
            if len(self._read) >= MOST_WORKSPACES:
                self._read.clear()
            self._read[workspace_id] = (now, known)
        return known

    async def _tell_people(self, notice: Notice) -> None:
        asked = addressed(notice, await self._all_members(notice.workspace_id))
        told = [one for one in asked if await self._may_see(notice, one)][:MOST_TOLD]
        chosen = await self._people.choices(notice.workspace_id, [one.user_id for one in told])
        new = list[NewNotification]()
        for member in told:
            choice = choices_of(chosen.get(member.user_id, ()))[notice.kind]
            if choice.in_app or choice.mail:
                new.append(self._notification(notice, member, in_app=choice.in_app, mail=choice.mail))
        await self._people.add(notice.workspace_id, new)

    async def _may_see(self, notice: Notice, member: Member) -> bool:
        if notice.workflow is None:
            return True
        limits = await self._sharing.limits(notice.workspace_id, member.user_id, member.role)
        return limits.get(notice.workflow.id) != "none"

    def _notification(self, notice: Notice, member: Member, *, in_app: bool, mail: bool) -> NewNotification:
        shown = Notification(
            id=new_id(),
            kind=notice.kind,
            title=title_of(notice),
            body=body_of(notice),
            workflow=notice.workflow,
            run_id=notice.run_id,
            details=notice.details,
            created_at=self._clock.now(),
        )
        return NewNotification(
            workspace_id=notice.workspace_id,
            user_id=member.user_id,
            source=notice.id,
            shown=shown,
            in_app=in_app,
            email=member.email if mail else None,
        )

    async def _all_members(self, workspace_id: str) -> list[Member]:
        found = page = await self._members.page(workspace_id, after=None, limit=MEMBERS_AT_ONCE)
        while len(page) == MEMBERS_AT_ONCE:
            last = page[-1].user_id
            page = await self._members.page(workspace_id, after=last, limit=MEMBERS_AT_ONCE)
            found = [*found, *page]
        return found
