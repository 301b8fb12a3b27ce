"""Checks every expression of a document: its syntax, its functions, and that what it names can exist."""

from collections.abc import Iterator
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document import ProblemCode
from flowloom_language.draft import Draft, Path
from flowloom_language.expressions.references import references
from flowloom_language.expressions.templates import scan_template
from flowloom_language.references_in_scope import Names, Surroundings, check_reference
from flowloom_language.template_sites import Site, template_sites, texts
from flowloom_language.written_steps import WrittenStep

_NAMES: Final[tuple[tuple[str, ...], ...]] = (
    ("agent",),
    ("llm",),
    ("model",),
    ("tool",),
    ("tools",),
    ("needs",),
    ("switch", "then"),
    ("switch", "else"),
)
_CONDITIONS: Final[tuple[tuple[str, ...], ...]] = (
    ("if",),
    ("switch", "when"),
    ("checks", "expr"),
    ("loop", "until"),
    ("wait", "event", "match"),
)
_WHOLE: Final = frozenset(
    {
        ("with",), ("inputs",), ("http", "headers"), ("http", "query"), ("http", "expect"), ("loop", "over"),
        ("loop", "parallel"), ("loop", "max"), ("max_tokens",), ("temperature",), ("memory", "top"),
        ("checks", "min_chars"), ("checks", "max_chars"), ("budget", "tokens"), ("budget", "usd"),
        ("budget", "seconds"), ("approval", "quorum"),
    }
)  # fmt: skip
"""Fields that need a number, a list or a mapping: a longer text can never be one."""
_WITH_SECRETS: Final = (("http", "headers"), ("http", "query"), ("http", "body"))
_EVENT: Final[Names] = {"event": ("name", "data", "at")}
_TRIGGERS: Final[dict[str, Names]] = {
    "schedule": {"trigger": ("due_at",)},
    "webhook": {"trigger": ("body", "headers", "query")},
    "event": {"trigger": ("name", "data", "at")},
}


def check_templates(draft: Draft) -> None:
    """Report what is wrong with templates, wherever a document may have them."""
    for step in draft.steps:
        _check_step(draft, step)
    root = Surroundings(draft.blocks[0])
    for path, text in texts(draft.data.get("outputs"), ("outputs",)):
        _check_text(draft, path, text, root)
    for path, text in texts(draft.value(("limits", "concurrency", "key")), ("limits", "concurrency", "key")):
        _check_text(draft, path, text, Surroundings(None))
    triggers = draft.data.get("triggers")
    for position, trigger in enumerate(triggers if isinstance(triggers, list) else ()):
        if isinstance(trigger, dict):
            _check_trigger(draft, ("triggers", position), trigger)


def _check_step(draft: Draft, step: WrittenStep) -> None:
    for named in _NAMES:
        for path, value in values_at(step.data, named):
            if isinstance(value, str) and "${" in value:
                draft.report(
                    ProblemCode.INVALID_VALUE,
                    (*step.path, *path),
                    "A name is never a template.",
                    hint="Choose between steps with a switch.",
                )
    for named in _CONDITIONS:
        for path, value in values_at(step.data, named):
            _check_is_template(draft, (*step.path, *path), value)
    for site in template_sites(step.data):
        named = tuple(part for part in site.path if isinstance(part, str))
        is_whole = named in _CONDITIONS or (named in _WHOLE and isinstance(site.path[-1], str))
        _check_text(draft, (*step.path, *site.path), site.text, _around(step, site, named), is_whole=is_whole)


def _around(step: WrittenStep, site: Site, named: tuple[str, ...]) -> Surroundings:
    inner = {"own": step.block, "inner": step.inner, "recovery": step.recovery}[site.role]
    names: Names = {}
    if named[0] == "checks":
        names = {"output": None}
    elif named == ("wait", "event", "match"):
        names = _EVENT
    may_use_secrets = (named[0] == "with" and "tool" in step.data) or named[:2] in _WITH_SECRETS
    return Surroundings(inner or step.block, names, may_use_secrets=may_use_secrets)


def _check_trigger(draft: Draft, path: Path, trigger: JsonObject) -> None:
    names = next((names for kind, names in _TRIGGERS.items() if kind in trigger), {"trigger": None})
    around = Surroundings(None, names, is_before_inputs=True)
    for field, is_whole in (("inputs", isinstance(trigger.get("inputs"), str)), ("webhook", False)):
        for place, text in texts(trigger.get(field), (*path, field)):
            _check_text(draft, place, text, around, is_whole=is_whole)
    for place, value in values_at(trigger, ("event", "match")):
        _check_is_template(draft, (*path, *place), value)
        if isinstance(value, str) and "${" in value:
            _check_text(draft, (*path, *place), value, around, is_whole=True)


def values_at(value: JsonValue, named: tuple[str, ...], path: Path = ()) -> Iterator[tuple[Path, JsonValue]]:
    """Yield what is written at a path of fields, in every item where there are lists."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from values_at(item, named, (*path, position))
    elif not named:
        yield path, value
    elif isinstance(value, dict) and named[0] in value:
        yield from values_at(value[named[0]], named[1:], (*path, named[0]))


def _check_is_template(draft: Draft, path: Path, value: JsonValue) -> None:
    if isinstance(value, str) and "${" not in value:
        draft.report(
            ProblemCode.INVALID_VALUE,
            path,
            "A condition is exactly one ${…}.",
            hint=f'Write "${{{value[:60]}}}".',
        )


def _check_text(draft: Draft, path: Path, text: str, around: Surroundings, *, is_whole: bool = False) -> None:
    template, errors = scan_template(text)
    for error in errors:
        draft.report_within(
            ProblemCode(error.code), path, (error.position, error.end), error.message, hint=error.hint
        )
    if is_whole and template.only is None and not errors:
        draft.report(
            ProblemCode.INVALID_VALUE,
            path,
            "This is exactly one ${…}, so that its value is no text.",
            hint="Take away what stands around it.",
        )
    for expression in template.expressions:
        for reference in references(expression):
            check_reference(draft, path, reference, around)
