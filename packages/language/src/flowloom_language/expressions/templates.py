"""Text with `${…}` in it: finding the expressions, and putting their values in."""

from dataclasses import dataclass
from functools import lru_cache

from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.evaluator import Evaluation, Scope, is_reference
from flowloom_language.expressions.limits import MAX_TEXT
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.parser import parse_prefix
from flowloom_language.expressions.syntax import Node
from flowloom_language.expressions.values import compact, printed


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


@lru_cache(maxsize=1_024)
def parse_template(text: str) -> Template:
    """Return the parts of a text; raises ExpressionSyntaxError with a position in the text."""
    parts = list[str | Node]()
    literal = list[str]()
    position = 0
    while (found := text.find("${", position)) >= 0:
        if found > position and text[found - 1] == "$":
            literal.append(text[position : found - 1] + "${")
            position = found + 2
            continue
        literal.append(text[position:found])
        node, end = parse_prefix(text, found + 2)
        if not text.startswith("}", end):
            raise _unclosed(text, found, end)
        if "".join(literal):
            parts.append("".join(literal))
        literal.clear()
        parts.append(node)
        position = end + 1
    literal.append(text[position:])
    if "".join(literal):
        parts.append("".join(literal))
    return Template(tuple(parts))


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
