"""Judges an office file, which is a ZIP archive of XML, before any library opens it."""

import io
import re
import stat
import zipfile
from typing import Final

from memory.domain.formats import Format
from memory.domain.outline import DocumentRefusedError

MAX_ENTRIES: Final = 5_000
MAX_TOTAL_BYTES: Final = 256 * 1024 * 1024
MAX_XML_BYTES: Final = 96 * 1024 * 1024
MAX_RATIO: Final = 200
RATIO_FROM_BYTES: Final = 16 * 1024 * 1024
PIECE: Final = 1024 * 1024
_MAIN_PART: Final[dict[Format, str]] = {
    "docx": "word/document.xml",
    "pptx": "ppt/presentation.xml",
    "xlsx": "xl/workbook.xml",
}
_NESTED: Final = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".jar", ".zst")
# Office files have no document type; with one come entities that grow and entities that read files.
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OVERLAP: Final = 16


def ensure_harmless(content: bytes, kind: Format) -> None:
    """Raise `DocumentRefusedError` for bombs, nested archives, escaping names, links, entities, passwords."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _ensure_small(entries, len(content))
            for entry in entries:
                _ensure_plain(entry)
            if _MAIN_PART[kind] not in archive.NameToInfo:
                raise DocumentRefusedError(
                    "lying_type", f"the archive is not a .{kind}: its main part is missing"
                )
            for entry in entries:
                if entry.filename.lower().endswith((".xml", ".rels", ".vml", ".svg")):
                    _ensure_no_declaration(archive, entry)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zipfile.LargeZipFile) as error:
        raise DocumentRefusedError("broken", f"the archive is damaged: {error}") from error


def _ensure_small(entries: list[zipfile.ZipInfo], packed: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise DocumentRefusedError(
            "bomb", f"the archive has {len(entries):,} entries, at most {MAX_ENTRIES:,}"
        )
    total = sum(entry.file_size for entry in entries)
    if total > MAX_TOTAL_BYTES or (total > RATIO_FROM_BYTES and total > packed * MAX_RATIO):
        raise DocumentRefusedError("bomb", f"the archive of {packed:,} bytes would become {total:,} bytes")


def _ensure_plain(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
        raise DocumentRefusedError(
            "bad_name", f"an entry is called {entry.filename[:100]!r}, outside the archive"
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise DocumentRefusedError("bad_name", f"entry {entry.filename[:100]!r} is a link")
    if entry.flag_bits & 0x1:
        raise DocumentRefusedError("encrypted", "the file is encrypted: remove the password")
    if name.lower().endswith(_NESTED):
        raise DocumentRefusedError("bomb", f"entry {entry.filename[:100]!r} is an archive inside the archive")


def _ensure_no_declaration(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.file_size > MAX_XML_BYTES:
        raise DocumentRefusedError(
            "bomb", f"entry {entry.filename[:100]!r} has {entry.file_size:,} bytes of XML"
        )
    with archive.open(entry) as part:
        kept = b""
        while piece := part.read(PIECE):
            # UTF-16 writes the same letters with zeros between them.
            found = (kept + piece).replace(b"\0", b"")
            if _DECLARATION.search(found):
                raise DocumentRefusedError(
                    "xml_entities", f"entry {entry.filename[:100]!r} declares a document type or entities"
                )
            kept = found[-_OVERLAP:]
