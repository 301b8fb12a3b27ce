"""Checks the fields of a document against the models of the language, and says in its codes what is wrong."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document import ProblemCode
from flowloom_contracts.triggers import TRIGGER_KINDS
from flowloom_contracts.workflow import STEP_KINDS, STEP_MODELS, Workflow
from flowloom_language.draft import Draft, Path
from flowloom_language.known_fields import fields_of_workflow
from flowloom_language.model_problems import report_model_problems
from flowloom_language.problems import did_you_mean
from flowloom_language.written_steps import MAX_NESTING, kinds_of

MAX_STEPS: Final = 1_000


def check_structure(draft: Draft) -> Workflow | None:
    """Report what is wrong with the fields; return the workflow, or None if it is not usable whole."""
    unreadable = set[Path]()
    _check_triggers(draft, unreadable)
    try:
        return Workflow.model_validate(_readable(draft))
    except ValidationError as error:
        report_model_problems(draft, error, fields_of_workflow, unreadable)
    return None


def check_limits(draft: Draft) -> bool:
    """Report too many or too deeply nested steps; return whether looking at them is worth the time."""
    count = sum(len(block.steps) for block in draft.blocks)
    if count > MAX_STEPS:
        draft.report(
            ProblemCode.LIMIT_EXCEEDED,
            ("steps",),
            "A workflow has at most 1,000 steps.",
            hint="Split it into several workflows, or use a loop.",
            at_key=True,
        )
    for block in draft.blocks:
        if block.depth == MAX_NESTING + 1 and block.steps:
            draft.report(
                ProblemCode.LIMIT_EXCEEDED,
                (*block.path, next(iter(block.steps))),
                f"Steps are nested deeper than {MAX_NESTING} levels.",
                hint="Move the inner steps to a workflow of their own.",
                at_key=True,
            )
    return count <= 2 * MAX_STEPS


def _check_triggers(draft: Draft, unreadable: set[Path]) -> None:
    triggers = draft.data.get("triggers")
    for position, trigger in enumerate(triggers if isinstance(triggers, list) else ()):
        kinds = [name for name in TRIGGER_KINDS if name in trigger] if isinstance(trigger, dict) else []
        path: Path = ("triggers", position)
        if not isinstance(trigger, dict) or len(kinds) == 1:
            continue
        unreadable.add(path)
        if kinds:
            _report_two_kinds(draft, path, kinds, "A trigger has one source")
        else:
            hints = (did_you_mean(name, TRIGGER_KINDS) for name in list(trigger)[:20])
            draft.report(
                ProblemCode.NO_KIND,
                path,
                f"The trigger has no source. Sources are {', '.join(TRIGGER_KINDS)}.",
                hint=next((hint for hint in hints if hint), None),
            )


def _readable(draft: Draft) -> JsonObject:
    """Return the data without steps that have no one kind."""
    data = dict(draft.data)
    if isinstance(steps := data.get("steps"), dict):
        data["steps"] = _readable_block(draft, ("steps",), steps)
    if isinstance(failure := data.get("on_failure"), dict):
        data["on_failure"] = _with_readable_do(draft, ("on_failure",), failure)
    return data


def _readable_block(draft: Draft, path: Path, steps: Mapping[str, JsonValue]) -> JsonObject:
    return {
        step_id: _readable_step(draft, (*path, step_id), step)
        for step_id, step in steps.items()
        if _has_one_kind(draft, (*path, step_id), step)
    }


def _readable_step(draft: Draft, path: Path, step: JsonValue) -> JsonValue:
    if not isinstance(step, dict):
        return step
    found = _with_readable_do(draft, path, step)
    if isinstance(on_error := found.get("on_error"), dict):
        found["on_error"] = _with_readable_do(draft, (*path, "on_error"), on_error)
    if "undo" in found:
        undo: Path = (*path, "undo")
        if _has_one_kind(draft, undo, found["undo"]):
            found["undo"] = _readable_step(draft, undo, found["undo"])
        else:
            del found["undo"]
    return found


def _with_readable_do(draft: Draft, path: Path, holder: JsonObject) -> JsonObject:
    steps = holder.get("do")
    if not isinstance(steps, dict):
        return dict(holder)
    return {**holder, "do": _readable_block(draft, (*path, "do"), steps)}


def _has_one_kind(draft: Draft, path: Path, step: JsonValue) -> bool:
    if not isinstance(step, dict):
        draft.report(
            ProblemCode.WRONG_TYPE, path, "A step is a mapping with one kind.", hint="Write {agent: …}."
        )
        return False
    kinds = kinds_of(step)
    if len(kinds) > 1:
        _report_two_kinds(draft, path, kinds, "A step has one kind")
        return False
    if not kinds:
        hints = (did_you_mean(name, STEP_KINDS) for name in list(step)[:20])
        draft.report(
            ProblemCode.NO_KIND,
            path,
            f"The step has no kind. Kinds are {', '.join(STEP_KINDS)}.",
            hint=next((hint for hint in hints if hint), None),
            at_key=True,
        )
        return False
    if kinds[0] not in STEP_MODELS:
        message = f"Steps of kind {kinds[0]!r} are not available in this build yet."
        draft.report(ProblemCode.NOT_AVAILABLE, (*path, kinds[0]), message, at_key=True)
        return False
    return True


def _report_two_kinds(draft: Draft, path: Path, kinds: list[str], rule: str) -> None:
    draft.report(
        ProblemCode.TWO_KINDS,
        (*path, kinds[1]),
        f"{rule}; this one has {' and '.join(map(repr, kinds))}.",
        hint="Make two of it.",
        at_key=True,
    )
