"""Cuts a document where its structure has joints: sections, rows of tables, lines of code."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from flowloom_contracts.memory import PassageKind
from memory.domain.outline import Block, Outline
from memory.domain.passages import PASSAGE_TOKENS, Span, TokenCounter, split_passages

# Together with a passage it stays within the 256 tokens that the embedding model reads.
MAX_CONTEXT_CHARS = 160


@dataclass(frozen=True, slots=True)
class Chunk:
    """`text[start:end]` of an outline; `context` is what a reader of that part alone would miss."""

    kind: PassageKind
    start: int
    end: int
    headings: tuple[str, ...] = ()
    page_from: int | None = None
    page_to: int | None = None
    context: str = ""


def cut(outline: Outline, *, count: TokenCounter, limit: int = PASSAGE_TOKENS) -> list[Chunk]:
    """Return the chunks in order, each of at most `limit` tokens by `count` without its context."""
    cutter = _Cutter(outline, count, limit)
    return [chunk for run, headings in _runs(outline) for chunk in cutter.chunks(run, headings)]


def _runs(outline: Outline) -> Iterator[tuple[list[Block], tuple[str, ...]]]:
    """Give neighbours that belong together, with their headings; a heading alone only if it has no inside."""
    path: list[tuple[int, str]] = []
    run: list[Block] = []
    for block, following in zip_longest(outline.blocks, outline.blocks[1:]):
        if block.kind == "heading":
            # A heading may be its signs alone, in any format that people write by hand.
            (title, *_) = outline.text[block.start : block.end].lstrip("# ").strip().splitlines() or [""]
            path = [(level, text) for level, text in path if level < block.level] + [(block.level, title)]
            if following is None or (following.kind == "heading" and following.level <= block.level):
                yield [block], _titles(path[:-1])
            continue
        run.append(block)
        if following is None or following.kind != "text" or block.kind != "text":
            yield run, _titles(path)
            run = []


def _titles(path: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(title for _, title in path if title)


class _Cutter:
    def __init__(self, outline: Outline, count: TokenCounter, limit: int) -> None:
        self._outline, self._count, self._limit = outline, count, limit
        self._starts = [block.start for block in outline.blocks]

    def chunks(self, run: list[Block], headings: tuple[str, ...]) -> Iterator[Chunk]:
        kind, start, end = run[0].kind, run[0].start, run[-1].end
        body = self._outline.text[start:end]
        above = " > ".join(headings)[-MAX_CONTEXT_CHARS:]
        header = body.partition("\n")[0][:MAX_CONTEXT_CHARS] if kind == "table" else ""
        for first, last in self._spans(kind, body):
            context = f"{above}\n{header}" if header and first > 0 else above
            yield Chunk(
                kind=kind,
                start=start + first,
                end=start + last,
                headings=headings,
                page_from=self._page(start + first),
                page_to=self._page(start + last - 1),
                context=context.strip(),
            )

    def _spans(self, kind: PassageKind, body: str) -> list[Span]:
        if kind in {"text", "heading"}:
            return split_passages(body, count=self._count, limit=self._limit)
        return self._by_lines(body)

    def _by_lines(self, body: str) -> list[Span]:
        """Pack whole lines; a line that is too long alone is cut like a text."""
        lines = [span for span in _lines(body) if body[slice(*span)].strip()]
        packed: list[Span] = []
        room = 0
        for span, tokens in zip(lines, self._count([body[slice(*span)] for span in lines]), strict=True):
            if packed and tokens <= room:
                packed[-1], room = (packed[-1][0], span[1]), room - tokens
            elif tokens <= self._limit:
                packed.append(span)
                room = self._limit - tokens
            else:
                inside = split_passages(body[slice(*span)], count=self._count, limit=self._limit)
                packed += [(span[0] + first, span[0] + last) for first, last in inside]
                room = 0
        return packed

    def _page(self, at: int) -> int | None:
        return self._outline.blocks[max(bisect_right(self._starts, at) - 1, 0)].page


def _lines(body: str) -> Iterator[Span]:
    at = 0
    for line in body.splitlines(keepends=True):
        yield at, at + len(line.rstrip("\r\n"))
        at += len(line)
