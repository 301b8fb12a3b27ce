"""Splits the text of an expression into tokens, one at a time, so that it ends where the expression ends."""

import re
from dataclasses import dataclass
from typing import Final

from flowloom_language.expressions.errors import ExpressionSyntaxError
from flowloom_language.expressions.limits import MAX_INTEGER

_SPACE: Final = re.compile(r"(?:[ \t\r\n\f]+|//[^\n]*)*")
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]+|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SIGN: Final = re.compile(r"&&|\|\||[<>=!]=|[-+*/%<>!?:.,()\[\]{}]")
_TEXT: Final = re.compile(r"[rR]?(?:\"\"\"|'''|\"|')")
_ESCAPE: Final = re.compile(
    r"\\(?:([abfnrtv\\'\"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))"
)
_SIMPLE_ESCAPES: Final = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression. `kind`: `word`, `number`, `text`, `end`, or the sign itself."""

    kind: str
    start: int
    end: int
    value: str | int | float = ""


class Lexer:
    """Gives the tokens of `text` from `position` on."""

    def __init__(self, text: str, position: int) -> None:
        self._text = text
        self._position = position

    def next(self) -> Token:
        """Return the next token, `end` at the end of the text."""
        space = _SPACE.match(self._text, self._position)
        start = space.end() if space else self._position
        token = self._read(start)
        self._position = token.end
        return token

    def _read(self, start: int) -> Token:
        if start >= len(self._text):
            return Token("end", start, start)
        if _TEXT.match(self._text, start):
            return self._read_text(start)
        if word := _WORD.match(self._text, start):
            return Token("word", start, word.end(), word[0])
        if number := _NUMBER.match(self._text, start):
            return self._read_number(number)
        if sign := _SIGN.match(self._text, start):
            return Token(sign[0], start, sign.end())
        raise ExpressionSyntaxError(
            f"{self._text[start]!r} has no meaning in an expression.",
            start,
            hint=_hint(self._text[start : start + 2]),
        )

    def _read_number(self, found: re.Match[str]) -> Token:
        digits = found[0]
        after = _WORD.match(self._text, found.end())
        if after:
            raise ExpressionSyntaxError(
                f"{digits}{after[0]} is not a number.", found.start(), end=after.end()
            )
        value: int | float
        if digits[:2] in ("0x", "0X"):
            value = int(digits, 16) if len(digits) < 20 else MAX_INTEGER + 1
        elif digits.isdigit():
            value = int(digits) if len(digits) < 20 else MAX_INTEGER + 1
        else:
            value = float(digits)
        if isinstance(value, int) and value > MAX_INTEGER:
            raise ExpressionSyntaxError(
                f"{digits} is beyond 9007199254740991, the greatest integer.", found.start(), end=found.end()
            )
        if value == float("inf"):
            raise ExpressionSyntaxError(f"{digits} is too great a number.", found.start(), end=found.end())
        return Token("number", found.start(), found.end(), value)

    def _read_text(self, start: int) -> Token:
        opening = _TEXT.match(self._text, start)
        assert opening is not None  # noqa: S101 - the caller has just matched it
        raw, quote = opening[0][0] in "rR", opening[0].lstrip("rR")
        position, parts = opening.end(), list[str]()
        while not self._text.startswith(quote, position):
            part, position = self._read_character(position, raw=raw, multiline=len(quote) == 3, start=start)
            parts.append(part)
        return Token("text", start, position + len(quote), "".join(parts))

    def _read_character(self, position: int, *, raw: bool, multiline: bool, start: int) -> tuple[str, int]:
        character = self._text[position : position + 1]
        if not character or (character == "\n" and not multiline):
            raise ExpressionSyntaxError("This text has no closing quote.", start, end=position)
        if character != "\\" or raw:
            return character, position + 1
        escape = _ESCAPE.match(self._text, position)
        if escape is None:
            raise ExpressionSyntaxError(
                f"{self._text[position : position + 2]!r} is not an escape.",
                position,
                hint="Write \\\\ for a backslash.",
            )
        return _unescape(escape), escape.end()


def _unescape(escape: re.Match[str]) -> str:
    if escape[1]:
        return _SIMPLE_ESCAPES[escape[1]]
    code = int(escape[5], 8) if escape[5] else int(escape[2] or escape[3] or escape[4], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ExpressionSyntaxError(f"{escape[0]} is not a character.", escape.start(), end=escape.end())
    return chr(code)


def _hint(found: str) -> str | None:
    if found.startswith("="):
        return "Write == to compare."
    return {"&": "Write && for and.", "|": "Write || for or."}.get(found[:1])
