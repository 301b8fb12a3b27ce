"""Conversations with agents and workflows."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends

from flowloom_contracts.chat import (
    ChangeConversation,
    Conversation,
    ConversationList,
    Message,
    MessageList,
    NewConversation,
    Regenerate,
    SendMessage,
    Turn,
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
    IdempotencyKey,
    PageCursor,
    PageLimit,
    RunReader,
    RunStarter,
    SignedIn,
    Start,
)
from gateway.usecases import conversations as usecases
from gateway.usecases.knowledge import DocumentNotFoundError
from gateway.usecases.messages import (
    AnswerInProgressError,
    ConversationIsFullError,
    MessageNotFoundError,
    Talk,
)

router: Final = APIRouter(
    prefix="/v1/conversations",
    tags=["chat"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
ONE: Final = problems(usecases.ConversationNotFoundError)
SAID: Final = problems(
    usecases.ConversationNotFoundError,
    MessageNotFoundError,
    DocumentNotFoundError,
    AnswerInProgressError,
    ConversationIsFullError,
)


async def _talk(conversation_id: str, principal: SignedIn, parts: PartsOf) -> Talk:
    conversations = parts.desk.conversations
    found = await usecases.find(conversation_id, principal, conversations=conversations)
    return Talk(found, principal, conversations=conversations, answers=parts.desk.answers, clock=parts.clock)


InTalk = Annotated[Talk, Depends(_talk)]


@router.get("")
async def list_conversations(
    principal: RunReader, parts: PartsOf, cursor: PageCursor = None, limit: PageLimit = 50
) -> ConversationList:
    """List the caller's conversations, newest first."""
    return await usecases.page(principal, cursor=cursor, limit=limit, conversations=parts.desk.conversations)


@router.post("", status_code=201)
async def begin_conversation(body: NewConversation, principal: RunStarter, parts: PartsOf) -> Conversation:
    """Begin a conversation with an agent or a workflow."""
    return await usecases.begin(body, principal, conversations=parts.desk.conversations, clock=parts.clock)


@router.get("/{conversation_id}", responses=ONE)
async def get_conversation(conversation_id: str, principal: RunReader, parts: PartsOf) -> Conversation:
    """Return a conversation of the caller's."""
    return await usecases.find(conversation_id, principal, conversations=parts.desk.conversations)


@router.patch("/{conversation_id}", responses=ONE)
async def change_conversation(
    conversation_id: str, body: ChangeConversation, principal: RunStarter, parts: PartsOf
) -> Conversation:
    """Change title, target, memory, or what a message during an answer does."""
    return await usecases.change(
        conversation_id, body, principal, conversations=parts.desk.conversations, clock=parts.clock
    )


@router.delete("/{conversation_id}", status_code=204, responses=ONE)
async def delete_conversation(conversation_id: str, principal: RunStarter, parts: PartsOf) -> None:
    """Delete a conversation with its messages; its runs stay."""
    await usecases.delete(conversation_id, principal, conversations=parts.desk.conversations)


@router.get("/{conversation_id}/messages", responses=ONE)
async def list_messages(
    *,
    conversation_id: str,
    principal: RunReader,
    parts: PartsOf,
    talk: InTalk,
    cursor: PageCursor = None,
    limit: PageLimit = 200,
) -> MessageList:
    """List the messages of all branches, oldest first; follow `run_id` for words that are being said."""
    await talk.look()
    found = await usecases.find(conversation_id, principal, conversations=parts.desk.conversations)
    return await usecases.page_of_messages(
        found, principal, cursor=cursor, limit=limit, conversations=parts.desk.conversations
    )


@router.post("/{conversation_id}/messages", status_code=202, responses=SAID, dependencies=[Start])
async def send_message(
    *,
    body: SendMessage,
    principal: RunStarter,
    parts: PartsOf,
    talk: InTalk,
    idempotency_key: IdempotencyKey = None,
) -> Turn:
    """Say something; the answer is a run that has begun, or waits for the one before it."""
    return await talk.send(body, key=idempotency_key, knowledge=parts.desk.knowledge)


@router.post(
    "/{conversation_id}/messages/{message_id}/regenerate",
    status_code=202,
    responses=SAID,
    dependencies=[Start],
)
async def regenerate_answer(
    *,
    message_id: str,
    principal: RunStarter,
    talk: InTalk,
    body: Regenerate | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Turn:
    """Ask for another answer beside one that was given, by another model if one is named."""
    return await talk.regenerate(message_id, body or Regenerate(), key=idempotency_key)


@router.post("/{conversation_id}/messages/{message_id}/stop", status_code=202, responses=SAID)
async def stop_answer(message_id: str, principal: RunStarter, talk: InTalk) -> Message:
    """Stop an answer; what it has said is kept."""
    return await talk.stop(message_id)
