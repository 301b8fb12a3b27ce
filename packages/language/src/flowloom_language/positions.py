"""Finds the place in the text of a part of a scalar, whatever its quotes, escapes and folded lines."""

from typing import Final

from flowloom_language.source_tree import Scalar, Span

_LONG_ESCAPES: Final = {"x": 4, "u": 6, "U": 10}


def place(text: str, index: int) -> tuple[int, int]:
    """Return line and column, from 1, of an index of the text."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def span_within(text: str, scalar: Scalar, start: int, end: int) -> Span:
    """Return the place of the characters `start` to `end` of a scalar's value."""
    source = _source_indexes(text, scalar, end)
    first = source[min(start, len(source) - 1)] if source else scalar.span.start
    last = source[end - 1] + 1 if 0 < end <= len(source) else max(first + 1, scalar.span.end)
    line, column = place(text, first)
    end_line, end_column = place(text, last)
    return Span(line, column, end_line, end_column, first, last)


def _source_indexes(text: str, scalar: Scalar, end: int) -> list[int]:
    """Return where each of the first `end` characters comes from.

    Folding changes only white space, so the other characters are found one after the other.
    """
    value = str(scalar.value)
    position = _content_start(text, scalar)
    indexes = list[int]()
    for character in value[:end]:
        position = _after_joined_line(text, position, scalar.style)
        if not character.isspace():
            while position < scalar.span.end and text[position].isspace():
                position += 1
        indexes.append(min(position, max(scalar.span.start, scalar.span.end - 1)))
        position += _width(text, position, character, scalar.style)
    return indexes


def _after_joined_line(text: str, position: int, style: str) -> int:
    """In double quotes a backslash at the end of a line takes the line's end and the indent away."""
    if style != '"' or text[position : position + 2] not in ("\\\n", "\\\r"):
        return position
    position += 1
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _content_start(text: str, scalar: Scalar) -> int:
    start = scalar.span.start
    if scalar.style in ("|", ">"):
        line_end = text.find("\n", start)
        return scalar.span.end if line_end < 0 else line_end + 1
    return start + 1 if text[start : start + 1] in ("'", '"') else start


def _width(text: str, position: int, character: str, style: str) -> int:
    found = text[position : position + 1]
    if style == '"' and found == "\\":
        return _LONG_ESCAPES.get(text[position + 1 : position + 2], 2)
    if style == "'" and text.startswith("''", position):
        return 2
    return 0 if character.isspace() and not found.isspace() else 1
