"""Webhooks as people manage them: list, deliveries, replay, signing secret."""

import secrets
from datetime import datetime

from flowloom_contracts.automation import (
    DeliveryStatus,
    HookAccepted,
    HookDelivery,
    HookDeliveryList,
    Webhook,
    WebhookList,
    WebhookSecret,
)
from flowloom_contracts.runs import Reach
from flowloom_contracts.triggers import WebhookTrigger
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import NotFoundError
from flowloom_servicekit.ids import new_id
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal
from gateway.usecases.hooks import HookBook, WebhookNotFoundError
from gateway.usecases.intake import Intake
from gateway.usecases.workflows import WorkflowNotSharedError
from gateway.vault_ports import Place, Vault
from gateway.version_ports import (
    DeliveryStore,
    KnownDelivery,
    NewDelivery,
    StoredTrigger,
    TriggerStore,
)


class DeliveryNotFoundError(NotFoundError):
    """The webhook has no such delivery, or it is too long ago."""

    title = "Delivery not found"


async def list_webhooks(
    principal: Principal, *, cursor: str | None, limit: int, triggers: TriggerStore
) -> WebhookList:
    """Return a page of webhooks, newest first; those of earlier versions are not active."""
    rows = await triggers.page(principal.workspace_id, after=row_after(cursor), limit=limit + 1)
    return WebhookList(
        items=[
            _shown(stored, last_at)
            for stored, last_at in rows[:limit]
            if principal.reaches(stored.workflow.id, "view")
        ],
        next_cursor=cursor_of(rows[limit - 1][0].id) if len(rows) > limit else None,
    )


async def list_deliveries(
    webhook_id: str,
    principal: Principal,
    *,
    status: DeliveryStatus | None,
    cursor: str | None,
    limit: int,
    triggers: TriggerStore,
    deliveries: DeliveryStore,
) -> HookDeliveryList:
    """Return a page of a webhook's deliveries, newest first."""
    hook = await _find(webhook_id, principal, triggers)
    rows = await deliveries.page(
        principal.workspace_id, hook.id, status=status, after=row_after(cursor), limit=limit + 1
    )
    return HookDeliveryList(
        items=[_shown_delivery(row) for row in rows[:limit]],
        next_cursor=cursor_of(rows[limit - 1].id) if len(rows) > limit else None,
    )


async def replay_delivery(
    webhook_id: str,
    delivery_id: str,
    principal: Principal,
    *,
    triggers: TriggerStore,
    deliveries: DeliveryStore,
    intake: Intake,
    clock: Clock,
) -> HookAccepted:
    """Store the same data as a new delivery, which starts a run of its own."""
    hook = await _find(webhook_id, principal, triggers, least="run")
    known = await deliveries.get(principal.workspace_id, hook.id, delivery_id)
    if known is None:
        raise DeliveryNotFoundError(f"No delivery {delivery_id[:80]!r} here.")
    again = new_id()
    kept = await intake.accept(
        NewDelivery(
            id=again,
            workspace_id=principal.workspace_id,
            trigger_id=hook.id,
            run_key=f"hook:{again}",
            data=known.data,
            received_at=clock.now(),
        )
    )
    return HookAccepted(delivery_id=kept.id)


async def make_secret(
    webhook_id: str, principal: Principal, *, triggers: TriggerStore, vault: Vault, hooks: HookBook
) -> WebhookSecret:
    """Make a signing secret, shown only here; one made before stops working within a second."""
    hook = await _find(webhook_id, principal, triggers, least="edit")
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    sealed = vault.seal(Place("webhooks", hook.workspace_id, hook.id), secret)
    if not await triggers.give_secret(principal.workspace_id, hook.id, sealed):
        raise WebhookNotFoundError("It was deleted meanwhile.")
    hooks.forget()
    return WebhookSecret(id=hook.id, secret=secret)


async def _find(
    webhook_id: str, principal: Principal, triggers: TriggerStore, *, least: Reach = "view"
) -> StoredTrigger:
    found = await triggers.get(principal.workspace_id, webhook_id)
    if found is None or not principal.reaches(found.workflow.id, "view"):
        raise WebhookNotFoundError(f"No webhook {webhook_id[:80]!r} here.")
    if not principal.reaches(found.workflow.id, least):
        raise WorkflowNotSharedError(f"Its workflow is not shared with you to {least}; ask who may edit it.")
    return found


def _shown(stored: StoredTrigger, last_at: datetime | None) -> Webhook:
    return Webhook(
        id=stored.id,
        workflow=stored.workflow,
        trigger=stored.trigger,
        path=f"/hooks/{stored.id}",
        auth=WebhookTrigger.model_validate(stored.spec).webhook.auth,
        active=stored.active,
        version=stored.version,
        has_secret=stored.sealed is not None,
        created_at=stored.created_at,
        last_delivery_at=last_at,
    )


def _shown_delivery(row: KnownDelivery) -> HookDelivery:
    return HookDelivery(
        id=row.id,
        webhook_id=row.trigger_id,
        status=row.status,
        received_at=row.received_at,
        attempts=row.attempts,
        next_attempt_at=row.next_at,
        run_id=row.run_id,
        reason=row.reason,
    )
