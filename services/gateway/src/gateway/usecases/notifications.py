"""Notifications as one person reads them, and how they want to be told."""

from flowloom_contracts.notices import (
    PEOPLE_HEAR,
    MarkNotifications,
    NotificationChoices,
    NotificationList,
    SaveNotificationChoices,
    Unread,
)
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import InvalidRequestError
from gateway.domain.notice_rules import choices_of
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal
from gateway.notice_ports import NotificationStore


async def list_notifications(
    principal: Principal, *, unread: bool, cursor: str | None, limit: int, people: NotificationStore
) -> NotificationList:
    """Return a page, newest first, and how many are unread in all."""
    me = (principal.workspace_id, principal.user_id)
    rows = await people.page(*me, unread=unread, after=row_after(cursor), limit=limit + 1)
    more = cursor_of(rows[limit - 1].id) if len(rows) > limit else None
    return NotificationList(items=rows[:limit], next_cursor=more, unread=await people.unread(*me))


async def mark_notifications(
    request: MarkNotifications, principal: Principal, *, people: NotificationStore, clock: Clock
) -> Unread:
    """Note which were read; those of others are not touched."""
    me = (principal.workspace_id, principal.user_id)
    await people.mark(*me, request.ids, read_at=clock.now() if request.read else None)
    return Unread(unread=await people.unread(*me))


async def read_choices(principal: Principal, *, people: NotificationStore) -> NotificationChoices:
    """Return how the person is told of each kind."""
    chosen = await people.choices(principal.workspace_id, [principal.user_id])
    known = choices_of(chosen.get(principal.user_id, ()))
    return NotificationChoices(items=[known[kind] for kind in PEOPLE_HEAR])


async def save_choices(
    request: SaveNotificationChoices, principal: Principal, *, people: NotificationStore
) -> NotificationChoices:
    """Keep what the person chooses."""
    for number, item in enumerate(request.items):
        if item.kind not in PEOPLE_HEAR:
            path = f"items.{number}.kind"
            wrong = FieldProblem(path=path, code="invalid_value", message="Nobody is told of this.")
            raise InvalidRequestError("Some kinds are for systems only.", errors=[wrong])
    unique = {item.kind: item for item in request.items}
    await people.choose(principal.workspace_id, principal.user_id, list(unique.values()))
    return await read_choices(principal, people=people)
