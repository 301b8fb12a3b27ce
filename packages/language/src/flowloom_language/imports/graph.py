"""The nodes and links of a foreign workflow as steps: names, order without circles, and who can see whom."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_language.imports.reading import MAX_NODES, NotThisFormatError

_NOT_ID: Final = re.compile(r"[^a-z0-9_]+")
_MAX_ID: Final = 55
_RESERVED: Final = frozenset(
    [
        "in",
        "true",
        "false",
        "null",
        "has",
        "all",
        "exists",
        "filter",
        "map",
        "default",
        "inputs",
        "steps",
        "run",
        "trigger",
        "secrets",
        "error",
        "previous",
        "index",
        "item",
    ]
)


@dataclass(frozen=True, slots=True)
class Node:
    """A node as the other program writes it; `parent` is the node inside of which it stands."""

    key: str
    kind: str
    title: str
    data: JsonObject
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """That a node comes after another, at one of the ways out of it."""

    source: str
    target: str
    port: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What was not taken over, where, and what to do about it."""

    where: str
    what: str
    to_do: str
    step: str | None = None


@dataclass(slots=True)
class Notes:
    """Collects notes; the same is said once."""

    found: dict[Note, None] = field(default_factory=dict)

    def add(self, where: str, what: str, to_do: str, *, step: str | None = None) -> None:
        """Note something."""
        self.found[Note(where[:200], what[:500], to_do[:500], step)] = None


class Graph:
    """Nodes by key with the ids their steps get; links that lead back are cut and noted."""

    def __init__(self, nodes: Iterable[Node], links: Iterable[Link], notes: Notes) -> None:
        self.nodes = {node.key: node for node in nodes}
        if not self.nodes:
            raise NotThisFormatError("It has no nodes.")
        if len(self.nodes) > MAX_NODES:
            raise NotThisFormatError(f"It has more than {MAX_NODES} nodes.")
        self.ids = _identifiers(self.nodes.values())
        known = [link for link in links if link.source in self.nodes and link.target in self.nodes]
        self.links = self._without_circles(list(dict.fromkeys(known)), notes)
        self._upstream: dict[str, frozenset[str]] = {}

    def into(self, key: str) -> list[Link]:
        """Return the links into a node."""
        return [link for link in self.links if link.target == key]

    def out_of(self, key: str) -> list[Link]:
        """Return the links out of a node."""
        return [link for link in self.links if link.source == key]

    def inside(self, parent: str | None) -> list[Node]:
        """Return the nodes that stand in a node, or in none."""
        return [node for node in self.nodes.values() if node.parent == parent]

    def owners(self, key: str) -> Iterator[str]:
        """Yield the nodes that a node stands in, the innermost first."""
        owner, seen = self.nodes[key].parent, set[str]()
        while owner in self.nodes and owner not in seen:
            yield owner
            seen.add(owner)
            owner = self.nodes[owner].parent

    def seen_from(self, key: str, wanted: str) -> str | None:
        """Return the node whose output stands for that of `wanted` here: it, the loop around it, or none."""
        around = {None, *self.owners(key)}
        for candidate in (wanted, *self.owners(wanted)):
            if self.nodes[candidate].parent in around and candidate not in around:
                places = {key, *self.owners(key)}
                return candidate if any(candidate in self.upstream(place) for place in places) else None
        return None

    def upstream(self, key: str) -> frozenset[str]:
        """Return every node that comes before a node."""
        if key not in self._upstream:
            found, waiting = set[str](), [key]
            while waiting:
                for link in self.into(waiting.pop()):
                    if link.source not in found:
                        found.add(link.source)
                        waiting.append(link.source)
            self._upstream[key] = frozenset(found)
        return self._upstream[key]

    def _without_circles(self, links: list[Link], notes: Notes) -> list[Link]:
        kept = list[Link]()
        after = dict[str, set[str]]()
        for link in links:
            if link.source == link.target or link.source in _reached(link.target, after):
                notes.add(
                    self.nodes[link.source].title,
                    f"Its link back to {self.nodes[link.target].title!r} was left out.",
                    "Put what is repeated into a `loop` step.",
                    step=self.ids[link.source],
                )
                continue
            kept.append(link)
            after.setdefault(link.source, set()).add(link.target)
        return kept


def _reached(start: str, after: dict[str, set[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        new = after.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found


def identifier(text: str) -> str:
    """Return a text as an id of the language."""
    plain = _NOT_ID.sub("_", text.lower()).strip("_")[:_MAX_ID].strip("_")
    if not plain[:1].isalpha() or plain in _RESERVED:
        plain = f"s_{plain}".strip("_")
    return plain


def _identifiers(nodes: Iterable[Node]) -> dict[str, str]:
    found = dict[str, str]()
    for node in nodes:
        wanted = name = identifier(node.title or node.kind)
        number = 2
        while name in found.values():
            name, number = f"{wanted}_{number}", number + 1
        found[node.key] = name
    return found
