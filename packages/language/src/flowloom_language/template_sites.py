"""Where in a written step templates may stand, and in which scope each of them is evaluated."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flowloom_contracts.base import JsonObject, JsonValue

Path: TypeAlias = tuple[str | int, ...]
Role: TypeAlias = Literal["own", "inner", "recovery"]
"""`own`: the scope the step stands in. `inner`: that of a loop's steps. `recovery`: that of `on_error.do`."""

UNTEMPLATED: Final = frozenset(
    {
        ("title",), ("description",), ("needs",), ("join",), ("retry",), ("effect",), ("on_error", "on"),
        ("agent",), ("llm",), ("model",), ("tool",), ("tools",), ("workflow",), ("mode",),
        ("http", "parse"), ("code", "source"), ("switch", "then"), ("switch", "else"),
        ("loop", "as"), ("loop", "on_item_error"), ("loop", "on_max"),
        ("approval", "allow"), ("approval", "form"), ("approval", "on_expire"),
    }
)  # fmt: skip
"""Fields whose text is never a template: names, ids, numbers of `retry`, programs and JSON Schemas."""

_STEPS: Final = frozenset({("do",), ("undo",), ("on_error", "do")})


@dataclass(frozen=True, slots=True)
class Site:
    """A text that holds a template; `path` is below its step."""

    path: Path
    text: str
    role: Role = "own"


def template_sites(step: JsonObject) -> Iterator[Site]:
    """Yield the texts of a written step that hold templates; the steps inside it are not looked into."""
    for field, value in step.items():
        yield from _below(step, (field,), (field,), value)


def texts(value: JsonValue, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield the texts in a value that hold a template, at any depth; keys are not templates."""
    if isinstance(value, str):
        if "${" in value:
            yield path, value
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from texts(item, (*path, position))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, (*path, key))


def is_untemplated(step: JsonObject, named: tuple[str, ...]) -> bool:
    """Whether the text of a field is never a template; `named` is its path without positions."""
    return named in UNTEMPLATED or (named == ("output",) and "loop" not in step)


def _below(step: JsonObject, path: Path, named: tuple[str, ...], value: JsonValue) -> Iterator[Site]:
    if named in _STEPS or is_untemplated(step, named):
        return
    if isinstance(value, dict) and len(named) < 2:
        for key, item in value.items():
            yield from _below(step, (*path, key), (*named, key), item)
    elif isinstance(value, list) and named == ("switch",):
        for position, item in enumerate(value):
            yield from _below(step, (*path, position), named, item)
    else:
        role = _role(named)
        yield from (Site(place, text, role) for place, text in texts(value, path))


def _role(named: tuple[str, ...]) -> Role:
    if named[0] == "output" or named == ("loop", "until"):
        return "inner"
    return "recovery" if named[0] == "on_error" else "own"
