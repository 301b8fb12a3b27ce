"""What conversations need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.chat import (
    AnswerStatus,
    ChatTarget,
    Conversation,
    Message,
    MessageCitation,
    MessageError,
    WhileRunning,
)
from flowloom_contracts.runs import Actor


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with what is needed to carry it out: whose it is, and who asked."""

    message: Message
    conversation_id: str
    actor: Actor
    target: ChatTarget


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A message with its answer, or for another answer to a known message only that."""

    message: Message | None
    answer: Answer
    while_running: WhileRunning
    key: str | None
    title: str = ""
    """What the conversation is called from now on if it has no name yet."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How an answer has ended."""

    status: AnswerStatus
    text: str
    error: MessageError | None
    citations: Sequence[MessageCitation]
    at: datetime


class ConversationStore(Protocol):
    """Conversations of people, with their messages."""

    async def add(self, workspace_id: str, user_id: str, conversation: Conversation) -> None:
        """Store a new one."""

    async def get(self, workspace_id: str, user_id: str, conversation_id: str) -> Conversation | None:
        """Return one that this person began."""

    async def page(
        self, workspace_id: str, user_id: str, *, after: str | None, limit: int
    ) -> list[Conversation]:
        """Return a page, newest first."""

    async def replace(self, workspace_id: str, conversation: Conversation) -> None:
        """Store a changed one."""

    async def delete(self, workspace_id: str, user_id: str, conversation_id: str) -> bool:
        """Delete one with its messages."""

    async def add_turn(self, workspace_id: str, turn: NewTurn) -> Literal["added", "busy"] | Answer:
        """Store a turn, all or nothing; a known key gives the answer that was first."""

    async def messages(
        self, workspace_id: str, conversation_id: str, *, after: str | None, limit: int
    ) -> list[Message]:
        """Return messages of all branches, oldest first."""

    async def message(self, workspace_id: str, conversation_id: str, message_id: str) -> Message | None:
        """Return one message."""

    async def in_flight(self, workspace_id: str, conversation_id: str) -> list[Answer]:
        """Return the answers that have not ended, oldest first."""

    async def stale(self, *, before: datetime, limit: int) -> list[Answer]:
        """Return answers of all workspaces that have not ended and were last touched before then."""

    async def of_run(self, workspace_id: str, run_id: str) -> Answer | None:
        """Return the answer that a run gives, if it gives one."""

    async def adopt(self, answer: Answer, run_id: str, at: datetime) -> None:
        """Note that a run answers now."""

    async def touch(self, answer: Answer, at: datetime) -> None:
        """Note that somebody has looked after it."""

    async def settle(self, answer: Answer, ending: Ending) -> None:
        """Note how an answer has ended, unless it has ended already."""
