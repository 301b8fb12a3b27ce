"""Reads CSV, JSON and XLSX into tables, by what the bytes are and not by what their name says."""

import codecs
import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Final

import openpyxl

from agent_analysis.worker.refusals import RefusedError
from agent_analysis.worker.tables import MOST_COLUMNS, MOST_ROWS, Cell, Table, ensure_narrow, table_of

MOST_ENTRIES: Final = 2_000
MOST_UNPACKED: Final = 200 * 1024 * 1024
MOST_RATIO: Final = 200
RATIO_FROM: Final = 16 * 1024 * 1024
MOST_CELL_CHARS: Final = 100_000
SNIFFED: Final = 16_384
DELIMITERS: Final = ",;\t|"
BROKEN: Final = (
    *(zipfile.BadZipFile, ValueError, TypeError, IndexError, AttributeError, KeyError, SyntaxError, EOFError),
    *(OSError, NotImplementedError),
)
"""What the library raises for damaged sheets; lxml's errors are SyntaxErrors."""
MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_table(content: bytes, *, sheet: str = "") -> Table:
    """Return the table in a file; raises `RefusedError` for what is none."""
    if content.startswith(b"PK\x03\x04"):
        return _xlsx(content, sheet)
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RefusedError("the file is neither CSV nor JSON nor XLSX")
    text = _decoded(content)
    if text.lstrip()[:1] in ("[", "{"):
        return _json(text)
    return _csv(text)


def warm() -> None:
    """Load what reading needs, before nothing can be loaded any more."""
    for encoding in ("cp1252", *(encoding for _, encoding in MARKS)):
        codecs.lookup(encoding)
    book = openpyxl.Workbook()
    book.active.append(["a", 1, date(2026, 1, 1)])
    saved = io.BytesIO()
    book.save(saved)
    _xlsx(saved.getvalue(), "")


def _decoded(content: bytes) -> str:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _as(content, encoding)
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise RefusedError(f"the file says that it is {encoding} and is not") from error


def _csv(text: str) -> Table:
    csv.field_size_limit(MOST_CELL_CHARS)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        names = next(reader, [])
        return table_of(names, (row for row in reader if row))
    except csv.Error as error:
        raise RefusedError(f"the file is not CSV: {error}") from error


def _delimiter(text: str) -> str:
    """Return what stands most often in the first line, outside of quotes."""
    line = next(csv.reader([text[:SNIFFED].splitlines()[0]], delimiter="\0")) if text.strip() else [""]
    return max(DELIMITERS, key=line[0].count)


def _json(text: str) -> Table:
    try:
        value = json.loads(text, parse_constant=lambda word: None)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"the file begins like JSON and is not: {str(error)[:100]}") from error
    if isinstance(value, dict):
        lists = [inner for inner in value.values() if isinstance(inner, list)]
        if len(lists) != 1:
            raise RefusedError("give a list of objects, or an object with one list in it")
        value = lists[0]
    if not value or not all(isinstance(row, dict) for row in value):
        raise RefusedError("a table as JSON is a list of objects, one a row, and has at least one")
    names: dict[str, None] = {}
    for row in value:
        names.update(dict.fromkeys(row))
        ensure_narrow(len(names) or 1)
    return table_of(list(names), ([_cell(row.get(name)) for name in names] for row in value))


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return json.dumps(value, ensure_ascii=False)[:MOST_CELL_CHARS]


def _xlsx(content: bytes, sheet: str) -> Table:
    _ensure_harmless(content)
    try:
        # Computed values only: formulas are neither evaluated nor shown.
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        if sheet and sheet not in book.sheetnames:
            sheets = ", ".join(repr(one) for one in book.sheetnames[:20])
            raise RefusedError(f"there is no sheet {sheet!r}; the file has {sheets}")
        found = book[sheet] if sheet else book.worksheets[0]
        # A file can claim a million columns; what it has is found while reading.
        found.reset_dimensions()
        rows = _rows(found.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1))
        names = next(rows, [])
        while names and names[-1] is None:
            names = names[:-1]
        return table_of(names, rows)
    except BROKEN as error:
        raise RefusedError(f"the file is damaged or no XLSX ({type(error).__name__})") from error


def _rows(rows: Iterator[Sequence[object]]) -> Iterator[list[Cell]]:
    for row in islice(rows, MOST_ROWS + 2):
        if any(value is not None for value in row):
            yield [value if _is_plain(value) else str(value)[:MOST_CELL_CHARS] for value in row]  # type: ignore[misc]  # the test says what it is


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool | date | datetime)


def _ensure_harmless(content: bytes) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise RefusedError(f"the file is a damaged archive: {error}") from error
    total = sum(entry.file_size for entry in entries)
    is_bomb = total > MOST_UNPACKED or (total > RATIO_FROM and total > MOST_RATIO * len(content))
    if is_bomb or len(entries) > MOST_ENTRIES:
        raise RefusedError(
            f"the file would unpack to {total:,} bytes in {len(entries):,} entries: save it anew"
        )
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise RefusedError("the file is an archive and no XLSX")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise RefusedError("the file is encrypted: remove its password")
