"""JSON Schemas of steps as the inspector reads them: no references, with hints how to edit each field."""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.cards import COMMON_WIDGETS
from flowloom_contracts.step_fields import StepFields
from flowloom_language.template_sites import is_untemplated
from gateway.domain.languages import Words

Path: TypeAlias = tuple[str, ...]

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "main": (),
    "about": ("title", "description"),
    "order": ("needs", "join", "if"),
    "errors": ("retry", "timeout", "on_error", "undo"),
    "limits": ("budget", "effect", "idempotency_key"),
}
"""The parts of the form; a field that is in none of them belongs to the kind itself."""

HINTS: Final = "x-ui"
_GROUP_OF: Final = {field: group for group, fields in GROUPS.items() for field in fields}
_NULL: Final[JsonObject] = {"type": "null"}
_ANY_VALUE: Final = "JsonValue"
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HOLD_STEPS: Final = frozenset({"step", "steps"})


def step_schema(model: type[StepFields], kind: str, *, definitions: JsonObject, words: Words) -> JsonObject:
    """Return the schema of one kind; of the steps inside it only that they are objects."""
    schema = _object(_inlined(_object(definitions[model.__name__]), definitions))
    _Annotation(kind, {**COMMON_WIDGETS, **model.CARD.widgets}, words).inside(schema, ())
    fields = _object(schema["properties"])
    schema["properties"] = {name: fields[name] for name in _ordered(list(fields), kind)}
    for position, field in enumerate(_object(schema["properties"]).values()):
        _object(_object(field)[HINTS])["order"] = position
    return {key: value for key, value in schema.items() if key not in ("title", "description", "$defs")}


def _ordered(names: list[str], kind: str) -> list[str]:
    """Sort by group; within the kind's own group its key comes first, the rest as the model says."""
    groups = list(GROUPS)
    return sorted(names, key=lambda name: (groups.index(_GROUP_OF.get(name, "main")), name != kind))


def _inlined(value: JsonValue, definitions: JsonObject) -> JsonValue:
    """Write references out, and drop null where it is the same as leaving the field out."""
    if isinstance(value, list):
        return [_inlined(item, definitions) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(reference := value.get("$ref"), str):
        rest = {key: inner for key, inner in value.items() if key != "$ref"}
        return _inlined({**_target(reference.rpartition("/")[2], definitions), **rest}, definitions)
    found = {key: _inlined(inner, definitions) for key, inner in value.items()}
    if found.get("default", ...) is None:
        del found["default"]
    for key in ("anyOf", "oneOf"):
        if key in found:
            found = _with_branches(found, key)
    return found


def _target(name: str, definitions: JsonObject) -> JsonObject:
    if name == _ANY_VALUE:
        return {}
    return {"type": "object"} if name.endswith("Step") else _object(definitions[name])


def _with_branches(schema: JsonObject, key: str) -> JsonObject:
    branches = schema[key]
    assert isinstance(branches, list)  # noqa: S101 - JSON Schema says so
    # All kinds of step look alike here, so that a union of them becomes one branch.
    real = [one for place, one in enumerate(branches) if one != _NULL and one not in branches[:place]]
    rest = {name: value for name, value in schema.items() if name != key}
    return {**_object(real[0]), **rest} if len(real) == 1 else {**rest, key: real}


class _Annotation:
    """Says of each field what it is called and how it is edited; a path has `*` for an entry of a list."""

    def __init__(self, kind: str, widgets: Mapping[str, str], words: Words) -> None:
        self._kind = kind
        self._widgets = widgets
        self._words = words

    def inside(self, schema: JsonObject, path: Path) -> None:
        """Annotate every field below a schema, in place."""
        for key in ("anyOf", "oneOf"):
            for branch in _branches(schema, key):
                self._say(branch, ())
                self.inside(branch, path)
        for key in ("items", "additionalProperties"):
            if isinstance(inner := schema.get(key), dict):
                self._say(inner, ())
                self.inside(inner, (*path, "*"))
        properties = schema.get("properties")
        for name, field in properties.items() if isinstance(properties, dict) else ():
            self._annotate(_object(field), (*path, name))

    def _annotate(self, field: JsonObject, path: Path) -> None:
        self.inside(field, path)
        self._say(field, path)
        hints: JsonObject = {}
        if widget := self._widgets.get(".".join(path)):
            hints["widget"] = widget
        if widget not in _HOLD_STEPS and self._may_be_template(path) and _takes_text(field):
            hints["template"] = True
        if len(path) == 1:
            hints["group"] = _GROUP_OF.get(path[0], "main")
        if hints:
            field[HINTS] = hints

    def _say(self, schema: JsonObject, path: Path) -> None:
        title = schema.get("title")
        if path:
            schema["title"] = self._words.text(_label(title, path[-1]))
        elif isinstance(title, str):
            schema["title"] = self._words.text(_spaced(title))
        if isinstance(description := schema.get("description"), str):
            schema["description"] = self._words.text(description)

    def _may_be_template(self, path: Path) -> bool:
        names = tuple(part for part in path if part != "*")
        step: JsonObject = {self._kind: {}}
        return not any(is_untemplated(step, names[:length]) for length in range(1, len(names) + 1))


def _label(title: JsonValue, name: str) -> str:
    """Return the title that a person wrote, else the name in words; a model's own title is its class."""
    made = name.replace("_", " ")
    is_written = isinstance(title, str) and title not in (made.title(), _class_name(title))
    return title if isinstance(title, str) and is_written else made.capitalize()


def _class_name(title: str) -> str:
    return title if _CAMEL.search(title) else ""


def _spaced(class_name: str) -> str:
    return _CAMEL.sub(" ", class_name).capitalize() if _CAMEL.search(class_name) else class_name


def _takes_text(schema: JsonObject) -> bool:
    if "enum" in schema or "const" in schema:
        return False
    branches = [*_branches(schema, "anyOf"), *_branches(schema, "oneOf")]
    inner = [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    if schema.get("type") == "string" or any(_takes_text(_object(one)) for one in (*branches, *inner)):
        return True
    # A schema that says nothing but texts for people takes any value.
    return schema.get("type") is None and not branches and "properties" not in schema


def _branches(schema: JsonObject, key: str) -> list[JsonObject]:
    found = schema.get(key)
    branches = found if isinstance(found, list) else []
    return [one for one in branches if isinstance(one, dict) and set(one) != {"required"}]


def _object(value: JsonValue) -> JsonObject:
    assert isinstance(value, dict)  # noqa: S101 - a schema of a model is made of objects here
    return value
