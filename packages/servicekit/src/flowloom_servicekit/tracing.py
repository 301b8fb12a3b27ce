"""Which trace the work at hand belongs to, for whom it is done, and how both travel to the next process."""

import asyncio
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from types import MappingProxyType, TracebackType
from typing import Final, Literal, Protocol, Self, TypeAlias
from urllib.parse import quote, unquote

TRACEPARENT: Final = "traceparent"
BAGGAGE: Final = "baggage"
TRAVELLING: Final = ("tenant", "user", "run", "step", "request")
"""What every log line says beside its trace, wherever the work goes."""

MAX_VALUE_CHARS: Final = 200
_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~-]*")
_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
_NO_TRACE: Final = "0" * 32

Kind: TypeAlias = Literal["server", "client", "consumer", "internal"]
AttributeValue: TypeAlias = str | int | float | bool


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A place in a trace (W3C Trace Context); `is_kept` says that everybody keeps this trace."""

    trace_id: str
    span_id: str
    is_kept: bool = False

    @classmethod
    def new(cls) -> "TraceContext":
        """Return the beginning of a trace."""
        return cls(secrets.token_hex(16), secrets.token_hex(8))

    @classmethod
    def parsed(cls, header: str) -> "TraceContext | None":
        """Return what a `traceparent` says, or None when it says nothing."""
        match = _TRACEPARENT.fullmatch(header)
        if match is None or match[1] == _NO_TRACE:
            return None
        return cls(match[1], match[2], is_kept=bool(int(match[3], 16) & 1))

    def header(self) -> str:
        """Return the `traceparent` of this place."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.is_kept else '00'}"


class Recorded(Protocol):
    """A span that somebody writes down."""

    context: TraceContext

    def put(self, name: str, value: AttributeValue) -> None:
        """Say something about the span; never what a person or a model wrote."""

    def rename(self, name: str) -> None:
        """Call it what is known only now."""

    def end(self, failure: str | None) -> None:
        """End it, with the name of what failed."""


class Recorder(Protocol):
    """Writes spans down for somebody who collects them."""

    def begin(
        self, name: str, kind: Kind, parent: TraceContext | None, attributes: Mapping[str, AttributeValue]
    ) -> Recorded:
        """Begin a span; without a parent it begins a trace."""

    def keep(self, trace_id: str) -> None:
        """Keep this trace whatever the sampling says."""

    def is_kept(self, trace_id: str) -> bool:
        """Tell whether the trace is kept for sure."""


_place: ContextVar[TraceContext | None] = ContextVar("trace", default=None)
_names: ContextVar[Mapping[str, str]] = ContextVar("names", default=_NOBODY)
_recorder: Recorder | None = None


def record_with(recorder: Recorder | None) -> None:
    """Have the spans of this process written down, or with None no longer."""
    global _recorder
    _recorder = recorder


def current() -> TraceContext | None:
    """Return the place in a trace, if there is one."""
    place = _place.get()
    if place is not None and not place.is_kept and _recorder is not None:
        return replace(place, is_kept=_recorder.is_kept(place.trace_id))
    return place


def keep() -> None:
    """Keep the trace of this work whole, however few are kept: somebody looks for a fault."""
    place = _place.get()
    if place is not None:
        _place.set(replace(place, is_kept=True))
        if _recorder is not None:
            _recorder.keep(place.trace_id)


def names() -> Mapping[str, str]:
    """Return for whom and what the work is done, and its trace: what every log line says."""
    return _names.get()


def bind(**given: str | None) -> None:
    """Say for whom or what the work is done, in every log line from here on: see `TRAVELLING`."""
    _names.set(_with(given))


@contextmanager
def about(**given: str | None) -> Iterator[None]:
    """Say it as `bind` does, but only in the log lines of a block."""
    token = _names.set(_with(given))
    try:
        yield
    finally:
        _names.reset(token)


def _with(given: Mapping[str, str | None]) -> Mapping[str, str]:
    known = dict(_names.get())
    for name, value in given.items():
        if value:
            known[name] = value
    return known


def carrier() -> dict[str, str]:
    """Return the headers that take trace and names to the next process; empty outside any trace."""
    place = current()
    if place is None:
        return {}
    bound = _names.get()
    named = ",".join(f"{name}={_quoted(bound[name])}" for name in TRAVELLING if name in bound)
    return {TRACEPARENT: place.header(), **({BAGGAGE: named} if named else {})}


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else quote(value, safe="")


def names_in(baggage: str) -> dict[str, str]:
    """Return the names of ours in a `baggage` header."""
    found = {}
    for member in baggage.split(",") if baggage else ():
        name, _, value = member.partition("=")
        if value and (name := name.strip()) in TRAVELLING:
            found[name] = unquote(value.strip())[:MAX_VALUE_CHARS]
    return found


@contextmanager
def attached(headers: Mapping[str, str]) -> Iterator[None]:
    """Go on in the trace that a carrier names, with its names in the logs."""
    place = TraceContext.parsed(headers.get(TRACEPARENT, ""))
    if place is None:
        yield
        return
    token = _place.set(place)
    named = _names.set(_with({"trace": place.trace_id, **names_in(headers.get(BAGGAGE, ""))}))
    try:
        yield
    finally:
        _names.reset(named)
        _place.reset(token)


class span:
    """Time a piece of work as a span of the current trace; costs next to nothing where nobody records.

    `name` and attributes name kinds of things and ids, never what a person or a model wrote.
    """

    __slots__ = ("_attributes", "_kind", "_name", "_recorded", "_token")

    def __init__(self, name: str, *, kind: Kind, **attributes: AttributeValue) -> None:
        self._name = name
        self._kind: Kind = kind
        self._attributes = attributes
        self._recorded: Recorded | None = None

    def __enter__(self) -> Self:
        if _recorder is not None:
            self._recorded = _recorder.begin(self._name, self._kind, _place.get(), self._attributes)
            self._token = _place.set(self._recorded.context)
        return self

    def put(self, name: str, value: AttributeValue) -> None:
        """Say something about the work."""
        if self._recorded is not None:
            self._recorded.put(name, value)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._recorded is None:
            return
        _place.reset(self._token)
        is_failure = kind is not None and not issubclass(kind, asyncio.CancelledError | GeneratorExit)
        self._recorded.end(kind.__name__ if is_failure and kind is not None else None)


@contextmanager
def entered(headers: Mapping[str, str], *, method: str, is_recorded: bool) -> Iterator["Entry"]:
    """Serve a request in the trace of its headers, or in a new one, as a span of kind `server`."""
    parent = TraceContext.parsed(headers.get(TRACEPARENT, ""))
    recorder = _recorder if is_recorded else None
    recorded = None if recorder is None else recorder.begin(method, "server", parent, {})
    place = recorded.context if recorded is not None else parent or TraceContext.new()
    token = _place.set(place)
    brought = names_in(headers.get(BAGGAGE, ""))
    named = _names.set({"trace": place.trace_id, "request": place.trace_id, **brought})
    entry = Entry(place, recorded)
    try:
        yield entry
    finally:
        _names.reset(named)
        _place.reset(token)
        if recorded is not None:
            recorded.end(entry.failure)


@dataclass(slots=True)
class Entry:
    """A request that is being served."""

    place: TraceContext
    recorded: Recorded | None
    failure: str | None = None

    def answered(self, method: str, route: str, status: int) -> None:
        """Say which route it was and how it ended; from 500 up it is a failure."""
        if self.recorded is not None:
            self.recorded.rename(f"{method} {route}")
            self.recorded.put("http.route", route)
            self.recorded.put("http.request.method", method)
            self.recorded.put("http.response.status_code", status)
        if status >= 500:
            self.failure = str(status)
