"""Conversations of people in memory."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from flowloom_contracts.chat import Conversation, Message
from gateway.chat_ports import Answer, Ending, NewTurn

IN_FLIGHT: Final = ("queued", "running")


@dataclass(slots=True)
class _Kept:
    workspace_id: str
    user_id: str
    conversation: Conversation
    messages: dict[str, Message] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    touched: dict[str, datetime] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def answer(self, message_id: str) -> Answer:
        known = self.answers[message_id]
        return Answer(self.messages[message_id], known.conversation_id, known.actor, known.target)

    def in_flight(self) -> list[Answer]:
        return [self.answer(one) for one in sorted(self.answers) if self.messages[one].status in IN_FLIGHT]


class InMemoryConversations:
    """See `ConversationStore`."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    async def add(self, workspace_id: str, user_id: str, conversation: Conversation) -> None:
        """See `ConversationStore.add`."""
        self._kept[conversation.id] = _Kept(workspace_id, user_id, conversation)

    async def get(self, workspace_id: str, user_id: str, conversation_id: str) -> Conversation | None:
        """See `ConversationStore.get`."""
        kept = self._kept.get(conversation_id)
        mine = kept is not None and (kept.workspace_id, kept.user_id) == (workspace_id, user_id)
        return kept.conversation if kept is not None and mine else None

    async def page(
        self, workspace_id: str, user_id: str, *, after: str | None, limit: int
    ) -> list[Conversation]:
        """See `ConversationStore.page`."""
        mine = [
            kept.conversation
            for conversation_id, kept in sorted(self._kept.items(), reverse=True)
            if (kept.workspace_id, kept.user_id) == (workspace_id, user_id)
            and (after is None or conversation_id < after)
        ]
        return mine[:limit]

    async def replace(self, workspace_id: str, conversation: Conversation) -> None:
        """See `ConversationStore.replace`."""
        self._kept[conversation.id].conversation = conversation

    async def delete(self, workspace_id: str, user_id: str, conversation_id: str) -> bool:
        """See `ConversationStore.delete`."""
        return self._kept.pop(conversation_id, None) is not None

    async def add_turn(self, workspace_id: str, turn: NewTurn) -> Literal["added", "busy"] | Answer:
        """See `ConversationStore.add_turn`."""
        kept = self._kept[turn.answer.conversation_id]
        if turn.key is not None and turn.key in kept.keys:
            return kept.answer(kept.keys[turn.key])
        if turn.while_running == "reject" and kept.in_flight():
            return "busy"
        if turn.message is not None:
            kept.messages[turn.message.id] = turn.message
        answer = turn.answer
        kept.messages[answer.message.id] = answer.message
        kept.answers[answer.message.id] = answer
        kept.touched[answer.message.id] = answer.message.created_at
        if turn.key is not None:
            kept.keys[turn.key] = answer.message.id
        if turn.title and not kept.conversation.title:
            titled = {"title": turn.title, "updated_at": answer.message.created_at}
            kept.conversation = kept.conversation.model_copy(update=titled)
        return "added"

    async def messages(
        self, workspace_id: str, conversation_id: str, *, after: str | None, limit: int
    ) -> list[Message]:
        """See `ConversationStore.messages`."""
        kept = self._kept[conversation_id]
        found = [one for _, one in sorted(kept.messages.items()) if after is None or one.id > after]
        return found[:limit]

    async def message(self, workspace_id: str, conversation_id: str, message_id: str) -> Message | None:
        """See `ConversationStore.message`."""
        return self._kept[conversation_id].messages.get(message_id)

    async def in_flight(self, workspace_id: str, conversation_id: str) -> list[Answer]:
        """See `ConversationStore.in_flight`."""
        kept = self._kept.get(conversation_id)
        return kept.in_flight() if kept is not None else []

    async def stale(self, *, before: datetime, limit: int) -> list[Answer]:
        """See `ConversationStore.stale`."""
        return [
            answer
            for kept in self._kept.values()
            for answer in kept.in_flight()
            if kept.touched[answer.message.id] < before
        ][:limit]

    async def of_run(self, workspace_id: str, run_id: str) -> Answer | None:
        """See `ConversationStore.of_run`."""
        for kept in self._kept.values():
            for message_id in kept.answers:
                if kept.messages[message_id].run_id == run_id and kept.workspace_id == workspace_id:
                    return kept.answer(message_id)
        return None

    async def adopt(self, answer: Answer, run_id: str, at: datetime) -> None:
        """See `ConversationStore.adopt`."""
        self._change(answer, {"run_id": run_id, "status": "running"})

    async def touch(self, answer: Answer, at: datetime) -> None:
        """See `ConversationStore.touch`."""
        self._kept[answer.conversation_id].touched[answer.message.id] = at

    async def settle(self, answer: Answer, ending: Ending) -> None:
        """See `ConversationStore.settle`."""
        self._change(
            answer,
            {
                "status": ending.status,
                "text": ending.text,
                "error": ending.error,
                "citations": list(ending.citations),
                "ended_at": ending.at,
            },
        )

    def _change(self, answer: Answer, values: dict[str, object]) -> None:
        kept = self._kept.get(answer.conversation_id)
        if kept is not None and kept.messages[answer.message.id].status == answer.message.status:
            known = kept.messages[answer.message.id]
            kept.messages[answer.message.id] = known.model_copy(update=values)
