"""Reads the text of a document into a tree: YAML 1.2 core, no tags, bounded size, depth and aliases."""

from dataclasses import replace
from typing import Final, TypeAlias

import yaml

from flowloom_contracts.document import ProblemCode
from flowloom_language.problems import ProblemList
from flowloom_language.source_tree import Mapping, Node, Scalar, Sequence, Span
from flowloom_language.yaml_scalars import UnreadableNumberError, resolve_plain

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 40
MAX_NODES: Final = 100_000
"""Nodes after aliases are expanded."""

_START: Final = Span(1, 1, 1, 1, 0, 0)


class _UnreadableError(Exception):
    """The rest of the text cannot be read; the problem is on the list already."""


def read_yaml(source: str | bytes, problems: ProblemList) -> tuple[str, Node | None]:
    """Return the text and its root, or None when it is not YAML at all; never raises."""
    text = _decode(source, problems)
    if text is None:
        return "", None
    loader = yaml.CSafeLoader(text)  # only its events are used: nothing is constructed
    try:
        return text, _Composer(loader, problems).document()
    except _UnreadableError:
        return text, None
    except yaml.MarkedYAMLError as error:
        _report(error, problems)
    except yaml.reader.ReaderError as error:
        line, column = _place(text, error.position)
        place = Span(line, column, line, column + 1, error.position, error.position + 1)
        code = error.character if isinstance(error.character, int) else ord(error.character)
        problems.add(ProblemCode.YAML_SYNTAX, (), place, f"The character U+{code:04X} is not allowed.")
    finally:
        loader.dispose()
    return text, None


def _decode(source: str | bytes, problems: ProblemList) -> str | None:
    raw = source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        problems.add(
            ProblemCode.TOO_LARGE,
            (),
            _START,
            f"The document has {len(raw)} bytes; the limit is {MAX_BYTES}.",
            hint="Split it into several workflows.",
        )
        return None
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        line, column = _place(before, len(before))
        place = Span(line, column, line, column + 1, len(before), len(before))
        problems.add(ProblemCode.YAML_SYNTAX, (), place, "The document is not UTF-8 text.")
        return None


def _place(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _report(error: yaml.MarkedYAMLError, problems: ProblemList) -> None:
    mark = error.problem_mark or error.context_mark
    span = (
        _START
        if mark is None
        else Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2, mark.index, mark.index)
    )
    what = error.problem or error.context or "unreadable"
    context = f" ({error.context})" if error.context and error.problem else ""
    problems.add(ProblemCode.YAML_SYNTAX, (), span, f"This is not YAML: {what}{context}.", hint=_hint(what))


def _hint(what: str) -> str | None:
    if "\\t" in what or "tab" in what or "cannot start any token" in what:
        return "Indent with spaces, and quote texts that begin with a special character."
    if "mapping values are not allowed" in what:
        return "Quote texts that hold a colon and a space."
    return None


_Start: TypeAlias = yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent


def _span(event: yaml.Event) -> Span:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        return _START
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1, start.index, end.index)


class _Composer:
    """Builds the tree from the parser's events."""

    def __init__(self, parser: yaml.CSafeLoader, problems: ProblemList) -> None:
        self._parser = parser
        self._problems = problems
        self._anchors = dict[str, Node | None]()

    def document(self) -> Node | None:
        self._next()
        if isinstance(self._parser.peek_event(), yaml.StreamEndEvent):
            return Scalar(_START, None)
        self._next()
        root = self._node((), 0)
        self._next()
        following = self._next()
        if not isinstance(following, yaml.StreamEndEvent):
            raise self._stop(ProblemCode.YAML_SYNTAX, (), following, "One file holds one document.")
        return root

    def _next(self) -> yaml.Event:
        event = self._parser.get_event()
        if event is None:
            raise self._stop(ProblemCode.YAML_SYNTAX, (), yaml.Event(), "The document ends too early.")
        return event

    def _node(self, path: tuple[str | int, ...], depth: int) -> Node:
        event = self._next()
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if not isinstance(event, _Start):
            raise self._stop(ProblemCode.YAML_SYNTAX, path, event, "A value is missing here.")
        if depth > MAX_DEPTH:
            raise self._stop(
                ProblemCode.LIMIT_EXCEEDED,
                path,
                event,
                f"The document is nested deeper than {MAX_DEPTH} levels.",
            )
        if event.tag is not None:
            self._problems.add(
                ProblemCode.YAML_TAG,
                path,
                _span(event),
                "Tags are not allowed.",
                hint="Remove the tag; quote the value to make it a text.",
            )
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node = self._built(event, path, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _built(self, event: _Start, path: tuple[str | int, ...], depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, path, depth)
        return self._mapping(event, path, depth)

    def _alias(self, event: yaml.AliasEvent, path: tuple[str | int, ...]) -> Node:
        node = self._anchors.get(event.anchor or "")
        if node is None:
            known = event.anchor in self._anchors
            what = "refers to a value that holds it" if known else "refers to nothing"
            raise self._stop(ProblemCode.YAML_SYNTAX, path, event, f"The alias *{event.anchor} {what}.")
        return node

    def _scalar(self, event: yaml.ScalarEvent, path: tuple[str | int, ...]) -> Scalar:
        span = _span(event)
        if not event.implicit[0] or event.style:
            return Scalar(span, event.value, event.style or "'")
        try:
            return Scalar(span, resolve_plain(event.value))
        except UnreadableNumberError as error:
            self._problems.add(
                ProblemCode.INVALID_VALUE, path, span, str(error), hint="Quote it to make it a text."
            )
            return Scalar(span, 0)

    def _sequence(self, event: yaml.SequenceStartEvent, path: tuple[str | int, ...], depth: int) -> Sequence:
        node = Sequence(_span(event))
        while not isinstance(self._parser.peek_event(), yaml.SequenceEndEvent):
            item = self._node((*path, len(node.items)), depth + 1)
            node.items.append(item)
            self._grow(node, item, path)
        node.span = self._whole(event, node.items)
        return node

    def _mapping(self, event: yaml.MappingStartEvent, path: tuple[str | int, ...], depth: int) -> Mapping:
        node = Mapping(_span(event))
        while not isinstance(self._parser.peek_event(), yaml.MappingEndEvent):
            key = self._node(path, depth + 1)
            name = self._key(key, path)
            value = self._node((*path, name if name is not None else "?"), depth + 1)
            self._grow(node, value, path)
            if name is not None and isinstance(key, Scalar):
                self._enter(node, key, value, path)
        node.span = self._whole(event, list(node.values.values()))
        return node

    def _whole(self, start: yaml.SequenceStartEvent | yaml.MappingStartEvent, inner: list[Node]) -> Span:
        """A block ends with its last part: the parser only knows where the next thing begins."""
        end = _span(self._next()) if start.flow_style or not inner else inner[-1].span
        if not start.flow_style and inner:
            self._next()
        return replace(_span(start), end_line=end.end_line, end_column=end.end_column, end=end.end)

    def _key(self, key: Node, path: tuple[str | int, ...]) -> str | None:
        if isinstance(key, Scalar) and isinstance(key.value, str):
            return key.value
        self._problems.add(
            ProblemCode.WRONG_TYPE, path, key.span, "A key must be a text.", hint="Put the key in quotes."
        )
        return None

    def _enter(self, node: Mapping, key: Scalar, value: Node, path: tuple[str | int, ...]) -> None:
        name = str(key.value)
        if name in node.values:
            first = node.keys[name].span
            self._problems.add(
                ProblemCode.DUPLICATE_KEY,
                (*path, name),
                key.span,
                f"{name[:60]!r} is written twice; the first is on line {first.line}.",
                hint="Remove one of them.",
            )
            return
        node.keys[name] = key
        node.values[name] = value

    def _grow(self, node: Mapping | Sequence, inner: Node, path: tuple[str | int, ...]) -> None:
        node.weight += inner.weight
        if node.weight > MAX_NODES:
            self._problems.add(
                ProblemCode.TOO_LARGE,
                path,
                node.span,
                f"The document has more than {MAX_NODES} values.",
                hint="Use fewer aliases.",
            )
            raise _UnreadableError

    def _stop(
        self, code: ProblemCode, path: tuple[str | int, ...], event: yaml.Event, message: str
    ) -> _UnreadableError:
        self._problems.add(code, path, _span(event), message)
        return _UnreadableError()
