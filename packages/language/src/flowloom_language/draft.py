"""A document while it is checked: its text, its tree, and the problems found in it."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from flowloom_contracts.document import ProblemCode
from flowloom_contracts.workflow import Step
from flowloom_language.positions import span_within
from flowloom_language.problems import ProblemList
from flowloom_language.source_tree import Mapping, Node, Scalar, Span, child

Path: TypeAlias = tuple[str | int, ...]


@dataclass(slots=True)
class Draft:
    """What the checks share. `steps` holds the steps whose own fields are right."""

    text: str
    root: Mapping
    problems: ProblemList
    steps: dict[str, Step] = field(default_factory=dict)
    unavailable: set[Path] = field(default_factory=set)
    """Places that this build does not read: nothing below them is checked."""
    schema_values: int = 0
    """Values in the schemas that were checked already."""

    def step_nodes(self) -> dict[str, Node]:
        """Return every step that is written, right or wrong, by its id."""
        steps = self.root.values.get("steps")
        return dict(steps.values) if isinstance(steps, Mapping) else {}

    def node(self, path: Path) -> Node | None:
        """Return the node at a path."""
        node: Node | None = self.root
        for part in path:
            node = None if node is None else child(node, part)
        return node

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
