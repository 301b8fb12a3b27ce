"""The texts, passages and questions that the use cases hand to the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from flowloom_contracts.base import JsonObject
from flowloom_contracts.memory import AGENT_ROLE, RunOrigin
from flowloom_servicekit.errors import FlowloomError

DEFAULT_MODEL: Final = "all-MiniLM-L6-v2-int8"
"""The model of the first generation of vectors."""

Embedding: TypeAlias = tuple[float, ...]
"""A unit vector."""


class ForeignTextError(FlowloomError):
    """A search found a text of another workspace; nothing of it is answered."""

    title = "Something went wrong"


@dataclass(frozen=True)
class Passage:
    """A part of a text, `text[start:end]`, with its embedding."""

    start: int
    end: int
    embedding: Embedding


@dataclass(frozen=True)
class NewText:
    """A text that is about to be stored."""

    id: str
    workspace_id: str
    collection: str
    text: str
    metadata: JsonObject
    effect_key: str
    created_at: datetime
    passages: tuple[Passage, ...]
    model: str = DEFAULT_MODEL
    role: str = AGENT_ROLE
    origin: RunOrigin | None = None


def ensure_own(workspace_id: str, *, found_in: str) -> None:
    """Raise `ForeignTextError` if a found text belongs to another workspace than the one that asked.

    The query has its tenant filter already; this is the second lock.
    """
    if found_in != workspace_id:
        raise ForeignTextError(f"a search of workspace {workspace_id!r} found a text of another one")
