"""Text with `${…}` in it: finding the expressions, and putting their values in."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.evaluator import Evaluation, Scope, is_reference
from flowloom_language.expressions.limits import MAX_TEXT
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.parser import parse_prefix
from flowloom_language.expressions.syntax import Node
from flowloom_language.expressions.values import compact, printed

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


@lru_cache(maxsize=512)
def parse_template(text: str) -> Template:
    """Return the parts of a text; raises ExpressionSyntaxError with a position in the text."""
    template, errors = scan_template(text)
    if errors:
        raise errors[0]
    return template


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
        template = parse_template(text)
    except ExpressionSyntaxError as error:
        raise ExpressionError(error.message) from error
    if template.only is not None:
        return _single(template.only, scope)
    meters = Meter()
    pieces = [_piece(part, scope) for part in template.parts]
    meters.text(sum(map(len, pieces)))
    return "".join(pieces)


def _single(node: Node, scope: Scope) -> JsonValue:
    found = Evaluation(Meter()).value(node, scope)
    if not is_reference(node) and isinstance(found, str | list | dict):
        _check_result(found)
    return found


def _piece(part: str | Node, scope: Scope) -> str:
    if isinstance(part, str):
        return part
    meter = Meter()
    return printed(Evaluation(meter).value(part, scope), meter)


def _check_result(value: JsonValue) -> None:
    length = len(value) if isinstance(value, str) else len(compact(value, Meter()))
    if length > MAX_TEXT:
        raise ExpressionError(f"The result has {length} characters, more than {MAX_TEXT}.")
