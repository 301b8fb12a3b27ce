"""Which names an expression refers to: the source of a workflow's edges and of most of its problems."""

from collections.abc import Iterator
from dataclasses import dataclass

from flowloom_language.expressions.syntax import (
    Call,
    Comprehension,
    Index,
    Literal,
    Name,
    Node,
    Select,
    children,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A path from a name of the scope.

    `fields` are its constant parts after the name; `is_complete` says that no computed part follows.
    `is_lenient`: inside `default` or `has`, so that it may not exist.
    """

    name: str
    fields: tuple[str | int, ...]
    start: int
    end: int
    is_lenient: bool
    is_complete: bool = True

    @property
    def step(self) -> str | None:
        """The step it names, if it is one of `steps.<id>…`."""
        first = self.fields[0] if self.name == "steps" and self.fields else None
        return first if isinstance(first, str) else None

    @property
    def is_wait(self) -> bool:
        """Whether the step may end in any way: a lenient reference, or one to the status."""
        return self.is_lenient or (len(self.fields) > 1 and self.fields[1] == "status")


def references(node: Node) -> tuple[Reference, ...]:
    """Return the references to the scope in the order they are written, without loop variables."""
    return tuple(_walk(node, frozenset(), is_lenient=False))


def _walk(node: Node, bound: frozenset[str], *, is_lenient: bool) -> Iterator[Reference]:
    if isinstance(node, Name | Select | Index):
        yield from _path(node, bound, is_lenient=is_lenient)
        return
    if isinstance(node, Comprehension):
        yield from _walk(node.over, bound, is_lenient=is_lenient)
        yield from _walk(node.body, bound | {node.variable}, is_lenient=is_lenient)
        return
    is_lenient = is_lenient or (isinstance(node, Call) and node.function in ("default", "has"))
    for child in children(node):
        yield from _walk(child, bound, is_lenient=is_lenient)


def _path(node: Node, bound: frozenset[str], *, is_lenient: bool) -> Iterator[Reference]:
    chain = list[Select | Index]()
    whole = node
    while isinstance(node, Select | Index):
        chain.append(node)
        node = node.target
    if not isinstance(node, Name):
        yield from _walk(node, bound, is_lenient=is_lenient)
    elif node.name not in bound:
        fields = _constant_fields(chain)
        yield Reference(
            node.name,
            fields,
            whole.start,
            whole.end,
            is_lenient=is_lenient,
            is_complete=len(fields) == len(chain),
        )
    for link in reversed(chain):
        if isinstance(link, Index):
            yield from _walk(link.key, bound, is_lenient=is_lenient)


def _constant_fields(chain: list[Select | Index]) -> tuple[str | int, ...]:
    fields = list[str | int]()
    for link in reversed(chain):
        if isinstance(link, Select):
            fields.append(link.field)
            continue
        key = link.key.value if isinstance(link.key, Literal) else None
        if isinstance(key, bool) or not isinstance(key, str | int):
            break
        fields.append(key)
    return tuple(fields)
