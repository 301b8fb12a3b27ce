"""The syntax tree of an expression, with the positions of every node."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Located:
    """A node's place: characters of the template, `end` exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Literal(Located):
    """A number, text, boolean or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name(Located):
    """A name of the scope."""

    name: str


@dataclass(frozen=True, slots=True)
class Select(Located):
    """`target.field`."""

    target: "Node"
    field: str


@dataclass(frozen=True, slots=True)
class Index(Located):
    """`target[key]`."""

    target: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True)
class Unary(Located):
    """`!x` or `-x`."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary(Located):
    """`left operator right`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Conditional(Located):
    """`test ? yes : no`."""

    test: "Node"
    yes: "Node"
    no: "Node"


@dataclass(frozen=True, slots=True)
class ListOf(Located):
    """`[a, b]`."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class MapOf(Located):
    """`{key: value}`."""

    entries: tuple[tuple["Node", "Node"], ...]


@dataclass(frozen=True, slots=True)
class Call(Located):
    """`f(a, b)`; `a.f(b)` is the same call with the target as its first argument."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Comprehension(Located):
    """`list.all(x, …)`, `exists`, `filter` or `map`."""

    macro: str
    over: "Node"
    variable: str
    body: "Node"


Node: TypeAlias = (
    Literal | Name | Select | Index | Unary | Binary | Conditional | ListOf | MapOf | Call | Comprehension
)

_Inner: TypeAlias = Select | Index | Unary | Binary | Conditional | ListOf | MapOf | Call | Comprehension


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node, in the order they are written."""
    if isinstance(node, Literal | Name):
        return ()
    return _parts(node)


def _parts(node: "_Inner") -> tuple[Node, ...]:
    match node:
        case Select():
            return (node.target,)
        case Index():
            return (node.target, node.key)
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Conditional():
            return (node.test, node.yes, node.no)
        case ListOf():
            return node.items
        case MapOf():
            return tuple(part for entry in node.entries for part in entry)
        case Call():
            return node.arguments
        case Comprehension():
            return (node.over, node.body)
