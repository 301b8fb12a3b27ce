"""Text with `${…}` in it: finding the expressions, and putting their values in."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.evaluator import Run, Scope, compile_node, is_reference
from flowloom_language.expressions.limits import MAX_TEXT
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.parser import parse_prefix
from flowloom_language.expressions.syntax import Node
from flowloom_language.expressions.values import check_size, printed

_KEPT: Final = 4_096
"""Characters of a text that is remembered; longer ones would fill the memory."""
_MAX_ERRORS: Final = 50
"""Nobody reads more errors of one text."""


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text: literal texts and expressions in their order."""

    parts: tuple[str | Node, ...]

    @property
    def expressions(self) -> tuple[Node, ...]:
        """The expressions in the order they are written."""
        return tuple(part for part in self.parts if not isinstance(part, str))

    @property
    def only(self) -> Node | None:
        """The expression, if the text is exactly one `${…}`."""
        return self.parts[0] if len(self.parts) == 1 and not isinstance(self.parts[0], str) else None


def parse_template(text: str) -> Template:
    """Return the parts of a text; raises ExpressionSyntaxError with a position in the text."""
    return _parse_again(text) if len(text) <= _KEPT else _parse(text)


def _parse(text: str) -> Template:
    template, errors = scan_template(text)
    if errors:
        raise errors[0]
    return template


_parse_again = lru_cache(maxsize=1_024)(_parse)


def scan_template(text: str) -> tuple[Template, tuple[ExpressionSyntaxError, ...]]:
    """Return the parts that can be read, and the error of each expression that cannot."""
    parts = list[str | Node]()
    errors = list[ExpressionSyntaxError]()
    literal, position = "", 0
    while (found := text.find("${", position)) >= 0:
        if found > position and text[found - 1] == "$":
            literal, position = literal + text[position : found - 1] + "${", found + 2
            continue
        literal += text[position:found]
        try:
            node, end = _parse_one(text, found)
        except ExpressionSyntaxError as error:
            errors.append(error)
            position = max(error.end, found + 2) if len(errors) < _MAX_ERRORS else len(text)
            continue
        parts += [literal, node] if literal else [node]
        literal, position = "", end
    literal += text[position:]
    return Template((*parts, literal) if literal else tuple(parts)), tuple(errors)


def _parse_one(text: str, start: int) -> tuple[Node, int]:
    node, end = parse_prefix(text, start + 2)
    if not text.startswith("}", end):
        raise _unclosed(text, start, end)
    return node, end + 1


def _unclosed(text: str, start: int, end: int) -> ExpressionSyntaxError:
    if end >= len(text):
        return ExpressionSyntaxError("This ${ has no closing }.", start, end=end)
    return ExpressionSyntaxError(f"Unexpected {text[end]!r}.", end, hint="Close the expression with }.")


def render(value: JsonValue, scope: Scope) -> JsonValue:
    """Return a written value with every template in it evaluated, at any depth; keys stay as they are."""
    if isinstance(value, str):
        return render_text(value, scope)
    if isinstance(value, list):
        return [render(item, scope) for item in value]
    if isinstance(value, dict):
        return {key: render(item, scope) for key, item in value.items()}
    return value


def render_text(text: str, scope: Scope) -> JsonValue:
    """Evaluate one text: exactly one `${…}` keeps its type; raises ExpressionError."""
    if "${" not in text:
        return text
    try:
        ready = _ready_again(text) if len(text) <= _KEPT else _ready(text)
    except ExpressionSyntaxError as error:
        raise ExpressionError(error.message) from error
    if isinstance(ready, _Single):
        found = ready.run(scope, Meter())
        if not ready.is_reference and isinstance(found, str | list | dict):
            check_size(found, MAX_TEXT)
        return found
    pieces = [part if isinstance(part, str) else _printed(part, scope) for part in ready]
    Meter().text(sum(map(len, pieces)))
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class _Single:
    """A text that is exactly one expression."""

    run: Run
    is_reference: bool


def _ready(text: str) -> _Single | tuple[str | Run, ...]:
    template = parse_template(text)
    if template.only is not None:
        return _Single(compile_node(template.only), is_reference(template.only))
    return tuple(part if isinstance(part, str) else compile_node(part) for part in template.parts)


_ready_again = lru_cache(maxsize=2_048)(_ready)


def _printed(run: Run, scope: Scope) -> str:
    meter = Meter()
    return printed(run(scope, meter), meter)
