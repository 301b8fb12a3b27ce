"""Every step of a document with its place in the text and the path people know it by."""

from collections.abc import Iterator
from dataclasses import dataclass

from flowloom_contracts.base import JsonValue
from flowloom_language.problems import ProblemList
from flowloom_language.source_tree import Mapping, Node, Span, child, to_data
from flowloom_language.yaml_reader import read_yaml


@dataclass(frozen=True, slots=True)
class PlacedStep:
    """A step: `path` as in `polish.check`, `place` as in `steps.polish.do.check`."""

    path: str
    place: tuple[str, ...]
    span: Span
    fields: dict[str, JsonValue]

    @property
    def own(self) -> dict[str, JsonValue]:
        """The fields without the steps inside it."""
        inner = {"do", "undo"} | ({"on_error"} if isinstance(self.fields.get("on_error"), dict) else set())
        kept = {name: value for name, value in self.fields.items() if name not in inner}
        handled = self.fields.get("on_error")
        if isinstance(handled, dict):
            kept["on_error"] = {name: value for name, value in handled.items() if name != "do"}
        return kept


def placed_steps(source: str) -> list[PlacedStep]:
    """Return all steps in the order of the text; of a text that is not YAML none."""
    _, root = read_yaml(source, ProblemList())
    if not isinstance(root, Mapping):
        return []
    found = list(_block(root.values.get("steps"), "", ("steps",)))
    handler = root.values.get("on_failure")
    inner = None if handler is None else child(handler, "do")
    return found + list(_block(inner, "on_failure.", ("on_failure", "do")))


def _block(node: Node | None, prefix: str, place: tuple[str, ...]) -> Iterator[PlacedStep]:
    if not isinstance(node, Mapping):
        return
    for name, value in node.values.items():
        yield from _step(value, node.keys[name].span, prefix + name, (*place, name))


def _step(node: Node, span: Span, path: str, place: tuple[str, ...]) -> Iterator[PlacedStep]:
    if not isinstance(node, Mapping):
        return
    data = to_data(node)
    yield PlacedStep(path, place, span, data if isinstance(data, dict) else {})
    yield from _block(node.values.get("do"), f"{path}.", (*place, "do"))
    handler = node.values.get("on_error")
    if isinstance(handler, Mapping):
        yield from _block(handler.values.get("do"), f"{path}.on_error.", (*place, "on_error", "do"))
    if "undo" in node.values:
        yield from _step(node.values["undo"], node.keys["undo"].span, f"{path}.undo", (*place, "undo"))
