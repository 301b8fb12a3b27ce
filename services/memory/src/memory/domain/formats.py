"""Says what a document really is: its content decides, and a name that contradicts it is a refusal."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from memory.domain.outline import DocumentRefusedError

Format: TypeAlias = Literal["pdf", "docx", "pptx", "xlsx", "html", "markdown", "csv", "text"]

MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "markdown": "text/markdown",
    "csv": "text/csv",
    "text": "text/plain",
}
_ENDINGS: Final[Mapping[str, Format]] = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".pptx": "pptx",
    ".xlsx": "xlsx",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "csv",
    ".tsv": "csv",
}
_OFFICE: Final = frozenset[Format]({"docx", "pptx", "xlsx"})
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_HEAD: Final = 8192


def format_of(name: str, media_type: str, content: bytes) -> Format:
    """Return the format; raises `DocumentRefusedError` for unknown content and for a lying name."""
    told = _told(name, media_type)
    seen = _seen(content[:_HEAD])
    if seen == "zip":
        if told in _OFFICE:
            return told
        raise _refused(told, "a ZIP archive", hint="only .docx, .pptx and .xlsx are read")
    if seen == "pdf":
        if told in {"pdf", "text"}:
            return "pdf"
        raise _refused(told, "a PDF")
    if told in _OFFICE or told == "pdf":
        raise _refused(told, "something else")
    return "html" if seen == "html" and told == "text" else told


def _told(name: str, media_type: str) -> Format:
    by_name = _ENDINGS.get("." + name.lower().rpartition(".")[2])
    plain = media_type.partition(";")[0].strip().lower()
    by_type = next((kind for kind, known in MEDIA_TYPES.items() if known == plain), None)
    return by_name or by_type or "text"


def _seen(head: bytes) -> Literal["zip", "pdf", "html", "text"]:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(_OLD_OFFICE):
        raise DocumentRefusedError(
            "encrypted_or_old",
            "an encrypted or old Office file: save it as .docx, .xlsx or .pptx, without password",
        )
    if b"\0" in head and not head.startswith(_UTF16):
        raise DocumentRefusedError(
            "not_supported", "not a text, and none of PDF, DOCX, PPTX, XLSX, HTML, Markdown, CSV"
        )
    start = head.lstrip()[:200].lower()
    return "html" if start.startswith((b"<!doctype html", b"<html")) else "text"


def _refused(told: Format, seen: str, *, hint: str = "give it the right name") -> DocumentRefusedError:
    return DocumentRefusedError("lying_type", f"announced as {told}, but the content is {seen}: {hint}")
