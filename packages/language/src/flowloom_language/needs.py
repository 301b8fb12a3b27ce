"""Which large values an evaluation looks into, so that they can be fetched before it."""

from collections.abc import Iterable, Iterator, Mapping

from flowloom_contracts.base import JsonValue
from flowloom_language.expressions.evaluator import Scope, is_reference
from flowloom_language.expressions.references import Reference, references
from flowloom_language.expressions.templates import parse_template
from flowloom_language.large_values import ref_of, refs_in
from flowloom_language.places import Frame, locate
from flowloom_language.plan import Plan
from flowloom_language.scopes import frame_scope
from flowloom_language.state import RunState


def needed_values(plan: Plan, state: RunState, path: str) -> frozenset[str]:
    """Return the references whose values the task of a step needs; `build_task` and checks take them."""
    place = locate(plan, path)
    scope = frame_scope(state, place.frame)
    texts = place.step.texts["own"]
    return frozenset(_needed(texts, scope, passes_on=False))


def missing_values(
    state: RunState,
    frame: Frame,
    texts: Iterable[str],
    values: Mapping[str, JsonValue],
    *,
    passes_on: bool = True,
) -> set[str]:
    """Return the references that templates look into and that are not known.

    With `passes_on`, a text that is only a path passes the reference on: values of any size go through
    `transform`.
    """
    return set(_needed(texts, frame_scope(state, frame), passes_on=passes_on)) - values.keys()


def _needed(texts: Iterable[str], scope: Scope, *, passes_on: bool) -> Iterator[str]:
    for text in texts:
        template = parse_template(text)
        for node in template.expressions:
            for reference in references(node):
                is_passed = passes_on and template.only is node and is_reference(node)
                yield from _below(reference, scope, is_passed=is_passed and reference.is_complete)


def _below(reference: Reference, scope: Scope, *, is_passed: bool) -> Iterator[str]:
    """Walk down a path; a reference that stands in the way is needed, and what is inside the end."""
    if reference.name not in scope:
        return
    found = scope[reference.name]
    for field in reference.fields:
        ref = ref_of(found)
        if ref is not None:
            yield ref
            return
        if not _has(found, field):
            return
        found = found[field]  # type: ignore[index]  # `_has` has looked
    if not is_passed:
        yield from refs_in(found)


def _has(value: JsonValue, field: str | int) -> bool:
    if isinstance(value, dict):
        return field in value
    return isinstance(value, list) and isinstance(field, int) and 0 <= field < len(value)
