"""Documents of collections that are tables, as the analysis agent is given them: as they were sent."""

from typing import Final

from pydantic import Field

from flowloom_contracts.base import Response
from flowloom_contracts.files import FileContent
from flowloom_contracts.memory import MAX_COLLECTIONS, Asked, CollectionName, OfPart

MOST_TABLES: Final = 100
ENDINGS: Final = (".csv", ".tsv", ".xlsx", ".json")


class ListTables(Asked):
    """`memory/tables/list`: the newest tables of collections that the role may read."""

    collections: list[CollectionName] = Field(
        default=[], max_length=MAX_COLLECTIONS, description="Empty: all that the role may read."
    )


class DocumentTable(Response):
    """A document that is a table."""

    document_id: str
    collection: str
    name: str
    media_type: str
    size_bytes: int


class DocumentTables(Response):
    """Tables, the newest first."""

    items: list[DocumentTable]


class TablePartQuery(OfPart):
    """`memory/tables/read`: a part of a table, as it was sent; parts count from 1."""

    collection: CollectionName = Field(description="Where it must be; a document elsewhere is not found.")


class TablePart(Response):
    """A part; None behind the last one."""

    content: FileContent | None = None
