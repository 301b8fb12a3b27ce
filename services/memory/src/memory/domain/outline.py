"""What is left of a document after reading: its text, and which part of it is a heading, a table or code."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from flowloom_servicekit.errors import DomainError

BlockKind: TypeAlias = Literal["text", "heading", "table", "code"]

MAX_CHARS: Final = 5_000_000
MAX_BLOCKS: Final = 200_000
MAX_PAGE_CHARS: Final = 500_000
BETWEEN_BLOCKS: Final = "\n\n"
# What Postgres cannot keep in a text, replaced one for one so that spans stay true.
_UNSTORABLE: Final = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class DocumentRefusedError(DomainError):
    """The document cannot be taken, now or later; `reason` is for programs, the detail for its sender."""

    status = 422
    title = "The document cannot be read"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Block:
    """`text[start:end]` of an outline; `page` counts from 1 (a slide or a sheet counts as a page)."""

    kind: BlockKind
    start: int
    end: int
    page: int | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Outline:
    """The text of a document and its blocks, in order and without overlap."""

    text: str
    blocks: tuple[Block, ...]
    pages: int | None = None


@dataclass
class OutlineBuilder:
    """Collects blocks and joins their texts; refuses what grows beyond reason while it grows."""

    _parts: list[str] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _length: int = 0
    _page: int | None = None
    _page_chars: int = 0

    def begin_page(self, page: int) -> None:
        """Say on which page the next blocks stand."""
        self._page, self._page_chars = page, 0

    def add(self, kind: BlockKind, text: str, *, level: int = 0) -> None:
        """Append a block; white space alone is none."""
        body = storable(text.strip())
        if not body:
            return
        start = self._length + (len(BETWEEN_BLOCKS) if self._parts else 0)
        self._length = start + len(body)
        self._page_chars += len(body)
        self._ensure_room()
        self._parts.append(body)
        self._blocks.append(Block(kind, start, self._length, self._page, level))

    def add_rows(self, rows: Iterable[Iterable[str]]) -> None:
        """Append a table, one line a row; rows without any text are left out."""
        lines: list[str] = []
        size = 0
        for row in rows:
            cells = [" ".join(cell.split()) for cell in row]
            if any(cells):
                lines.append(" | ".join(cells).rstrip(" |"))
                size += len(lines[-1])
            if size > MAX_CHARS:
                raise too_long()
        self.add("table", "\n".join(lines))

    def outline(self) -> Outline:
        """Return what was collected; raises `DocumentRefusedError` if that is nothing."""
        if not self._blocks:
            raise DocumentRefusedError(
                "no_text", "no text was found; a scanned document must go through text recognition first"
            )
        return Outline(BETWEEN_BLOCKS.join(self._parts), tuple(self._blocks), self._page)

    def _ensure_room(self) -> None:
        if self._length > MAX_CHARS or len(self._blocks) >= MAX_BLOCKS:
            raise too_long()
        if self._page is not None and self._page_chars > MAX_PAGE_CHARS:
            raise DocumentRefusedError(
                "huge_page", f"page {self._page} has more than {MAX_PAGE_CHARS:,} characters"
            )


def storable(text: str) -> str:
    """Return the text with every character that Postgres cannot keep replaced, at the same length."""
    return text.translate(_UNSTORABLE)


def too_long() -> DocumentRefusedError:
    """Return the refusal of a text beyond `MAX_CHARS`."""
    return DocumentRefusedError("too_long", f"more than {MAX_CHARS:,} characters of text: split the document")
