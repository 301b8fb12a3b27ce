"""What a person does in a conversation: says something, says it differently, asks again, stops an answer."""

from collections.abc import Sequence
from typing import Final

import structlog

from flowloom_contracts.chat import (
    AgentTarget,
    ChatTarget,
    Conversation,
    Message,
    Regenerate,
    SendMessage,
    Turn,
)
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ConflictError, NotFoundError, UpstreamError
from flowloom_servicekit.ids import is_id, new_id
from gateway.chat_ports import Answer, ConversationStore, NewTurn
from gateway.domain.chat import newest_leaf, title_of
from gateway.domain.principals import Principal
from gateway.knowledge_ports import Knowledge
from gateway.usecases.answers import MOST_MESSAGES, Answers
from gateway.usecases.idempotency import check_key
from gateway.usecases.knowledge import of_document

log = structlog.get_logger(__name__)

ROOM: Final = MOST_MESSAGES - 2


class MessageNotFoundError(NotFoundError):
    """There is no such message in the conversation."""

    title = "Message not found"


class AnswerInProgressError(ConflictError):
    """An answer is being given, and the conversation refuses messages meanwhile."""

    title = "An answer is being given"


class ConversationIsFullError(ConflictError):
    """The conversation has as many messages as it may."""

    title = "The conversation is full"


class Talk:
    """One person's acts in one conversation."""

    def __init__(
        self,
        conversation: Conversation,
        principal: Principal,
        *,
        conversations: ConversationStore,
        answers: Answers,
        clock: Clock,
    ) -> None:
        self._conversation = conversation
        self._principal = principal
        self._conversations = conversations
        self._answers = answers
        self._clock = clock

    async def send(self, body: SendMessage, *, key: str | None, knowledge: Knowledge) -> Turn:
        """Store a message with the answer it waits for, and begin that if it is its turn."""
        check_key(key)
        for document_id in body.attachments:
            await knowledge.document(of_document(document_id, self._principal))
        known = await self._known()
        now = self._clock.now()
        message = Message(
            id=new_id(),
            parent_id=_parent(body, known),
            role="user",
            text=body.text,
            status="done",
            attachments=list(dict.fromkeys(body.attachments)),
            created_at=now,
            ended_at=now,
        )
        answer = self._answer(message.id, self._conversation.target)
        while_running = self._conversation.while_running
        taken = await self._take(NewTurn(message, answer, while_running, key, title_of(body.text)))
        await self._go_on()
        return await self._shown(taken, message)

    async def regenerate(self, message_id: str, body: Regenerate, *, key: str | None) -> Turn:
        """Begin another answer beside one that has been given."""
        check_key(key)
        known = {one.id: one for one in await self._known()}
        given = await self._message(message_id)
        if given.role != "assistant" or given.parent_id is None:
            raise MessageNotFoundError(f"{message_id!r} is no answer.")
        target = self._conversation.target
        if body.model is not None and isinstance(target, AgentTarget):
            target = target.model_copy(update={"model": body.model})
        answer = self._answer(given.parent_id, target)
        taken = await self._take(NewTurn(None, answer, self._conversation.while_running, key))
        await self._go_on()
        return await self._shown(taken, known.get(given.parent_id))

    async def stop(self, message_id: str) -> Message:
        """End an answer; what it has said is kept, and the next one begins."""
        message = await self._message(message_id)
        for answer in await self._in_flight():
            if answer.message.id == message.id:
                await self._answers.stop(answer)
        await self._go_on()
        return await self._message(message_id)

    async def look(self) -> None:
        """Note what has ended meanwhile, so that what is read next is true."""
        if await self._in_flight():
            await self._go_on()

    async def _take(self, turn: NewTurn) -> Answer:
        interrupts = turn.while_running == "interrupt"
        # Who is refused after the turn was stored says it again; without a key it would stand there twice.
        stopped = await self._stop_before(turn.answer) if interrupts and turn.key is None else frozenset()
        taken = await self._conversations.add_turn(self._principal.workspace_id, turn)
        if taken == "busy":
            raise AnswerInProgressError("Stop the answer, or wait until it is there.")
        answer = taken if isinstance(taken, Answer) else turn.answer
        if interrupts:
            await self._stop_since(answer, stopped, is_repeatable=turn.key is not None)
        return answer

    async def _stop_since(self, answer: Answer, stopped: frozenset[str], *, is_repeatable: bool) -> None:
        """Stop what began meanwhile; for a known key, what the attempt before could not."""
        try:
            await self._stop_before(answer, stopped)
        except UpstreamError as error:
            if is_repeatable:
                raise
            log.warning("an answer waits for the one before", answer=answer.message.id, error=repr(error))

    async def _stop_before(self, answer: Answer, stopped: frozenset[str] = frozenset()) -> frozenset[str]:
        """Stop the answers before one and return their ids; what is being stopped is in flight still."""
        older = [one for one in await self._in_flight() if one.message.id < answer.message.id]
        for one in older:
            if one.message.id not in stopped:
                await self._answers.stop(one)
        return frozenset(one.message.id for one in older)

    async def _go_on(self) -> None:
        """Begin what can begin; what cannot now is begun by the sweep."""
        try:
            await self._answers.advance(self._principal.workspace_id, self._conversation.id)
        except UpstreamError as error:
            log.warning("an answer has to wait", conversation=self._conversation.id, error=repr(error))

    async def _shown(self, taken: Answer, said: Message | None) -> Turn:
        """Return a turn as it is now; a new one is told as it was stored when that cannot be read."""
        # A known key has another message, and may be asked with again.
        if said is None or said.id != taken.message.parent_id:
            said = await self._message(taken.message.parent_id or "")
        try:
            return Turn(message=said, answer=await self._message(taken.message.id))
        except UpstreamError as error:
            log.warning("a turn is told as it began", answer=taken.message.id, error=repr(error))
            return Turn(message=said, answer=taken.message)

    async def _known(self) -> Sequence[Message]:
        known = await self._conversations.messages(
            self._principal.workspace_id, self._conversation.id, after=None, limit=MOST_MESSAGES
        )
        if len(known) > ROOM:
            raise ConversationIsFullError(f"It has {len(known)} messages; begin another one.")
        return known

    async def _in_flight(self) -> list[Answer]:
        return await self._conversations.in_flight(self._principal.workspace_id, self._conversation.id)

    async def _message(self, message_id: str) -> Message:
        found = None
        if is_id(message_id):
            found = await self._conversations.message(
                self._principal.workspace_id, self._conversation.id, message_id
            )
        if found is None:
            raise MessageNotFoundError(f"No message {message_id[:80]!r} here.")
        return found

    def _answer(self, parent_id: str, target: ChatTarget) -> Answer:
        message = Message(
            id=new_id(),
            parent_id=parent_id,
            role="assistant",
            text="",
            status="queued",
            model=target.model if isinstance(target, AgentTarget) else None,
            created_at=self._clock.now(),
        )
        actor = self._principal.actor.model_copy(update={"limits": {}})  # asked for again when it begins
        return Answer(message, self._conversation.id, actor, target)


def _parent(body: SendMessage, known: Sequence[Message]) -> str | None:
    by_id = {message.id: message for message in known}
    if body.edits is not None:
        if body.edits not in by_id or by_id[body.edits].role != "user":
            raise MessageNotFoundError(f"{body.edits[:80]!r} is no message of yours.")
        return by_id[body.edits].parent_id
    if body.after is not None:
        if body.after not in by_id or by_id[body.after].role != "assistant":
            raise MessageNotFoundError(f"{body.after[:80]!r} is no answer.")
        return body.after
    return newest_leaf(known)
