"""Documents that are tables: found and read by agents with the rights of who started their run."""

from typing import Final

from flowloom_contracts.document_tables import (
    ENDINGS,
    MOST_TABLES,
    DocumentTable,
    DocumentTables,
    ListTables,
    TablePart,
    TablePartQuery,
)
from flowloom_contracts.memory import ListDocuments, MemoryDocument
from flowloom_contracts.run_memory import RUN_MEMORY
from memory.domain.access import CollectionNotFoundError, DocumentNotFoundError
from memory.ports import Library

PAGE: Final = 200
MOST_LOOKED_AT: Final = 2_000
"""How many documents of a collection are looked through for tables."""

MEDIA_TYPES: Final = frozenset(
    {
        "text/csv",
        "text/tab-separated-values",
        "application/json",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


async def list_tables(request: ListTables, *, library: Library) -> DocumentTables:
    """Return the tables of the collections; a collection closed to the role is like an unknown one."""
    known = await library.collections(request.workspace_id, request.role)
    open_ones = [one.name for one in known if not request.collections or one.name in request.collections]
    found: list[MemoryDocument] = []
    for name in open_ones:
        if name != RUN_MEMORY and len(found) < MOST_TABLES:
            found += await _tables_of(name, request, library)
    items = sorted(found, key=lambda document: document.created_at, reverse=True)[:MOST_TABLES]
    return DocumentTables(items=[_shown(document) for document in items])


async def read_table(request: TablePartQuery, *, library: Library) -> TablePart:
    """Return a part of a table; raises `DocumentNotFoundError` for all that the role may not read as one."""
    document = await library.document(request.workspace_id, request.role, request.document_id)
    if document.collection != request.collection or not _is_table(document):
        raise DocumentNotFoundError(f"no table {request.document_id[:80]!r} in {request.collection!r}")
    content = await library.part(request.workspace_id, request.document_id, request.number)
    return TablePart(content=content)


async def _tables_of(collection: str, request: ListTables, library: Library) -> list[MemoryDocument]:
    found: list[MemoryDocument] = []
    before: str | None = None
    for _ in range(MOST_LOOKED_AT // PAGE):
        query = ListDocuments(
            workspace_id=request.workspace_id,
            role=request.role,
            collection=collection,
            before=before,
            limit=PAGE,
        )
        try:
            page = await library.documents(query)
        except CollectionNotFoundError:
            break  # it was deleted or closed meanwhile
        found += [document for document in page if _is_table(document)]
        if len(page) < PAGE or len(found) >= MOST_TABLES:
            break
        before = page[-1].id
    return found


def _is_table(document: MemoryDocument) -> bool:
    """Whether it may be read as a table: whole, released, and one by its name or type.

    What cannot be searched, because nobody could read it as a text, may still be a table.
    """
    kind = document.media_type.partition(";")[0].strip().lower()
    is_one = document.name.lower().endswith(ENDINGS) or kind in MEDIA_TYPES
    is_whole = document.status != "receiving"
    return is_one and is_whole and not document.quarantined and document.collection != RUN_MEMORY


def _shown(document: MemoryDocument) -> DocumentTable:
    return DocumentTable(
        document_id=document.id,
        collection=document.collection,
        name=document.name,
        media_type=document.media_type,
        size_bytes=document.size_bytes,
    )
