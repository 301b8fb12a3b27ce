"""Checks the fields of a document against the models of the language, and says in its codes what is wrong."""

from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document import ProblemCode
from flowloom_contracts.step_fields import Checks, Memory, Retry
from flowloom_contracts.steps.switch import ElseCase, WhenCase
from flowloom_contracts.steps.wait import Wait
from flowloom_contracts.workflow import STEP_KINDS, STEP_MODELS, Defaults, Metadata, Step, Workflow, kind_of
from flowloom_language.availability import DOCUMENT_FIELDS, STEP_FIELDS, WAIT_FIELDS
from flowloom_language.draft import Draft, Path
from flowloom_language.problems import did_you_mean
from flowloom_language.source_tree import Mapping, to_data

_STEP: Final = TypeAdapter[Step](Step)
_MODELS: Final[dict[str, tuple[type[BaseModel], ...]]] = {
    "metadata": (Metadata,),
    "defaults": (Defaults,),
    "retry": (Retry,),
    "checks": (Checks,),
    "memory": (Memory,),
    "wait": (Wait,),
    "switch": (WhenCase, ElseCase),
}
_DURATIONS: Final = ("timeout", "for", "first", "cap")
_KINDS_OF_VALUE: Final = {
    "string": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a mapping",
    "model_attributes": "a mapping",
    "model": "a mapping",
}


def check_structure(draft: Draft) -> Workflow | None:
    """Report what is wrong with the fields; return the workflow, or None if the rest is not usable whole.

    Steps that are right on their own are kept in the draft either way.
    """
    data = _readable(draft)
    workflow: Workflow | None = None
    try:
        workflow = Workflow.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            if detail["type"] != "too_short" or detail["loc"] != ("steps",) or not draft.step_nodes():
                _report(draft, detail)
    steps = data.get("steps")
    for step_id, step in steps.items() if isinstance(steps, dict) else ():
        try:
            draft.steps[step_id] = _STEP.validate_python(step)
        except ValidationError:
            continue  # reported above, with the whole document
    return workflow


def _readable(draft: Draft) -> JsonObject:
    """Return the data without what this build does not have, and without steps that have no one kind."""
    data = {name: to_data(node) for name, node in draft.root.values.items()}
    for path in draft.unavailable:
        _remove(data, path)
    steps = data.get("steps")
    if isinstance(steps, dict):
        data["steps"] = {
            step_id: step
            for step_id, step in steps.items()
            if _has_one_kind(draft, step_id, step) or ("steps", step_id) in draft.unavailable
        }
    return data


def _remove(data: JsonObject, path: Path) -> None:
    inner: JsonValue = data
    for part in path[:-1]:
        inner = inner.get(str(part)) if isinstance(inner, dict) else None
    if isinstance(inner, dict):
        inner.pop(str(path[-1]), None)


def _has_one_kind(draft: Draft, step_id: str, step: JsonValue) -> bool:
    path: Path = ("steps", step_id)
    if not isinstance(step, dict):
        draft.report(
            ProblemCode.WRONG_TYPE, path, "A step is a mapping with one kind.", hint="Write {agent: …}."
        )
        return False
    kinds = [name for name in step if name in STEP_KINDS]
    if len(kinds) == 1:
        return True
    if kinds:
        draft.report(
            ProblemCode.TWO_KINDS,
            (*path, kinds[1]),
            f"A step has one kind; this one has {' and '.join(map(repr, kinds))}.",
            hint="Make two steps of it.",
            at_key=True,
        )
        return False
    hints = (did_you_mean(name, STEP_KINDS) for name in list(step)[:20])
    draft.report(
        ProblemCode.NO_KIND,
        path,
        f"The step has no kind. Kinds are {', '.join(STEP_KINDS)}.",
        hint=next((hint for hint in hints if hint), None),
        at_key=True,
    )
    return False


def _report(draft: Draft, detail: ErrorDetails) -> None:
    path = tuple(part for part in detail["loc"] if not str(part).startswith("<"))
    if path and path[-1] == "[key]":
        path = path[:-1]
    kind = detail["type"]
    if kind == "extra_forbidden":
        _report_unknown(draft, path)
    elif kind == "missing":
        draft.report(ProblemCode.MISSING_FIELD, path, f"{path[-1]!r} is missing.")
    elif kind == "unknown_code":
        context = detail["ctx"]
        hint = did_you_mean(str(context["code"]), context["known"])
        draft.report(ProblemCode.INVALID_VALUE, path, detail["msg"], hint=hint)
    else:
        code, message = _judge(kind, path, detail["msg"])
        draft.report(code, path, message)


def _report_unknown(draft: Draft, path: Path) -> None:
    known = _known_fields(draft, path[:-1])
    draft.report(
        ProblemCode.UNKNOWN_FIELD,
        path,
        f"There is no field {str(path[-1])[:60]!r} here.",
        hint=did_you_mean(str(path[-1]), known) or f"Fields here are {', '.join(known)}.",
        at_key=True,
    )


def _judge(kind: str, path: Path, message: str) -> tuple[ProblemCode, str]:
    last = path[-1] if path else ""
    if kind == "bad_duration":
        return ProblemCode.BAD_DURATION, message
    if kind.endswith("_type"):
        if last in _DURATIONS:
            return ProblemCode.BAD_DURATION, "A duration is a text such as 500ms, 10s, 5m, 2h or 3d."
        wanted = _KINDS_OF_VALUE.get(kind.removesuffix("_type"))
        shown = repr(last) if isinstance(last, str) else f"Item {last}"
        return ProblemCode.WRONG_TYPE, f"{shown} must be {wanted}." if wanted else f"{message}."
    if path == ("metadata", "name"):
        return (
            ProblemCode.INVALID_ID,
            "A name is lower-case words with dashes, such as market-brief, at most 63 long.",
        )
    if path == ("steps",) and kind == "too_long":
        return ProblemCode.LIMIT_EXCEEDED, "A workflow has at most 1,000 steps."
    return ProblemCode.INVALID_VALUE, f"{message}."


def _known_fields(draft: Draft, parent: Path) -> list[str]:
    if not parent:
        return [*_names((Workflow,)), *DOCUMENT_FIELDS]
    if len(parent) == 2 and parent[0] == "steps":
        node = draft.node(parent)
        kind = kind_of(to_data(node)) if isinstance(node, Mapping) else ""
        return [*_names((STEP_MODELS[kind],)), *STEP_FIELDS] if kind in STEP_MODELS else [*STEP_KINDS]
    named = next((part for part in reversed(parent) if isinstance(part, str)), "")
    extra = WAIT_FIELDS if named == "wait" else ()
    return [*_names(_MODELS.get(named, ())), *extra]


def _names(models: Iterable[type[BaseModel]]) -> list[str]:
    return [field.alias or name for model in models for name, field in model.model_fields.items()]
