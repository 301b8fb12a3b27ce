"""Reads text, Markdown and CSV, in whatever encoding they come."""

import csv
import io
from itertools import accumulate
from typing import Final

from charset_normalizer import from_bytes
from markdown_it import MarkdownIt
from markdown_it.token import Token

from memory.domain.outline import MAX_CHARS, Block, BlockKind, Outline, OutlineBuilder, storable, too_long

GUESS_BYTES: Final = 200_000
SNIFF_CHARS: Final = 16_384
MAX_CELL_CHARS: Final = 1_000_000
FRONT_MATTER: Final = "---\n"
_KINDS: Final[dict[str, BlockKind]] = {"fence": "code", "code_block": "code", "table_open": "table"}


def decoded(content: bytes) -> str:
    """Return the text: UTF-8 if it is that, else UTF-16 by its mark, else the likeliest encoding."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        best = from_bytes(content[:GUESS_BYTES]).best()
        text = content.decode(best.encoding if best is not None else "latin-1", errors="replace")
    if len(text) > MAX_CHARS:
        raise too_long()
    return storable(text.replace("\r\n", "\n").replace("\r", "\n"))


def read_text(content: bytes) -> Outline:
    """Return the text as one block; spans count in the text as it was sent."""
    text = decoded(content)
    return Outline(text, (Block("text", 0, len(text)),) if text.strip() else ())


def read_markdown(content: bytes) -> Outline:
    """Return the Markdown as it was sent, with a block for each top-level element."""
    text = decoded(content)
    lines = [0, *accumulate(len(line) for line in text.splitlines(keepends=True))]
    begin = _front_matter_lines(text)
    body = text[lines[begin] :]
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    found = (_block(token, lines, begin) for token in tokens)
    return Outline(text, tuple(block for block in found if block is not None))


def _block(token: Token, lines: list[int], begin: int) -> Block | None:
    if token.level != 0 or token.map is None or token.nesting < 0 or token.type == "hr":
        return None
    first, last = (lines[min(begin + line, len(lines) - 1)] for line in token.map)
    if token.type == "heading_open":
        return Block("heading", first, last, level=int(token.tag[1:]))
    return Block(_KINDS.get(token.type, "text"), first, last)


def _front_matter_lines(text: str) -> int:
    """Return how many lines at the top are settings of the file and no text of it."""
    if not text.startswith(FRONT_MATTER):
        return 0
    end = text.find(f"\n{FRONT_MATTER}", len(FRONT_MATTER) - 1)
    return 0 if end < 0 else text.count("\n", 0, end) + 2


def read_csv(content: bytes, out: OutlineBuilder) -> None:
    """Append the rows as one table."""
    text = decoded(content)
    csv.field_size_limit(MAX_CELL_CHARS)
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:SNIFF_CHARS], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    out.add_rows(csv.reader(io.StringIO(text), dialect))
