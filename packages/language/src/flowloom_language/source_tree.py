"""The document as a tree of nodes that know their places in the text."""

from dataclasses import dataclass, field
from typing import TypeAlias

from flowloom_contracts.base import JsonValue


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text: lines and columns from 1, the end exclusive; indexes from 0."""

    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without parts. `style` is YAML's: empty for plain, a quote, `|` or `>`."""

    span: Span
    value: str | int | float | bool | None
    style: str = ""
    weight: int = 1


@dataclass(slots=True)
class Mapping:
    """A mapping with text keys, in the order of the text."""

    span: Span
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, "Node"] = field(default_factory=dict)
    weight: int = 1


@dataclass(slots=True)
class Sequence:
    """A list."""

    span: Span
    items: list["Node"] = field(default_factory=list)
    weight: int = 1


Node: TypeAlias = Scalar | Mapping | Sequence


def to_data(node: Node) -> JsonValue:
    """Return the plain value of a node; aliases have been limited already."""
    if isinstance(node, Mapping):
        return {key: to_data(value) for key, value in node.values.items()}
    if isinstance(node, Sequence):
        return [to_data(item) for item in node.items]
    return node.value


def child(node: Node, part: str | int) -> Node | None:
    """Return the node below a key or position, or None."""
    if isinstance(node, Mapping) and isinstance(part, str):
        return node.values.get(part)
    if isinstance(node, Sequence) and isinstance(part, int) and 0 <= part < len(node.items):
        return node.items[part]
    return None


def path_text(parts: tuple[str | int, ...]) -> str:
    """Return a path as people read it, as in `steps.route.switch[0].when`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
