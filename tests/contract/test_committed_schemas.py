"""The committed schemas are those that the code has; a difference is shown with its repair."""

from difflib import unified_diff

import pytest

from flowloom_contracts.schema_export import schema_texts
from gateway.openapi_export import openapi_text
from scripts.checks.tree import Tree

SCHEMAS = "packages/contracts/schema"
SHOWN_LINES = 60


def difference(where: str, now: str) -> str:
    before = Tree().text(where)
    lines = unified_diff(
        before.splitlines(), now.splitlines(), f"{where} (committed)", f"{where} (code)", lineterm="", n=2
    )
    return "\n".join(list(lines)[:SHOWN_LINES])


@pytest.mark.parametrize("name", schema_texts())
def test_schemas_of_language_and_events_are_current(name: str) -> None:
    changed = difference(f"{SCHEMAS}/{name}", schema_texts()[name])
    assert not changed, f"`make contracts` writes it anew:\n{changed}"


def test_the_public_interface_is_current() -> None:
    changed = difference("services/gateway/openapi.json", openapi_text())
    assert not changed, f"`make contracts` writes it anew:\n{changed}"


def test_no_schema_is_left_over() -> None:
    committed = {path.name for path in (Tree().root / SCHEMAS).iterdir()}
    assert committed == set(schema_texts())
