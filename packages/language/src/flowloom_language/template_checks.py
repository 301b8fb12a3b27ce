"""Checks every expression of a document: its syntax, its functions, and that what it names can exist."""

from collections.abc import Iterator
from typing import Final

from flowloom_contracts.document import ProblemCode
from flowloom_language.draft import Draft, Path
from flowloom_language.expressions.references import Reference, references
from flowloom_language.expressions.templates import scan_template
from flowloom_language.name_checks import check_step_exists
from flowloom_language.plan import UNTEMPLATED
from flowloom_language.problems import did_you_mean
from flowloom_language.source_tree import Mapping, Node, Scalar

_RUN_FIELDS: Final = ("id", "started_at", "workflow", "version", "attempt", "trigger")
_STEP_FIELDS: Final = ("output", "status", "error", "usage")
_NAMES: Final = ("agent", "llm", "model", "tools", "needs")
_ELSEWHERE: Final = {
    "trigger": "'trigger' exists only in triggers; a run has run.trigger.",
    "error": "'error' exists only in on_error and on_failure.",
    "previous": "'previous' exists only in loops with until.",
    "index": "'index' exists only in loops.",
    "output": "'output' exists only in checks.",
}
_OPEN_KEYWORDS: Final = (
    "additionalProperties",
    "patternProperties",
    "unevaluatedProperties",
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "dependentSchemas",
)
"""With one of these an input may exist that `properties` does not name."""


def check_templates(draft: Draft) -> None:
    """Report what is wrong with templates in steps and outputs."""
    for step_id, node in draft.step_nodes().items():
        if isinstance(node, Mapping):
            for field, value in node.values.items():
                if _is_unread(draft, step_id, field):
                    continue
                if field in _NAMES:
                    _check_name(draft, ("steps", step_id, field), value)
                elif field not in UNTEMPLATED:
                    _check_below(draft, ("steps", step_id, field), value)
    outputs = draft.root.values.get("outputs")
    if isinstance(outputs, Mapping):
        _check_below(draft, ("outputs",), outputs)


def _check_name(draft: Draft, path: Path, node: Node) -> None:
    for place, _ in _texts(path, node):
        draft.report(
            ProblemCode.INVALID_VALUE,
            place,
            "A name is never a template.",
            hint="Choose between steps with a switch.",
        )


def _is_unread(draft: Draft, step_id: str, field: str) -> bool:
    path: Path = ("steps", step_id)
    return (*path, field) in draft.unavailable or (path in draft.unavailable and field != "if")


def _check_below(draft: Draft, path: Path, node: Node) -> None:
    for place, scalar in _texts(path, node):
        if place in draft.unavailable or _is_target(place):
            continue
        template, errors = scan_template(str(scalar.value))
        for error in errors:
            draft.report_within(
                ProblemCode(error.code), place, (error.position, error.end), error.message, hint=error.hint
            )
        if _is_condition(place) and template.only is None and not errors:
            draft.report(
                ProblemCode.INVALID_VALUE,
                place,
                "A condition is exactly one ${…}.",
                hint=f'Write "${{{str(scalar.value)[:60]}}}".' if "${" not in str(scalar.value) else None,
            )
        for expression in template.expressions:
            for reference in references(expression):
                _check_reference(draft, place, reference)


def _texts(path: Path, node: Node) -> Iterator[tuple[Path, Scalar]]:
    if isinstance(node, Scalar):
        if isinstance(node.value, str) and ("${" in node.value or _is_condition(path)):
            yield path, node
    elif isinstance(node, Mapping):
        for key, value in node.values.items():
            yield from _texts((*path, key), value)
    else:
        for position, item in enumerate(node.items):
            yield from _texts((*path, position), item)


def _is_condition(path: Path) -> bool:
    """`if`, the `when` of a switch, and the `expr` of checks."""
    if path[0] != "steps" or len(path) < 3:
        return False
    named = [part for part in path[2:] if isinstance(part, str)]
    return named in (["if"], ["switch", "when"], ["checks", "expr"])


def _is_target(path: Path) -> bool:
    """Ids are never templates: `then` and `else` are checked as names."""
    return len(path) > 4 and path[2] == "switch" and path[4] in ("then", "else")


def _check_reference(draft: Draft, path: Path, reference: Reference) -> None:
    match reference.name:
        case "steps":
            _check_step(draft, path, reference)
        case "inputs":
            _check_input(draft, path, reference)
        case "run":
            _check_field(draft, path, reference, position=0, known=_RUN_FIELDS)
        case "secrets":
            draft.report_within(
                ProblemCode.SECRET_NOT_ALLOWED_HERE,
                path,
                (reference.start, reference.end),
                "Secrets are allowed only in 'with' of tools and in headers, query and body of http.",
            )
        case name if not (name == "output" and path[2:3] == ("checks",)):
            message = _ELSEWHERE.get(name, f"There is nothing called {name[:60]!r} here.")
            hint = None if name in _ELSEWHERE else did_you_mean(name, ("inputs", "steps", "run"))
            if hint is None and name in draft.step_nodes():
                hint = f"Write steps.{name}.output."
            _report_name(draft, path, reference, message, hint=hint)


def _check_step(draft: Draft, path: Path, reference: Reference) -> None:
    if reference.step is None:
        _report_name(
            draft,
            path,
            reference,
            "After 'steps' comes the id of a step.",
            hint="Write steps.<id>.output.",
        )
        return
    check_step_exists(draft, path, reference.step, characters=(reference.start, reference.end))
    _check_field(draft, path, reference, position=1, known=_STEP_FIELDS)


def _check_field(
    draft: Draft, path: Path, reference: Reference, *, position: int, known: tuple[str, ...]
) -> None:
    owner = ".".join(map(str, (reference.name, *reference.fields[:position])))
    if len(reference.fields) <= position:
        _report_name(
            draft,
            path,
            reference,
            f"{owner!r} needs one of its fields.",
            hint=f"Its fields are {', '.join(known)}.",
        )
        return
    field = str(reference.fields[position])
    if field not in known:
        hint = did_you_mean(field, known) or f"Its fields are {', '.join(known)}."
        message = f"{owner!r} has no field {field[:60]!r}."
        _report_name(draft, path, reference, message, hint=hint)


def _check_input(draft: Draft, path: Path, reference: Reference) -> None:
    schema = draft.root.values.get("inputs")
    name = reference.fields[0] if reference.fields else None
    if not isinstance(name, str) or not isinstance(schema, Mapping):
        return
    properties = schema.values.get("properties")
    if not isinstance(properties, Mapping) or name in properties.values:
        return
    is_closed = _closes(schema)
    if is_closed or not (reference.is_lenient or any(word in schema.values for word in _OPEN_KEYWORDS)):
        hint = did_you_mean(name, properties.values) or "Declare it in inputs.properties."
        _report_name(draft, path, reference, f"There is no input {name[:60]!r}.", hint=hint)


def _closes(schema: Mapping) -> bool:
    node = schema.values.get("additionalProperties")
    others = [word for word in _OPEN_KEYWORDS[1:] if word in schema.values]
    return isinstance(node, Scalar) and node.value is False and not others


def _report_name(
    draft: Draft,
    path: Path,
    reference: Reference,
    message: str,
    *,
    hint: str | None = None,
) -> None:
    draft.report_within(ProblemCode.UNKNOWN_NAME, path, (reference.start, reference.end), message, hint=hint)
