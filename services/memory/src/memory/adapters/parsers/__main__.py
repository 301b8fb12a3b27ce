"""`python -m memory.adapters.parsers NAME MEDIA_TYPE`: a document on stdin, its outline as JSON on stdout."""

import sys
import zipfile
from collections.abc import Callable

import orjson

from memory.adapters.parsers.confinement import confine
from memory.domain.formats import MEDIA_TYPES, Format, format_of
from memory.domain.outline import DocumentRefusedError, Outline, OutlineBuilder


def main() -> None:
    """Write `{text, blocks, pages, media_type}` or `{refused: {code, message}}`."""
    confine()
    try:
        answer = _read(sys.argv[1], sys.argv[2], sys.stdin.buffer.read())
    except DocumentRefusedError as refused:
        answer = _refusal(refused.reason, refused.detail)
    except (MemoryError, RecursionError):
        answer = _refusal("too_large", "reading the document took more memory than a document may take")
    except (
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        SyntaxError,
        OSError,
        LookupError,
    ) as error:
        # What the libraries raise for damaged files; lxml's errors are SyntaxErrors.
        answer = _refusal("broken", f"the document is damaged ({type(error).__name__})")
    sys.stdout.buffer.write(answer)


def _refusal(code: str, message: str) -> bytes:
    return orjson.dumps({"refused": {"code": code, "message": message}})


def _read(name: str, media_type: str, content: bytes) -> bytes:
    kind = format_of(name, media_type, content)
    outline = _outline(kind, content)
    return orjson.dumps(
        {
            "text": outline.text,
            "pages": outline.pages,
            "media_type": MEDIA_TYPES[kind],
            "blocks": [
                [block.kind, block.start, block.end, block.page, block.level] for block in outline.blocks
            ],
        }
    )


def _outline(kind: Format, content: bytes) -> Outline:
    """Read with the one library that is needed: each is loaded only for its own formats."""
    if kind in {"text", "markdown"}:
        from memory.adapters.parsers import plain

        outline = plain.read_text(content) if kind == "text" else plain.read_markdown(content)
        return outline if outline.blocks else OutlineBuilder().outline()
    out = OutlineBuilder()
    if kind in {"docx", "pptx", "xlsx"}:
        from memory.adapters.parsers.archives import ensure_harmless

        ensure_harmless(content, kind)
    try:
        _reader(kind)(content, out)
    except zipfile.BadZipFile as error:
        raise DocumentRefusedError("broken", f"the archive is damaged: {error}") from error
    return out.outline()


def _reader(kind: Format) -> Callable[[bytes, OutlineBuilder], None]:
    if kind == "pdf":
        from memory.adapters.parsers.pdf import read_pdf

        return read_pdf
    if kind == "html":
        from memory.adapters.parsers.html import read_html

        return read_html
    if kind == "csv":
        from memory.adapters.parsers.plain import read_csv

        return read_csv
    from memory.adapters.parsers import office

    return {"docx": office.read_docx, "pptx": office.read_pptx, "xlsx": office.read_xlsx}[kind]


if __name__ == "__main__":
    main()
