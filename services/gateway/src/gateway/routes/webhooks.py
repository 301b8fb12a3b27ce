"""Webhooks of published workflows: their deliveries, replays and signing secrets."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.automation import (
    DeliveryStatus,
    HookAccepted,
    HookDeliveryList,
    WebhookList,
    WebhookSecret,
)
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import (
    PageCursor,
    PageLimit,
    Start,
    TriggerManager,
    TriggerReader,
    WorkflowPublisher,
)
from gateway.usecases import webhooks as usecases
from gateway.usecases.hooks import WebhookNotFoundError
from gateway.usecases.workflows import WorkflowNotSharedError

router: Final = APIRouter(
    prefix="/v1/webhooks",
    tags=["triggers"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
ONE: Final = problems(WebhookNotFoundError)


@router.get("")
async def list_webhooks(
    principal: TriggerReader, parts: PartsOf, cursor: PageCursor = None, limit: PageLimit = 50
) -> WebhookList:
    """List the webhooks, newest first; one that the published version no longer has is not active."""
    return await usecases.list_webhooks(principal, cursor=cursor, limit=limit, triggers=parts.triggers)


@router.get("/{webhook_id}/deliveries", responses=ONE)
async def list_deliveries(
    *,
    webhook_id: str,
    principal: TriggerReader,
    parts: PartsOf,
    status: DeliveryStatus | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> HookDeliveryList:
    """List what was accepted and what became of it, newest first."""
    return await usecases.list_deliveries(
        webhook_id,
        principal,
        status=status,
        cursor=cursor,
        limit=limit,
        triggers=parts.triggers,
        deliveries=parts.deliveries,
    )


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    responses=problems(
        WebhookNotFoundError, ForbiddenError, WorkflowNotSharedError, usecases.DeliveryNotFoundError
    ),
    dependencies=[Start],
)
async def replay_delivery(
    webhook_id: str, delivery_id: str, principal: TriggerManager, parts: PartsOf
) -> HookAccepted:
    """Start a new run with the data of a delivery, whatever became of it."""
    return await usecases.replay_delivery(
        webhook_id,
        delivery_id,
        principal,
        triggers=parts.triggers,
        deliveries=parts.deliveries,
        intake=parts.intake,
        clock=parts.clock,
    )


@router.post(
    "/{webhook_id}/secret", status_code=201, responses=ONE | problems(ForbiddenError, WorkflowNotSharedError)
)
async def make_webhook_secret(webhook_id: str, principal: WorkflowPublisher, parts: PartsOf) -> WebhookSecret:
    """Make a signing secret; this answer is the only place where it can be read."""
    return await usecases.make_secret(
        webhook_id, principal, triggers=parts.triggers, vault=parts.vault, hooks=parts.hooks
    )
