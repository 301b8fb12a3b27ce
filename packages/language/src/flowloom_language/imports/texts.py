"""Texts with holes, values and conditions of other programs in terms of our templates and expressions."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from flowloom_contracts.base import JsonValue

Resolve: TypeAlias = Callable[[str], str | None]
"""Turns what stands in a hole into one of our expressions; None when it cannot be said here."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_PATH: Final = re.compile(r"""\.([A-Za-z_][A-Za-z0-9_]*)|\[["']([^"'\]]{1,100})["']\]|\[([0-9]{1,6})\]""")
_NEGATED: Final = {
    "notEquals": "equals",
    "notContains": "contains",
    "notEmpty": "empty",
    "notExists": "exists",
    "false": "true",
}
_COMPARED: Final = {"equals": "==", "gt": ">", "lt": "<", "gte": ">=", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Holes:
    """How a program writes holes in its texts, and what they mean in one place of the workflow."""

    pattern: re.Pattern[str]
    resolve: Resolve

    def text(self, text: str) -> tuple[str, list[str]]:
        """Return a text as a template, and the holes that stay as they are written."""
        parts, left, end = list[str](), list[str](), 0
        for found in self.pattern.finditer(text):
            parts.append(_literal(text[end : found.start()]))
            expression = self.resolve(found[1].strip())
            if expression is None:
                left.append(found[0])
            parts.append(_literal(found[0]) if expression is None else f"${{{expression}}}")
            end = found.end()
        return "".join([*parts, _literal(text[end:])]), left

    def value(self, value: JsonValue) -> tuple[JsonValue, list[str]]:
        """Return a value with templates in its texts at any depth."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            made = [self.value(one) for one in value]
            return [one for one, _ in made], [hole for _, left in made for hole in left]
        if isinstance(value, dict):
            pairs = {name: self.value(one) for name, one in value.items()}
            left = [hole for _, holes in pairs.values() for hole in holes]
            return {name: one for name, (one, _) in pairs.items()}, left
        return value, []

    def operand(self, value: JsonValue) -> str | None:
        """Return one side of a comparison as an expression."""
        if not isinstance(value, str):
            return json.dumps(value, ensure_ascii=False)
        whole = self.pattern.fullmatch(value.strip())
        if whole is not None:
            return self.resolve(whole[1].strip())
        if self.pattern.search(value) or len(value) > 200:
            return None
        return value if _NUMBER.fullmatch(value) else json.dumps(value, ensure_ascii=False)

    def comparison(self, left: JsonValue, operation: str, right: JsonValue) -> str | None:
        """Return a comparison as an expression; `operation` is one of ours or the negation of one."""
        positive = _NEGATED.get(operation)
        if positive is not None:
            said = self.comparison(left, positive, right)
            return None if said is None else f"!({said})"
        one = self.operand(left)
        if one is None:
            return None
        if operation in ("true", "exists", "empty"):
            return {"true": f"{one} == true", "exists": f"{one} != null"}.get(operation, f"size({one}) == 0")
        other = self.operand(right)
        if other is None:
            return None
        if operation in _COMPARED:
            return f"{one} {_COMPARED[operation]} {other}"
        if operation in ("contains", "startsWith", "endsWith"):
            return f"string({one}).{operation}(string({other}))"
        return None


def joined(conditions: Sequence[str | None], *, by_or: bool) -> str | None:
    """Return conditions as one; None if one of them cannot be said."""
    said = [f"({one})" for one in conditions if one is not None]
    if len(said) != len(conditions) or not said:
        return None
    whole = (" || " if by_or else " && ").join(said)
    return whole if len(whole) <= 1_000 else None


def path_of(text: str) -> str | None:
    """Return a path behind a name as we write it, `.a["b c"][0]`; None if it is anything but a path."""
    parts, end = list[str](), 0
    for found in _PATH.finditer(text):
        if found.start() != end:
            return None
        end = found.end()
        name, quoted, number = found.groups()
        parts.append(f".{name}" if name else f"[{number}]" if number else f"[{json.dumps(quoted)}]")
    return "".join(parts) if end == len(text) else None


def _literal(text: str) -> str:
    return text.replace("${", "$${")
