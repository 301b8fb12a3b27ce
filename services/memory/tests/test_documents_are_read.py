"""What becomes of each format and what is refused, through the process that reads in production."""

import asyncio
import contextlib
import io
import resource
import subprocess
import sys
import zipfile

import pytest

from memory.adapters.parser_process import ProcessReader
from memory.domain.outline import DocumentRefusedError, Outline
from memory.testing import files

ENTITIES = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY b SYSTEM "file:///etc/passwd">]><w>&b;</w>'
WIDE_ENTITIES = ENTITIES.decode().encode("utf-16")
RSS_KB = 500_000


async def read(name: str, content: bytes, media_type: str = "") -> Outline:
    return (await ProcessReader().read(name, media_type, content)).outline


def parts(outline: Outline) -> list[tuple[str, str, int | None]]:
    return [(block.kind, outline.text[block.start : block.end], block.page) for block in outline.blocks]


async def test_reads_a_pdf_page_by_page() -> None:
    outline = await read("a.pdf", files.a_pdf(["First page.", "Second page."]))
    assert parts(outline) == [("text", "First page.", 1), ("text", "Second page.", 2)]
    assert outline.pages == 2


async def test_reads_a_docx_with_headings_and_tables() -> None:
    outline = await read("a.docx", files.a_docx())
    assert parts(outline) == [
        ("heading", "Turbine manual", None),
        ("text", "Read this before work.", None),
        ("heading", "Bearings", None),
        ("text", "The bearings are changed every two years.", None),
        ("table", "part | number\nbearing | B-77", None),
    ]
    assert [block.level for block in outline.blocks if block.kind == "heading"] == [1, 2]


async def test_reads_a_pptx_slide_by_slide_with_notes() -> None:
    assert parts(await read("a.pptx", files.a_pptx())) == [
        ("heading", "Winter plan", 1),
        ("text", "Heat the halls", 1),
        ("heading", "Costs", 2),
        ("text", "Nine thousand euros", 2),
        ("text", "Ask the treasurer.", 2),
    ]


async def test_reads_an_xlsx_sheet_by_sheet() -> None:
    assert parts(await read("a.xlsx", files.an_xlsx(2))) == [
        ("heading", "Orders", 1),
        ("table", "order | amount\nA-0 | 0\nA-1 | 10", 1),
    ]


async def test_reads_html_without_scripts_and_menus() -> None:
    page = (
        b"<html><head><title>no</title></head><body><nav>menu</nav><main><h2>Soup</h2><p>Boil <b>it</b>.</p>"
        b"<script>alert(1)</script><pre>x = 1\ny = 2</pre><table><tr><th>k</th><td>v</td></tr></table></main>"
        b"<footer>imprint</footer></body></html>"
    )
    assert parts(await read("a.html", page)) == [
        ("heading", "Soup", None),
        ("text", "Boil it.", None),
        ("code", "x = 1\ny = 2", None),
        ("table", "k | v", None),
    ]


async def test_reads_markdown_with_spans_in_the_text_as_sent() -> None:
    sent = "---\ntitle: x\n---\n# Top\n\nText.\n\n```py\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    outline = await read("a.md", sent.encode())
    assert outline.text == sent
    assert [(block.kind, outline.text[block.start : block.end].strip()) for block in outline.blocks] == [
        ("heading", "# Top"),
        ("text", "Text."),
        ("code", "```py\nx = 1\n```"),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 |"),
    ]


async def test_reads_csv_with_semicolons() -> None:
    outline = await read("a.csv", b'name;town\n"Smith; Ann";"New\nYork"\n')
    assert parts(outline) == [("table", "name | town\nSmith; Ann | New York", None)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
async def test_reads_text_in_any_encoding(encoding: str) -> None:
    text = "Müllers Café liegt an der großen Straße. Es öffnet früh und schließt spät; schöne Grüße."
    assert (await read("a.txt", text.encode(encoding))).text == text


async def test_replaces_what_postgres_cannot_keep() -> None:
    outline = await read("a.txt", "ab\0".encode("utf-16"))
    assert outline.text == "ab\ufffd"


def many_entries() -> bytes:
    return files.an_archive({f"word/{number}.txt": b"" for number in range(100_000)})


def lying_size() -> bytes:
    bomb = bytearray(files.a_bomb(64 << 20))
    with zipfile.ZipFile(io.BytesIO(bytes(bomb))) as archive:
        (entry,) = archive.infolist()
    size = entry.file_size.to_bytes(4, "little")
    while (at := bomb.find(size)) >= 0:
        bomb[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(bomb)


HOSTILE = [
    ("a.docx", lambda: files.a_bomb(320 << 20), "bomb"),
    ("a.docx", many_entries, "bomb"),
    ("a.docx", lambda: files.an_archive({"inner.zip": files.a_bomb(1 << 20)}), "bomb"),
    ("a.docx", lying_size, "broken"),
    ("a.docx", lambda: files.an_archive({"../../etc/cron.d/x": b"x"}), "bad_name"),
    ("a.docx", lambda: files.an_archive({"/etc/passwd": b"x"}), "bad_name"),
    ("a.docx", lambda: files.a_link("/etc/passwd"), "bad_name"),
    ("a.docx", lambda: files.with_part(files.a_docx(), "word/document.xml", ENTITIES), "xml_entities"),
    ("a.xlsx", lambda: files.with_part(files.an_xlsx(), "xl/workbook.xml", ENTITIES), "xml_entities"),
    ("a.docx", lambda: files.with_part(files.a_docx(), "word/a.xml", WIDE_ENTITIES), "xml_entities"),
    ("a.docx", lambda: files.an_archive({}), "broken"),
    ("a.pptx", files.a_docx, "lying_type"),
    ("a.pdf", files.a_docx, "lying_type"),
    ("a.docx", lambda: b"just text", "lying_type"),
    ("a.md", lambda: files.a_pdf(["x"]), "lying_type"),
    ("a.pdf", lambda: b"%PDF-1.7\nnothing more", "broken"),
    ("a.pdf", lambda: files.a_pdf([""]), "no_text"),
    ("a.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted_or_old"),
    ("a.txt", lambda: b"\x7fELF\0\0\0", "not_supported"),
    ("a.txt", lambda: b" \n ", "no_text"),
    ("a.md", lambda: b"", "no_text"),
    ("a.txt", lambda: b"word " * 1_100_000, "too_long"),
    ("a.html", lambda: b"<p>" + b"<div>" * 200_000, "no_text"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "reason"), HOSTILE)
async def test_refuses_hostile_and_broken_files(name: str, make: "type[bytes]", reason: str) -> None:
    with pytest.raises(DocumentRefusedError) as refused:
        await read(name, make())
    assert refused.value.reason == reason
    assert len(refused.value.detail) > 20


def test_readers_stay_small_while_they_refuse() -> None:
    """In a process of its own: the children of a test runner count what the runner itself has grown to."""
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, timeout=240, check=True)
    assert int(done.stdout) < RSS_KB


async def test_stops_a_reader_that_takes_too_long() -> None:
    reader = ProcessReader(limit_s=0.05)
    with pytest.raises(DocumentRefusedError) as refused:
        await reader.read("a.xlsx", "", files.an_xlsx(2_000))
    assert refused.value.reason == "too_slow"


async def _refuse_all() -> None:
    for name, make, _ in HOSTILE:
        with contextlib.suppress(DocumentRefusedError):
            await read(name, make())


if __name__ == "__main__":
    asyncio.run(_refuse_all())
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
