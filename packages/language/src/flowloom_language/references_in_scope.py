"""Checks that what an expression names can exist in the scope it is evaluated in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from flowloom_contracts.document import ProblemCode
from flowloom_language.draft import Draft, Path
from flowloom_language.expressions.references import Reference
from flowloom_language.name_checks import report_unknown_step
from flowloom_language.problems import did_you_mean
from flowloom_language.written_steps import Block

Names: TypeAlias = Mapping[str, tuple[str, ...] | None]
"""Names of a scope and the fields they have; None: any."""

_RUN_FIELDS: Final = ("id", "started_at", "workflow", "version", "attempt", "trigger")
_STEP_FIELDS: Final = ("output", "status", "error", "usage")
_ERROR_FIELDS: Final = ("code", "message", "step")
_ELSEWHERE: Final = {
    "trigger": "'trigger' exists only in triggers; a run has run.trigger.",
    "error": "'error' exists only in on_error and on_failure.",
    "previous": "'previous' exists only in loops with until.",
    "index": "'index' exists only in loops.",
    "output": "'output' exists only in checks.",
    "event": "'event' exists only in the match of a wait.",
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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is in scope at a place. Without a block no step has run yet."""

    block: Block | None
    names: Names = field(default_factory=dict)
    """Beside `inputs`, `run`, `steps` and what the block has."""
    is_before_inputs: bool = False
    may_use_secrets: bool = False

    def all_names(self) -> Names:
        """Return the names of the block and of the place."""
        of_block = self.block.names() if self.block else ()
        return {**{name: _ERROR_FIELDS if name == "error" else None for name in of_block}, **self.names}


def check_reference(draft: Draft, path: Path, reference: Reference, around: Surroundings) -> None:
    """Report a reference to something that is not in scope."""
    names = around.all_names()
    name = reference.name
    if name in names:
        known = names[name]
        if known is not None and reference.fields:
            _check_field(draft, path, reference, position=0, known=known)
    elif name == "steps":
        _check_step(draft, path, reference, around)
    elif name == "secrets":
        _check_secret(draft, path, reference, around)
    elif name == "inputs" and not around.is_before_inputs:
        _check_input(draft, path, reference)
    elif name == "run" and not around.is_before_inputs:
        _check_field(draft, path, reference, position=0, known=_RUN_FIELDS)
    else:
        _report_unknown(draft, path, reference, around)


def _report_unknown(draft: Draft, path: Path, reference: Reference, around: Surroundings) -> None:
    name = reference.name
    known = [*around.all_names()]
    if not around.is_before_inputs:
        known += ["inputs", "run"] if around.block is None else ["inputs", "steps", "run"]
    message = _ELSEWHERE.get(name, f"There is nothing called {name[:60]!r} here.")
    hint = None if name in _ELSEWHERE else did_you_mean(name, known)
    if around.is_before_inputs and name in ("inputs", "run"):
        message, hint = f"{name!r} does not exist before the run; here is only 'trigger'.", None
    elif hint is None and around.block is not None and around.block.sees(name) is not None:
        hint = f"Write steps.{name}.output."
    _report_name(draft, path, reference, message, hint=hint)


def _check_step(draft: Draft, path: Path, reference: Reference, around: Surroundings) -> None:
    characters = (reference.start, reference.end)
    if around.block is None:
        message = "No step has run yet when this is evaluated."
        draft.report_within(ProblemCode.LATER_STEP, path, characters, message)
        return
    step = reference.step
    if step is None:
        _report_name(
            draft,
            path,
            reference,
            "After 'steps' comes the id of a step.",
            hint="Write steps.<id>.output.",
        )
        return
    holder = around.block.sees(step)
    if holder is None:
        report_unknown_step(draft, path, step, around.block, characters=characters)
    elif around.block.is_inside(step, holder):
        draft.report_within(
            ProblemCode.LATER_STEP,
            path,
            characters,
            f"This is a part of {step!r}, whose output is there only later.",
            hint="Name a step beside or before this one.",
        )
    else:
        _check_field(draft, path, reference, position=1, known=_STEP_FIELDS)


def _check_secret(draft: Draft, path: Path, reference: Reference, around: Surroundings) -> None:
    characters = (reference.start, reference.end)
    if not around.may_use_secrets:
        draft.report_within(
            ProblemCode.SECRET_NOT_ALLOWED_HERE,
            path,
            characters,
            "Secrets are allowed only in 'with' of tools and in headers, query and body of http.",
        )
        return
    name = reference.fields[0] if reference.fields else None
    if not isinstance(name, str):
        _report_name(
            draft, path, reference, "After 'secrets' comes a name.", hint="Write secrets.<name>, as declared."
        )
        return
    declared = draft.data.get("secrets")
    known = [one for one in declared if isinstance(one, str)] if isinstance(declared, list) else []
    if name not in known:
        hint = did_you_mean(name, known) or f"Add it: secrets: [{', '.join([*known, name])[:200]}]."
        message = f"The document does not declare the secret {name[:60]!r}."
        draft.report_within(ProblemCode.UNDECLARED_SECRET, path, characters, message, hint=hint)


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
    name = str(reference.fields[position])
    if name not in known:
        hint = did_you_mean(name, known) or f"Its fields are {', '.join(known)}."
        _report_name(draft, path, reference, f"{owner!r} has no field {name[:60]!r}.", hint=hint)


def _check_input(draft: Draft, path: Path, reference: Reference) -> None:
    schema = draft.data.get("inputs")
    name = reference.fields[0] if reference.fields else None
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(name, str) or not isinstance(schema, dict) or not isinstance(properties, dict):
        return
    if name in properties:
        return
    is_open = any(word in schema for word in _OPEN_KEYWORDS)
    is_closed = schema.get("additionalProperties") is False and not any(
        word in schema for word in _OPEN_KEYWORDS[1:]
    )
    if is_closed or not (reference.is_lenient or is_open):
        hint = did_you_mean(name, properties) or "Declare it in inputs.properties."
        _report_name(draft, path, reference, f"There is no input {name[:60]!r}.", hint=hint)


def _report_name(
    draft: Draft,
    path: Path,
    reference: Reference,
    message: str,
    *,
    hint: str | None = None,
) -> None:
    draft.report_within(ProblemCode.UNKNOWN_NAME, path, (reference.start, reference.end), message, hint=hint)
