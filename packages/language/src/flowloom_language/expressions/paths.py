"""Steps from a name of the scope into its value: `steps.plan.output[0].title`."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.errors import MissingValueError
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.syntax import Index, Literal, Name, Node, Select
from flowloom_language.expressions.values import kind, number

_Run: TypeAlias = Callable[[Mapping[str, JsonValue], Meter], JsonValue]
_Link: TypeAlias = tuple[str, _Run | None, Select | Index]
"""A field; or what computes the key of an index; and the node itself for messages."""


def compile_path(node: Name | Select | Index, compile_node: Callable[[Node], _Run]) -> _Run:
    """Return the function that walks a path; a long one needs no deep stack."""
    chain = list[Select | Index]()
    start: Node = node
    while isinstance(start, Select | Index):
        chain.append(start)
        start = start.target
    links = [_link(one, compile_node) for one in reversed(chain)]
    if isinstance(start, Name):
        return _walk(_name(start.name), links) if links else _name(start.name)
    return _walk(compile_node(start), links)


def _name(name: str) -> _Run:
    def run(scope: Mapping[str, JsonValue], meter: Meter) -> JsonValue:
        meter.left -= 1
        if meter.left < 0:
            meter.refuse()
        if name in scope:
            return scope[name]
        raise MissingValueError(f"{name!r} does not exist here.")

    return run


def _link(link: Select | Index, compile_node: Callable[[Node], _Run]) -> _Link:
    if isinstance(link, Select):
        return link.field, None, link
    if isinstance(link.key, Literal) and isinstance(link.key.value, str):
        return link.key.value, None, link
    return "", compile_node(link.key), link


def _walk(start: _Run, links: list[_Link]) -> _Run:
    extra = len(links) - 1

    def run(scope: Mapping[str, JsonValue], meter: Meter) -> JsonValue:
        found = start(scope, meter)
        if extra:
            meter.spend(extra)
        for field, key_of, link in links:
            if key_of is None and isinstance(found, dict) and field in found:
                found = found[field]
            else:
                found = _step_into(found, field if key_of is None else key_of(scope, meter), link)
        return found

    return run


def _step_into(found: JsonValue, key: JsonValue, link: Select | Index) -> JsonValue:
    if isinstance(found, dict) and isinstance(key, str):
        if key in found:
            return found[key]
        raise MissingValueError(f"{written(link)} does not exist: there is no {key[:60]!r}.")
    if isinstance(found, list) and isinstance(key, int | float) and not isinstance(key, bool):
        position = number(key, "An index")
        if isinstance(position, int) and 0 <= position < len(found):
            return found[position]
        raise MissingValueError(f"{written(link)} does not exist: the list has {len(found)} items.")
    raise MissingValueError(f"{written(link)} does not exist: {written(link.target)} is {kind(found)}.")


def written(node: Node) -> str:
    """Return a path as a person writes it, for messages."""
    parts = list[str]()
    while isinstance(node, Select | Index):
        parts.append(f".{node.field}" if isinstance(node, Select) else _written_key(node.key))
        node = node.target
    return (node.name if isinstance(node, Name) else "(…)") + "".join(reversed(parts))


def _written_key(key: Node) -> str:
    return f"[{key.value!r}]" if isinstance(key, Literal) else "[…]"
