"""What runs have kept in memory, one by one: listed, read, corrected and forgotten by people."""

from datetime import datetime
from typing import Annotated, Final, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Request, Response
from flowloom_contracts.memory import Asked, CollectionName, RunOrigin

MAX_MEMORY_CHARS: Final = 100_000
SHOWN_IN_LISTS: Final = 4_000
MOST_USES: Final = 20

Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]


class MemoryUse(Response):
    """A step whose search found the memory."""

    run_id: str
    step: str
    workflow_id: str | None = None
    agent: str | None = None
    at: datetime


class AgentMemory(Response):
    """A text that a step of a run has kept; `origin` says which, `uses` which steps have found it since."""

    id: str
    collection: str
    text: str
    cut: bool = Field(
        default=False, description=f"Lists show the first {SHOWN_IN_LISTS:,} characters; one by itself all."
    )
    origin: RunOrigin
    used: int = Field(default=0, description="How many steps have found it.")
    uses: list[MemoryUse] = Field(default=[], description=f"The newest {MOST_USES}.")
    corrected_by: str | None = Field(default=None, description="The person or key that changed its text.")
    corrected_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    score: float | None = Field(default=None, description="With `query`: how well it answers.")


class AgentMemories(Response):
    """A page of memories: the newest first, or with a query the best."""

    items: list[AgentMemory]
    next_cursor: str | None = None


class MemoriesQuery(Request):
    """Query of `GET /v1/memories`."""

    query: str | None = Field(
        default=None, max_length=2_000, description="The best 50 of the newest 5,000; no pages."
    )
    collection: CollectionName | None = None
    agent: Name | None = None
    workflow_id: Name | None = None
    run_id: Name | None = Field(default=None, description="Kept by this run.")
    cursor: str | None = Field(default=None, max_length=100, description="`next_cursor` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class ForgetMemories(Request):
    """Body of `POST /v1/memories/forget`: all that is given must hold, and something must be given."""

    ids: list[str] = Field(default=[], max_length=200)
    collection: CollectionName | None = None
    agent: Name | None = None
    workflow_id: Name | None = None
    run_id: Name | None = None


class CorrectedMemory(Request):
    """Body of `PUT /v1/memories/{memory_id}`."""

    text: str = Field(min_length=1, max_length=MAX_MEMORY_CHARS)


class ForgottenMemories(Response):
    """How many memories are gone, with their vectors."""

    memories: int


class OfMemory(Asked):
    """Internal `memory/memories/get`: one memory."""

    memory_id: str


class ListMemories(Asked):
    """Internal `memory/memories/list`: the newest first; `before` is the `id` of the last one seen.

    With a query the best of what the conditions leave, and no page after it.
    """

    query: str | None = Field(default=None, min_length=1, max_length=20_000)
    collection: CollectionName | None = None
    agent: Name | None = None
    workflow_id: Name | None = None
    run_id: Name | None = None
    before: str | None = None
    limit: int = Field(default=50, ge=1, le=200)


class CorrectMemory(OfMemory):
    """Internal `memory/memories/correct`: another text in the place of the one of `known_at`."""

    text: str = Field(min_length=1, max_length=MAX_MEMORY_CHARS)
    by: str = Field(min_length=1, max_length=320)
    known_at: datetime | None = Field(default=None, description="`updated_at` of what was read.")


class ForgetMemoriesOf(Asked):
    """Internal `memory/memories/forget`."""

    which: ForgetMemories
