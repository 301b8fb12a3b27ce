"""What people send and get of collections and documents; the shapes inside are in `memory`."""

from typing import Annotated, Final

from pydantic import Field

from flowloom_contracts.base import Flag, JsonObject, Request, Response
from flowloom_contracts.memory import (
    Collection,
    CollectionName,
    MemoryDocument,
    MemoryFilter,
    RoleName,
    SearchMode,
)

MAX_METADATA_CHARS: Final = 16_000

Roles = Annotated[
    list[RoleName], Field(max_length=20, description="Roles; an empty list lets every role in.")
]


class SaveCollection(Request):
    """Body of `PUT /v1/collections/{name}`: what it is for, and who may read and change it."""

    description: str = Field(default="", max_length=2_000)
    readers: Roles = []
    writers: Roles = []
    rerank: Flag | None = Field(
        default=None,
        description="Whether the operator's re-ranking model judges again what a search finds here: it is"
        " sent the first passages. None leaves it as it is.",
    )


class NewCollection(SaveCollection):
    """Body of `POST /v1/collections`."""

    name: CollectionName


class CollectionList(Response):
    """The collections that the caller may read, by name."""

    items: list[Collection]
    next_cursor: str | None = None


class DocumentList(Response):
    """A page of documents, newest first."""

    items: list[MemoryDocument]
    next_cursor: str | None = None


class Quarantine(Request):
    """Body of `PUT /v1/documents/{id}/quarantine`."""

    quarantined: Flag = Field(description="Kept, but found by no search until released.")


class SearchBody(Request):
    """Body of `POST /v1/memory/search`; collections closed to the caller are like unknown ones."""

    query: str = Field(min_length=1, max_length=20_000)
    collections: list[CollectionName] = Field(
        default=[], max_length=20, description="Default: the first 20 that the caller may read."
    )
    top: int = Field(default=8, ge=1, le=50)
    mode: SearchMode = Field(default="hybrid", description="By meaning and by words, or one of them.")
    filter: MemoryFilter = MemoryFilter()
    per_document: int = Field(default=3, ge=1, le=50, description="Most passages of one document.")
    fresh_days: float | None = Field(
        default=None,
        gt=0,
        le=36_500,
        description="Age at which a document counts three quarters of a new one.",
    )


class ForgetBody(Request):
    """Body of `POST /v1/memory/forget`: by id, or by what all their metadata contain."""

    collection: CollectionName
    document_ids: list[str] = Field(default=[], max_length=200)
    metadata: JsonObject = {}
