"""Conversations of a person: begun, changed, listed, deleted."""

from flowloom_contracts.chat import (
    ChangeConversation,
    Conversation,
    ConversationList,
    MessageList,
    NewConversation,
)
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import NotFoundError
from flowloom_servicekit.ids import is_id, new_id
from gateway.chat_ports import ConversationStore
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal


class ConversationNotFoundError(NotFoundError):
    """There is no such conversation of this person."""

    title = "Conversation not found"


async def begin(
    body: NewConversation, principal: Principal, *, conversations: ConversationStore, clock: Clock
) -> Conversation:
    """Begin a conversation."""
    now = clock.now()
    fields = body.model_dump()
    begun = Conversation(id=new_id(), **fields, created_at=now, updated_at=now)
    await conversations.add(principal.workspace_id, principal.user_id, begun)
    return begun


async def find(
    conversation_id: str, principal: Principal, *, conversations: ConversationStore
) -> Conversation:
    """Return a conversation of the caller's; those of others are not there."""
    found = None
    if is_id(conversation_id):
        found = await conversations.get(principal.workspace_id, principal.user_id, conversation_id)
    if found is None:
        raise ConversationNotFoundError(f"No conversation {conversation_id[:80]!r} here.")
    return found


async def change(
    conversation_id: str,
    body: ChangeConversation,
    principal: Principal,
    *,
    conversations: ConversationStore,
    clock: Clock,
) -> Conversation:
    """Change what was said; the rest stays."""
    known = await find(conversation_id, principal, conversations=conversations)
    said = {name: getattr(body, name) for name in body.model_fields_set if getattr(body, name) is not None}
    changed = known.model_copy(update={**said, "updated_at": clock.now()})
    await conversations.replace(principal.workspace_id, changed)
    return changed


async def delete(conversation_id: str, principal: Principal, *, conversations: ConversationStore) -> None:
    """Delete a conversation with its messages; runs and documents stay."""
    await find(conversation_id, principal, conversations=conversations)
    await conversations.delete(principal.workspace_id, principal.user_id, conversation_id)


async def page(
    principal: Principal, *, cursor: str | None, limit: int, conversations: ConversationStore
) -> ConversationList:
    """Return a page of the caller's conversations, newest first."""
    items = await conversations.page(
        principal.workspace_id, principal.user_id, after=row_after(cursor), limit=limit
    )
    return ConversationList(items=items, next_cursor=cursor_of(items[-1].id) if len(items) == limit else None)


async def page_of_messages(
    conversation: Conversation,
    principal: Principal,
    *,
    cursor: str | None,
    limit: int,
    conversations: ConversationStore,
) -> MessageList:
    """Return a page of the messages of all branches, oldest first."""
    items = await conversations.messages(
        principal.workspace_id, conversation.id, after=row_after(cursor), limit=limit
    )
    return MessageList(items=items, next_cursor=cursor_of(items[-1].id) if len(items) == limit else None)
