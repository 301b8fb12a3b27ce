"""A document while it is checked: its text, its tree, its steps, and the problems found in it."""

from dataclasses import dataclass, field
from typing import Literal

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document import ProblemCode
from flowloom_language.positions import span_within
from flowloom_language.problems import ProblemList
from flowloom_language.source_tree import Mapping, Node, Scalar, Span, child, to_data
from flowloom_language.written_steps import Block, Path, WrittenStep, written_steps

__all__ = ["Draft", "Path"]


@dataclass(slots=True)
class Draft:
    """What the checks share."""

    text: str
    root: Mapping
    problems: ProblemList
    data: JsonObject = field(init=False)
    """The plain values of the document."""
    blocks: list[Block] = field(init=False)
    steps: list[WrittenStep] = field(init=False)
    """Every step that is a mapping, the outer before the inner."""
    steps_by_path: dict[Path, WrittenStep] = field(init=False)
    schema_values: int = 0
    """Values in the schemas that were checked already."""

    def __post_init__(self) -> None:
        """Find the steps."""
        self.data = {name: to_data(node) for name, node in self.root.values.items()}
        self.blocks, self.steps = written_steps(self.data)
        self.steps_by_path = {step.path: step for step in self.steps}

    def step_around(self, path: Path) -> WrittenStep | None:
        """Return the innermost step that a path leads into."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.steps_by_path:
                return self.steps_by_path[path[:length]]
        return None

    def node(self, path: Path) -> Node | None:
        """Return the node at a path."""
        node: Node | None = self.root
        for part in path:
            node = None if node is None else child(node, part)
        return node

    def value(self, path: Path) -> JsonValue:
        """Return the plain value at a path, None if there is nothing."""
        node = self.node(path)
        return None if node is None else to_data(node)

    def report(
        self,
        code: ProblemCode,
        path: Path,
        message: str,
        *,
        hint: str | None = None,
        at_key: bool = False,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        """Add a problem at the value of a path, its key, or the nearest thing around it that is written."""
        self.problems.add(code, path, self._span(path, at_key), message, hint=hint, severity=severity)

    def report_within(
        self,
        code: ProblemCode,
        path: Path,
        characters: tuple[int, int],
        message: str,
        *,
        hint: str | None = None,
    ) -> None:
        """Add a problem at some characters of a text."""
        node = self.node(path)
        if isinstance(node, Scalar):
            self.problems.add(code, path, span_within(self.text, node, *characters), message, hint=hint)
        else:
            self.report(code, path, message, hint=hint)

    def _span(self, path: Path, at_key: bool) -> Span:
        found: Node = self.root
        key: Scalar | None = None
        for part in path:
            inner = child(found, part)
            if inner is None:
                return key.span if key else _head(found)
            key = found.keys[part] if isinstance(found, Mapping) and isinstance(part, str) else None
            found = inner
        return key.span if at_key and key else found.span


def _head(node: Node) -> Span:
    """The first line of something long is enough to point at."""
    span = node.span
    return Span(span.line, span.column, span.line, span.column + 1, span.start, span.start + 1)
