"""The steps of a document as they are written, right or wrong, in the blocks that give them their scopes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.workflow import STEP_KINDS
from flowloom_language.edges import inner_steps

Path: TypeAlias = tuple[str | int, ...]
BlockKind: TypeAlias = Literal["steps", "loop", "recovery", "undo", "on_failure"]

MAX_NESTING: Final = 8
"""Blocks inside each other, the document's own included."""


@dataclass(frozen=True, slots=True)
class Block:
    """Steps beside each other: those of the document, a loop, `on_error`, `on_failure`, an undo."""

    kind: BlockKind
    path: Path
    steps: Mapping[str, JsonValue]
    outer: "Block | None" = None
    owner: str | None = None
    """The step of the outer block that holds this one."""
    variables: frozenset[str] = frozenset()
    """Names that this block adds to the scope."""

    @property
    def depth(self) -> int:
        """How many blocks there are from the document down to this one."""
        return 1 if self.outer is None or self.kind == "on_failure" else self.outer.depth + 1

    def chain(self) -> "Iterator[Block]":
        """Yield this block and those around it, the nearest first."""
        block: Block | None = self
        while block is not None:
            yield block
            block = block.outer

    def sees(self, step_id: str) -> "Block | None":
        """Return the nearest block that has such a step."""
        return next((block for block in self.chain() if step_id in block.steps), None)

    def is_inside(self, step_id: str, holder: "Block") -> bool:
        """Whether this block belongs to that step of an outer block and runs before the step has ended."""
        return any(
            block.outer is holder and block.owner == step_id and block.kind in ("loop", "recovery")
            for block in self.chain()
        )

    def names(self) -> frozenset[str]:
        """Return the names beside `inputs`, `steps` and `run` that expressions see here."""
        return frozenset().union(*(block.variables for block in self.chain()))


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """A step that is a mapping; `kind` is empty unless it has exactly one."""

    id: str
    path: Path
    data: JsonObject
    block: Block
    kind: str
    inner: Block | None = None
    recovery: Block | None = None
    undo: Block | None = None


def written_steps(document: JsonObject) -> tuple[list[Block], list[WrittenStep]]:
    """Return every block and every step of a document, the outer before the inner."""
    blocks, steps = list[Block](), list[WrittenStep]()
    root = Block("steps", ("steps",), inner_steps(document, "steps"))
    _enter(root, blocks, steps)
    failure = document.get("on_failure")
    if isinstance(failure, dict):
        names = frozenset({"error"})
        last = Block("on_failure", ("on_failure", "do"), inner_steps(failure, "do"), root, variables=names)
        _enter(last, blocks, steps)
    return blocks, steps


def kinds_of(step: JsonObject) -> list[str]:
    """Return the names of kinds that a step has as fields."""
    return [name for name in STEP_KINDS if name in step]


def _enter(block: Block, blocks: list[Block], steps: list[WrittenStep]) -> None:
    blocks.append(block)
    for step_id, data in block.steps.items():
        if isinstance(data, dict):
            step = _written(step_id, data, block)
            steps.append(step)
            for inner in (step.inner, step.recovery, step.undo):
                if inner is not None:
                    _enter(inner, blocks, steps)


def _written(step_id: str, data: JsonObject, block: Block) -> WrittenStep:
    path: Path = (*block.path, step_id)
    kinds = kinds_of(data)
    inner = recovery = undo = None
    if "loop" in data or "do" in data:
        inner = Block("loop", (*path, "do"), inner_steps(data, "do"), block, step_id, _loop_names(data))
    on_error = data.get("on_error")
    if isinstance(on_error, dict):
        names = frozenset({"error"})
        steps = inner_steps(on_error, "do")
        recovery = Block("recovery", (*path, "on_error", "do"), steps, block, step_id, names)
    if "undo" in data:
        undo = Block("undo", path, {"undo": data["undo"]}, block, step_id)
    kind = kinds[0] if len(kinds) == 1 else ""
    return WrittenStep(step_id, path, data, block, kind, inner, recovery, undo)


def _loop_names(data: JsonObject) -> frozenset[str]:
    loop = data.get("loop")
    if isinstance(loop, dict) and "until" in loop:
        return frozenset({"index", "previous"})
    variable = loop.get("as", "item") if isinstance(loop, dict) else "item"
    return frozenset({"index", variable if isinstance(variable, str) else "item"})
