"""A document on its way from its sender into the index."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.memory import DocumentStatus
from flowloom_servicekit.errors import ConflictError, DomainError

MAX_ATTEMPTS: Final = 6
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=5)
LEASE: Final = timedelta(minutes=3)


class LeaseLostError(DomainError):
    """Another process has the document now, or it was forgotten; what this one did is not kept."""

    title = "The document is no longer ours"


class DocumentTooLargeError(DomainError):
    """The content is larger than a document may be."""

    status = 413
    title = "The document is too large"


class DocumentIsCompleteError(ConflictError):
    """Content comes for a document that is already complete."""

    title = "The document is complete"


class DocumentIsFineError(ConflictError):
    """What is to be repeated has neither failed nor died."""

    title = "There is nothing to repeat"


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that is announced."""

    id: str
    workspace_id: str
    collection: str
    name: str
    media_type: str
    metadata: JsonObject
    source: JsonObject
    effect_key: str
    quarantined: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimedDocument:
    """A document that this process works on for as long as its lease lasts."""

    id: str
    workspace_id: str
    collection: str
    name: str
    media_type: str
    status: DocumentStatus
    attempts: int
    lease: str


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A passage that has no vector yet; `text` is what the model reads."""

    document_id: str
    position: int
    text: str


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait before the next attempt."""
    return min(FIRST_PAUSE * (1 << max(attempts - 1, 0)), LONGEST_PAUSE)
