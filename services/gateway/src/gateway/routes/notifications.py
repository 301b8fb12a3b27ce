"""What the person who asks was told, and how they want to be told."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from flowloom_contracts.notices import (
    MarkNotifications,
    NotificationChoices,
    NotificationList,
    SaveNotificationChoices,
    Unread,
)
from flowloom_servicekit.errors import (
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import PageCursor, PageLimit, SignedIn
from gateway.usecases import notifications as usecases

router: Final = APIRouter(
    prefix="/v1/notifications",
    tags=["notifications"],
    responses=problems(UnauthenticatedError, InvalidRequestError, StorageUnavailableError),
)


@router.get("")
async def list_notifications(
    *,
    principal: SignedIn,
    parts: PartsOf,
    unread: Annotated[bool, Query(description="Only those that were not read.")] = False,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> NotificationList:
    """List what the person was told in this workspace, newest first."""
    people = parts.desk.notifications
    return await usecases.list_notifications(
        principal, unread=unread, cursor=cursor, limit=limit, people=people
    )


@router.post("/read")
async def mark_notifications(body: MarkNotifications, principal: SignedIn, parts: PartsOf) -> Unread:
    """Note that some, or all, were read, or that they were not."""
    people = parts.desk.notifications
    return await usecases.mark_notifications(body, principal, people=people, clock=parts.clock)


@router.get("/choices")
async def get_notification_choices(principal: SignedIn, parts: PartsOf) -> NotificationChoices:
    """Return how the person is told of each kind of event in this workspace."""
    return await usecases.read_choices(principal, people=parts.desk.notifications)


@router.put("/choices")
async def save_notification_choices(
    body: SaveNotificationChoices, principal: SignedIn, parts: PartsOf
) -> NotificationChoices:
    """Choose for some kinds; the others stay as they are."""
    return await usecases.save_choices(body, principal, people=parts.desk.notifications)
