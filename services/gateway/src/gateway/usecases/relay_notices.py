"""Sends what notices have left to send: mail to people, signed calls to other systems."""

import asyncio
from datetime import timedelta
from typing import Final

import orjson
import structlog

from flowloom_contracts.notices import Notice
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import DomainError, UpstreamError
from gateway.mail_ports import Mail, Mailer, MailNotSentError
from gateway.notice_ports import (
    CallOutcome,
    DueMail,
    EndpointStore,
    HookSender,
    KnownCall,
    NotificationStore,
)
from gateway.usecases.hook_requests import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from gateway.usecases.notices import NoticeBoard
from gateway.usecases.subscribers import SubscriberSight
from gateway.vault_ports import Place, Vault

log = structlog.get_logger(__name__)

BATCH: Final = 20
FIRST_PAUSE_SECONDS: Final = 10.0
LONGEST_PAUSE_SECONDS: Final = 6 * 3_600.0
MAX_ATTEMPTS: Final = 15
"""With the longest pause these are about two days."""
GIVE_UP_AFTER: Final = timedelta(days=3)
"""An address that has failed so long, without one success, is switched off."""
MAIL_ATTEMPTS: Final = 8
TIDY_SECONDS: Final = 3_600.0
KEEP_NOTIFICATIONS: Final = timedelta(days=90)
KEEP_CALLS: Final = timedelta(days=30)
NOT_TOLD: Final = "The workflow is closed to whoever saved this endpoint last."
ACCEPTED: Final = range(200, 300)
GONE: Final = 410


class MailRelay:
    """Sends notifications by mail; what no server takes for hours is given up, it is in the list anyway."""

    def __init__(self, *, people: NotificationStore, mailer: Mailer, public_url: str, clock: Clock) -> None:
        self._people = people
        self._mailer = mailer
        self._public_url = public_url
        self._clock = clock

    async def carry_out(self) -> int:
        """Try what is due once; returns how many mails that were."""
        due = await self._people.mails(BATCH, now=self._clock.now())
        for mail in due:
            next_at = None
            try:
                await self._mailer.send(self._written(mail))
            except MailNotSentError as error:
                log.warning("a notification could not be sent by mail", error=repr(error))
                if error.retry_after is not None and mail.attempts + 1 < MAIL_ATTEMPTS:
                    next_at = self._clock.now() + timedelta(minutes=2.0**mail.attempts)
            await self._people.mailed(mail, next_at=next_at)
        return len(due)

    def _written(self, mail: DueMail) -> Mail:
        shown = mail.shown
        link = f"{self._public_url}/runs/{shown.run_id}" if shown.run_id else self._public_url
        text = "\n\n".join(part for part in (shown.title, shown.body, link) if part)
        footer = f"How you are told of this is your choice: {self._public_url}/settings/notifications"
        return Mail(to=mail.email, subject=shown.title, text=f"{text}\n\n-- \n{footer}\n")


class NoticeTidying:
    """Forgets once an hour what nobody looks at any more."""

    def __init__(self, *, people: NotificationStore, endpoints: EndpointStore, clock: Clock) -> None:
        self._people = people
        self._endpoints = endpoints
        self._clock = clock
        self._next_at = 0.0

    async def carry_out(self) -> int:
        """Forget if an hour has passed."""
        if self._clock.monotonic() >= self._next_at:
            self._next_at = self._clock.monotonic() + TIDY_SECONDS
            now = self._clock.now()
            await self._people.purge(before=now - KEEP_NOTIFICATIONS)
            await self._endpoints.purge_calls(before=now - KEEP_CALLS)
        return 0


class CallRelay:
    """Makes calls, each until an answer of 2xx; an address that fails for days is switched off.

    What its subscriber may not read when it would be sent is not sent, whenever it happened.
    """

    def __init__(
        self,
        *,
        endpoints: EndpointStore,
        sender: HookSender,
        sight: SubscriberSight,
        vault: Vault,
        board: NoticeBoard,
        clock: Clock,
    ) -> None:
        self._endpoints = endpoints
        self._sight = sight
        self._sender = sender
        self._vault = vault
        self._board = board
        self._clock = clock

    async def carry_out(self) -> int:
        """Try what is due once, several at a time; returns how many calls that were."""
        due = await self._endpoints.due(BATCH, now=self._clock.now())
        await asyncio.gather(*(self._attempt(call) for call in due))
        return len(due)

    async def _attempt(self, call: KnownCall) -> None:
        outcome = await self._outcome(call)
        since = await self._endpoints.settle(outcome)
        is_tired = since is not None and self._clock.now() - since >= GIVE_UP_AFTER
        if is_tired or outcome.answer == GONE:
            await self._switch_off(call, outcome)

    async def _outcome(self, call: KnownCall) -> CallOutcome:
        stored = await self._endpoints.get(call.new.workspace_id, call.new.endpoint_id)
        if stored is None or not stored.spec.active or stored.disabled_reason is not None:
            return CallOutcome(call, "dead", self._clock.now(), error="The endpoint is switched off.")
        if not await self._sight.may_read(stored, call.workflow_id):
            return CallOutcome(call, "dead", self._clock.now(), error=NOT_TOLD, is_tried=False)
        secret = self._vault.open(Place("endpoints", stored.workspace_id, stored.id), stored.sealed)
        body = orjson.dumps({"id": call.new.event_id, **call.new.payload})
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "content-type": "application/json",
            "user-agent": "Flowloom-Webhooks/1",
            "idempotency-key": call.new.id,
            "x-flowloom-event": call.new.event,
            "x-flowloom-delivery": call.new.id,
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: f"sha256={sign(secret, timestamp, body)}",
        }
        try:
            answer = await self._sender.post(stored.spec.url, body, headers)
        except (DomainError, UpstreamError) as error:
            return self._failed(call, None, error.detail or error.title)
        if answer in ACCEPTED:
            return CallOutcome(call, "delivered", self._clock.now(), answer=answer)
        return self._failed(call, answer, f"It answered {answer}.")

    def _failed(self, call: KnownCall, answer: int | None, error: str) -> CallOutcome:
        now, attempts = self._clock.now(), call.attempts + 1
        if attempts >= MAX_ATTEMPTS or answer == GONE:
            return CallOutcome(call, "dead", now, answer=answer, error=error[:500])
        pause = min(FIRST_PAUSE_SECONDS * 2.0**call.attempts, LONGEST_PAUSE_SECONDS)
        later = now + timedelta(seconds=pause)
        return CallOutcome(call, "pending", now, next_at=later, answer=answer, error=error[:500])

    async def _switch_off(self, call: KnownCall, outcome: CallOutcome) -> None:
        workspace_id, endpoint_id = call.new.workspace_id, call.new.endpoint_id
        reason = f"It failed for {GIVE_UP_AFTER.days} days: {outcome.error}"
        if outcome.answer == GONE:
            reason = "It answered 410: it is gone for good."
        if not await self._endpoints.disable(workspace_id, endpoint_id, reason=reason):
            return
        notice = Notice(
            id=f"{endpoint_id}:{outcome.at.isoformat()}",
            kind="endpoint_disabled",
            workspace_id=workspace_id,
            details={"endpoint_id": endpoint_id, "message": reason},
            at=outcome.at,
        )
        await self._board.post(notice)
