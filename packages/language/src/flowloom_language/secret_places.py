"""Evaluates values that may hold secrets: where each secret goes is noted, its value is never seen here."""

from flowloom_contracts.agents import SecretPlace
from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.evaluator import Scope, evaluate, is_reference
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.references import references
from flowloom_language.expressions.syntax import Node
from flowloom_language.expressions.templates import parse_template, render_text
from flowloom_language.expressions.values import printed


class SecretKeeper:
    """Renders written values and collects the places of their secrets."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.places: list[SecretPlace] = []

    def render(self, value: JsonValue, path: tuple[str | int, ...]) -> JsonValue:
        """Return a value without its secrets; `path` is where it stands in the task."""
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, list):
            return [self.render(item, (*path, position)) for position, item in enumerate(value)]
        if isinstance(value, dict):
            return {key: self.render(item, (*path, key)) for key, item in value.items()}
        return value

    def _text(self, text: str, path: tuple[str | int, ...]) -> JsonValue:
        if "${" not in text:
            return text
        try:
            template = parse_template(text)
        except ExpressionSyntaxError as error:
            raise ExpressionError(error.message) from error
        names = [None if isinstance(part, str) else _secret(part) for part in template.parts]
        if not any(names):
            return render_text(text, self._scope)
        pieces = list[str]()
        for part, name in zip(template.parts, names, strict=True):
            if name is not None:
                self.places.append(SecretPlace(path=list(path), offset=sum(map(len, pieces)), name=name))
            elif isinstance(part, str):
                pieces.append(part)
            else:
                pieces.append(printed(evaluate(part, self._scope), Meter()))
        return "".join(pieces)


def _secret(node: Node) -> str | None:
    """Return the secret that an expression is; raises ExpressionError if it does more with it."""
    found = references(node)
    if not any(reference.name == "secrets" for reference in found):
        return None
    only = found[0]
    name = only.fields[0] if len(only.fields) == 1 and only.is_complete else None
    if len(found) != 1 or not is_reference(node) or not isinstance(name, str):
        raise ExpressionError("A secret is only put in as it is: ${secrets.name}, beside other text.")
    return name
