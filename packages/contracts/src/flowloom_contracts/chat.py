"""Conversations with an agent or a workflow: every answer is a run, so nothing of it is lost."""

from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Flag, Request, Response
from flowloom_contracts.memory import Citation, CollectionName

MAX_MESSAGE_CHARS: Final = 20_000
MAX_ATTACHMENTS: Final = 10

WhileRunning: TypeAlias = Literal["queue", "interrupt", "reject"]
AnswerStatus: TypeAlias = Literal["queued", "running", "done", "failed", "stopped"]


WorkflowName: TypeAlias = Annotated[str, Field(max_length=100, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]


class AgentTarget(Request):
    """An agent answers."""

    kind: Literal["agent"]
    agent: str = Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_-]*$")
    model: str | None = Field(default=None, min_length=1, max_length=100, description="Default: the agent's.")
    workflows: list[WorkflowName] = Field(
        default=[],
        max_length=10,
        description="Names of workflows that the agent may start runs of; a person is asked before each.",
    )


class WorkflowTarget(Request):
    """A workflow answers: the message goes into one input, one output is the answer."""

    kind: Literal["workflow"]
    workflow_id: str = Field(max_length=36)
    input: str = Field(default="message", max_length=63, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    output: str | None = Field(
        default=None, max_length=63, description="Default: the only output, else all of them as JSON."
    )


ChatTarget: TypeAlias = Annotated[AgentTarget | WorkflowTarget, Field(discriminator="kind")]


class ChatMemory(Request):
    """Whether answers draw on what is known, and on which collections."""

    enabled: Flag = False
    collections: list[CollectionName] = Field(
        default=[], max_length=20, description="Default: the first 20 that the person may read."
    )


class NewConversation(Request):
    """Body of `POST /v1/conversations`."""

    target: ChatTarget
    title: str = Field(default="", max_length=200, description="Default: the first message.")
    memory: ChatMemory = ChatMemory()
    while_running: WhileRunning = Field(
        default="queue",
        description="What a message does that comes during an answer: wait, stop the answer, be refused.",
    )


class ChangeConversation(Request):
    """Body of `PATCH /v1/conversations/{id}`: what is not said stays; it counts from the next message on."""

    target: ChatTarget | None = None
    title: str | None = Field(default=None, min_length=1, max_length=200)
    memory: ChatMemory | None = None
    while_running: WhileRunning | None = None


class Conversation(Response):
    """A conversation; only who began it sees it."""

    id: str
    title: str
    target: ChatTarget
    memory: ChatMemory
    while_running: WhileRunning
    created_at: datetime
    updated_at: datetime


class ConversationList(Response):
    """A page of conversations, newest first."""

    items: list[Conversation]
    next_cursor: str | None = None


class SendMessage(Request):
    """Body of `POST /v1/conversations/{id}/messages`.

    A message follows the newest answer, or the one that `after` names. With `edits` it takes the place of a
    message of the person, in a branch of its own.
    """

    text: str = Field(min_length=1, max_length=MAX_MESSAGE_CHARS)
    after: str | None = Field(default=None, max_length=36)
    edits: str | None = Field(default=None, max_length=36)
    attachments: list[str] = Field(
        default=[], max_length=MAX_ATTACHMENTS, description="Ids of documents that the answer draws on."
    )


class Regenerate(Request):
    """Body of `POST /v1/conversations/{id}/messages/{message_id}/regenerate`."""

    model: str | None = Field(default=None, min_length=1, max_length=100, description="Another model.")


class MessageCitation(Response):
    """A passage that an answer could draw on; the text refers to it as `[n]`."""

    n: int
    collection: str
    text: str
    citation: Citation


class MessageError(Response):
    """Why there is no answer."""

    code: str
    message: str


class Message(Response):
    """A message or an answer; `parent_id` names what it follows, so that branches share their beginning."""

    id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    text: str
    status: AnswerStatus
    run_id: str | None = Field(default=None, description="The run that answers; its stream has the words.")
    attachments: list[str] = []
    citations: list[MessageCitation] = []
    error: MessageError | None = None
    model: str | None = None
    created_at: datetime
    ended_at: datetime | None = None


class MessageList(Response):
    """A page of messages of all branches, oldest first."""

    items: list[Message]
    next_cursor: str | None = None


class Turn(Response):
    """What was said, and the answer that has begun or waits."""

    message: Message
    answer: Message
