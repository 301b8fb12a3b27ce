"""Documents that are tables, on a real Postgres: read as they were sent, by roles that may, by no others."""

import pytest

from flowloom_contracts.document_tables import ListTables, TablePartQuery
from flowloom_contracts.memory import AddDocument, OfDocument, OfPart, PutCollection, QuarantineDocument
from flowloom_servicekit.database import Database
from flowloom_servicekit.testing.clock import FakeClock
from memory.adapters.postgres_library import PostgresLibrary
from memory.domain.access import DocumentNotFoundError
from memory.usecases import documents, tables

CLOCK = FakeClock()


class Shelf:
    """A library with what tests put into it."""

    def __init__(self, database: Database) -> None:
        self.library = PostgresLibrary(database)

    async def put(
        self,
        name: str,
        *parts: bytes,
        collection: str = "finance",
        media_type: str = "",
        workspace: str = "w1",
        whole: bool = True,
    ) -> str:
        request = AddDocument(
            workspace_id=workspace,
            role="owner",
            collection=collection,
            name=name,
            media_type=media_type,
            effect_key=f"{collection}/{name}",
        )
        made = await documents.add_document(request, library=self.library, clock=CLOCK)
        one = OfDocument(workspace_id=workspace, role="owner", document_id=made.id)
        for number, part in enumerate(parts, start=1):
            await documents.put_part(OfPart(**one.model_dump(), number=number), part, library=self.library)
        if whole:
            await documents.complete_document(one, library=self.library, clock=CLOCK)
        CLOCK.advance(1)
        return made.id

    async def close(self, collection: str, *readers: str) -> None:
        request = PutCollection(workspace_id="w1", role="owner", name=collection, readers=list(readers))
        await documents.put_collection(request, library=self.library, clock=CLOCK)

    async def listed(self, *collections: str, role: str = "editor", workspace: str = "w1") -> list[str]:
        request = ListTables(workspace_id=workspace, role=role, collections=list(collections))
        found = await tables.list_tables(request, library=self.library)
        return [one.name for one in found.items]

    async def read(
        self,
        document_id: str,
        number: int = 1,
        *,
        role: str = "editor",
        collection: str = "finance",
        workspace: str = "w1",
    ) -> bytes | None:
        request = TablePartQuery(
            workspace_id=workspace,
            role=role,
            document_id=document_id,
            collection=collection,
            number=number,
        )
        return (await tables.read_table(request, library=self.library)).content


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


async def test_lists_what_is_a_table_the_newest_first(shelf: Shelf) -> None:
    await shelf.put("old.csv", b"a\n1\n")
    await shelf.put("report.pdf", b"%PDF")
    await shelf.put("Book.XLSX", b"PK")
    await shelf.put("export", b"[]", media_type="application/json; charset=utf-8")
    await shelf.put("plan.json", b"[]", collection="plans")
    await shelf.put("arriving.csv", b"a", whole=False)
    assert await shelf.listed() == ["plan.json", "export", "Book.XLSX", "old.csv"]
    assert await shelf.listed("plans", "none") == ["plan.json"]
    assert await shelf.listed(workspace="w2") == []


async def test_reads_a_table_part_by_part_as_it_was_sent(shelf: Shelf) -> None:
    first, second = b"a,b\n1,\xff\xfe\n", b"2,3\n"
    sales = await shelf.put("sales.csv", first, second)
    assert [await shelf.read(sales, number) for number in (1, 2, 3)] == [first, second, None]


async def test_rights_are_looked_at_before_each_part(shelf: Shelf) -> None:
    pay = await shelf.put("pay.csv", b"a\n1\n", b"2\n", collection="salaries")
    assert await shelf.read(pay, collection="salaries") == b"a\n1\n"
    await shelf.close("salaries", "hr")
    with pytest.raises(DocumentNotFoundError):
        await shelf.read(pay, 2, collection="salaries")
    assert await shelf.listed() == []
    assert await shelf.listed("salaries") == []
    assert await shelf.read(pay, 2, role="hr", collection="salaries") == b"2\n"
    assert await shelf.listed(role="hr") == ["pay.csv"]


async def test_what_is_elsewhere_hidden_or_no_table_is_not_there(shelf: Shelf) -> None:
    sales = await shelf.put("sales.csv", b"a\n1\n")
    report = await shelf.put("report.pdf", b"%PDF")
    arriving = await shelf.put("arriving.csv", b"a", whole=False)
    for document_id, more in (
        (sales, {"collection": "plans"}),
        (sales, {"workspace": "w2"}),
        (report, {}),
        (arriving, {}),
        ("no-id", {}),
        ("0197c000-0000-7000-8000-000000000000", {}),
    ):
        with pytest.raises(DocumentNotFoundError):
            await shelf.read(document_id, **more)
    hide = QuarantineDocument(workspace_id="w1", role="owner", document_id=sales, quarantined=True)
    await documents.quarantine_document(hide, library=shelf.library, clock=CLOCK)
    with pytest.raises(DocumentNotFoundError):
        await shelf.read(sales)
    assert await shelf.listed() == []
