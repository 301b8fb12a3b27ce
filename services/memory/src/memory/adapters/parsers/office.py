"""Reads DOCX, PPTX and XLSX."""

import io
from collections.abc import Iterator
from itertools import islice
from typing import Final

import docx
import openpyxl
import pptx
from docx.table import Table
from docx.text.paragraph import Paragraph
from pptx.shapes.base import BaseShape

from memory.domain.outline import OutlineBuilder

MAX_COLUMNS: Final = 500
MAX_ROWS: Final = 200_000
MAX_SHAPE_DEPTH: Final = 20
TITLE_LEVEL: Final = 1


def read_docx(content: bytes, out: OutlineBuilder) -> None:
    """Append paragraphs, headings by their style, and tables; a DOCX knows no pages."""
    for item in docx.Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(item, Table):
            out.add_rows([[cell.text for cell in row.cells] for row in item.rows])
        else:
            _add_paragraph(item, out)


def _add_paragraph(paragraph: Paragraph, out: OutlineBuilder) -> None:
    style = (paragraph.style.name or "").lower() if paragraph.style is not None else ""
    if style == "title":
        out.add("heading", paragraph.text, level=TITLE_LEVEL)
    elif style.startswith("heading"):
        number = style.removeprefix("heading").strip()
        out.add("heading", paragraph.text, level=int(number) if number.isdigit() else TITLE_LEVEL)
    elif "code" in style or "preformatted" in style:
        out.add("code", paragraph.text)
    else:
        out.add("text", paragraph.text)


def read_pptx(content: bytes, out: OutlineBuilder) -> None:
    """Append each slide as a page: its title as heading, texts, tables, then the speaker's notes."""
    for number, slide in enumerate(pptx.Presentation(io.BytesIO(content)).slides, start=1):
        out.begin_page(number)
        title = slide.shapes.title
        if title is not None:
            out.add("heading", title.text_frame.text, level=TITLE_LEVEL)
        for shape in slide.shapes:
            if title is None or shape.shape_id != title.shape_id:
                _add_shape(shape, out, depth=0)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            out.add("text", slide.notes_slide.notes_text_frame.text)


def _add_shape(shape: BaseShape, out: OutlineBuilder, *, depth: int) -> None:
    if shape.has_text_frame:
        out.add("text", shape.text_frame.text)  # type: ignore[attr-defined]  # the flag says that it is there
    elif shape.has_table:
        out.add_rows([[cell.text for cell in row.cells] for row in shape.table.rows])  # type: ignore[attr-defined]  # the same
    elif depth < MAX_SHAPE_DEPTH:
        for inner in getattr(shape, "shapes", ()):
            _add_shape(inner, out, depth=depth + 1)


def read_xlsx(content: bytes, out: OutlineBuilder) -> None:
    """Append each sheet as a page: its name as heading, its rows as one table with computed values."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    for number, sheet in enumerate(book.worksheets, start=1):
        out.begin_page(number)
        out.add("heading", sheet.title, level=TITLE_LEVEL)
        # A file can claim a million columns; what it has is found while reading.
        sheet.reset_dimensions()
        rows = islice(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), MAX_ROWS)
        out.add_rows(_cells(row) for row in rows)


def _cells(row: tuple[object, ...]) -> Iterator[str]:
    return ("" if value is None else str(value) for value in row)
