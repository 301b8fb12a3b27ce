"""Splits a long text into passages that end at sentences and fit into the embedding model."""

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

PASSAGE_TOKENS: Final = 200

Span: TypeAlias = tuple[int, int]
"""Start and end of a part, in characters of the whole text."""

TokenCounter: TypeAlias = Callable[[Sequence[str]], Sequence[int]]

# A sentence ends at its mark with white space behind it, at the full-width marks (full stop, exclamation and
# question mark) of scripts that put none there, or at an empty line.
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])|\n\s*\n")


def split_passages(text: str, *, count: TokenCounter, limit: int = PASSAGE_TOKENS) -> list[Span]:
    """Return the spans of the passages, in order, each of at most `limit` tokens by `count`.

    White space between passages belongs to none; a text of white space only is one passage.
    """
    sentences = _sentences(text)
    if not sentences:
        return [(0, len(text))]
    lengths = count([text[start:end] for start, end in sentences])
    pieces: list[tuple[Span, int]] = []
    for span, tokens in zip(sentences, lengths, strict=True):
        pieces += [(span, tokens)] if tokens <= limit else _halved(text, span, count=count, limit=limit)
    return _packed(pieces, limit)


def _sentences(text: str) -> list[Span]:
    cuts = [(0, 0), *(found.span() for found in _SENTENCE_END.finditer(text)), (len(text), len(text))]
    between = [(cuts[i][1], cuts[i + 1][0]) for i in range(len(cuts) - 1)]
    return [trimmed for span in between if (trimmed := _trimmed(text, span))]


def _trimmed(text: str, span: Span) -> Span | None:
    part = text[slice(*span)]
    body = part.strip()
    if not body:
        return None
    start = span[0] + part.index(body[0])
    return start, start + len(body)


def _halved(text: str, span: Span, *, count: TokenCounter, limit: int) -> list[tuple[Span, int]]:
    """Cut a sentence at the white space nearest its middle, again and again, until every part fits."""
    (tokens,) = count([text[slice(*span)]])
    if tokens <= limit or span[1] - span[0] < 2:
        return [(span, tokens)]
    cut = _cut(text, span)
    halves = [half for side in ((span[0], cut), (cut, span[1])) if (half := _trimmed(text, side))]
    return [piece for half in halves for piece in _halved(text, half, count=count, limit=limit)]


def _cut(text: str, span: Span) -> int:
    start, end = span
    middle = (start + end) // 2
    gaps = [at for at in range(start + 1, end) if text[at].isspace()]
    return min(gaps, key=lambda at: abs(at - middle), default=middle)


def _packed(pieces: Sequence[tuple[Span, int]], limit: int) -> list[Span]:
    """Join neighbours as long as together they stay within the limit."""
    passages: list[Span] = []
    room = 0
    for (start, end), tokens in pieces:
        if passages and tokens <= room:
            passages[-1] = (passages[-1][0], end)
            room -= tokens
        else:
            passages.append((start, end))
            room = limit - tokens
    return passages
