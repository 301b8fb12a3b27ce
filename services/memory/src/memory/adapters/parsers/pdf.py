"""Reads PDF, page by page."""

from typing import Final

import pypdfium2

from memory.domain.outline import MAX_PAGE_CHARS, DocumentRefusedError, OutlineBuilder

MAX_PAGES: Final = 3_000
_PASSWORD: Final = "password"


def read_pdf(content: bytes, out: OutlineBuilder) -> None:
    """Append the text of each page; a PDF says nothing of headings."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if _PASSWORD in str(error).lower():
            raise DocumentRefusedError("encrypted", "the PDF is encrypted: remove the password") from error
        raise DocumentRefusedError("broken", "the PDF is damaged and cannot be opened") from error
    if len(document) > MAX_PAGES:
        raise DocumentRefusedError("too_long", f"the PDF has {len(document):,} pages, at most {MAX_PAGES:,}")
    for number in range(len(document)):
        out.begin_page(number + 1)
        for paragraph in _text(document, number).split("\n\n"):
            out.add("text", paragraph)


def _text(document: "pypdfium2.PdfDocument", number: int) -> str:
    try:
        page = document[number]
        words = page.get_textpage()
        if words.count_chars() > MAX_PAGE_CHARS:
            raise DocumentRefusedError(
                "huge_page", f"page {number + 1} has more than {MAX_PAGE_CHARS:,} characters"
            )
        text: str = words.get_text_range()
        words.close()
        page.close()
    except pypdfium2.PdfiumError as error:
        raise DocumentRefusedError("broken", f"page {number + 1} of the PDF is damaged") from error
    # U+FFFE is pdfium's sign for a hyphen at the end of a line.
    return text.replace("\ufffe\r\n", "").replace("\r\n", "\n").replace("\ufffe", "-")
