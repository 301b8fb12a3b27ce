"""The committed schemas are those that the code has; a difference is shown with its repair."""

import json
from difflib import unified_diff

import pytest

from flowloom_contracts.base import JsonValue
from flowloom_contracts.schema_export import schema_texts
from gateway.catalogue_export import COMMITTED as CATALOGUE
from gateway.catalogue_export import catalogue_text
from gateway.openapi_export import openapi_text
from scripts.checks.tree import Tree

SCHEMAS = "packages/contracts/schema"
SHOWN_LINES = 60


def difference(where: str, now: str) -> str:
    """Return what has changed; only what a reader of JSON can tell apart counts.

    In which order Python gives the members of a union depends on what the process has done before.
    """
    before = Tree().text(where)
    if _without_order(json.loads(before)) == _without_order(json.loads(now)):
        return ""
    lines = unified_diff(
        before.splitlines(), now.splitlines(), f"{where} (committed)", f"{where} (code)", lineterm="", n=2
    )
    return "\n".join(list(lines)[:SHOWN_LINES])


def _without_order(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_without_order(item) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _without_order(item) for key, item in value.items()}
    for key in ("anyOf", "oneOf", "enum"):
        if isinstance(branches := inner.get(key), list):
            inner[key] = sorted(branches, key=lambda branch: json.dumps(branch, sort_keys=True))
    return inner


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            {"anyOf": [{"type": "null"}, {"a": 1, "b": 2}]},
            {"anyOf": [{"b": 2, "a": 1}, {"type": "null"}]},
            True,
        ),
        ({"required": ["a", "b"]}, {"required": ["b", "a"]}, False),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, False),
    ],
)
def test_only_the_order_of_members_does_not_count(one: JsonValue, other: JsonValue, *, same: bool) -> None:
    assert (_without_order(one) == _without_order(other)) is same


@pytest.mark.parametrize("name", schema_texts())
def test_schemas_of_language_and_events_are_current(name: str) -> None:
    changed = difference(f"{SCHEMAS}/{name}", schema_texts()[name])
    assert not changed, f"`make contracts` writes it anew:\n{changed}"


def test_the_public_interface_is_current() -> None:
    changed = difference("services/gateway/openapi.json", openapi_text())
    assert not changed, f"`make contracts` writes it anew:\n{changed}"


def test_the_catalogue_of_the_browser_tests_is_current() -> None:
    changed = difference(str(CATALOGUE.relative_to(Tree().root)), catalogue_text())
    assert not changed, f"`make contracts` writes it anew:\n{changed}"


def test_no_schema_is_left_over() -> None:
    committed = {path.name for path in (Tree().root / SCHEMAS).iterdir()}
    assert committed == set(schema_texts())
