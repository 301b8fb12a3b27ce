"""Bodies with more than they may say are refused, and nothing is changed by them (S20)."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from gateway.domain.permissions import Role
from gateway.permission_table import described_app

from .people import People, belongings, people

DOCUMENT: Final = described_app().openapi()
COLUMNS: Final = (
    "id",
    "workspace_id",
    "user_id",
    "owner_id",
    "created_by",
    "created_at",
    "updated_at",
    "revision",
    "published_version",
    "draft_valid",
    "digest",
    "sealed",
    "key_id",
    "is_admin",
    "permissions",
)
"""What tables have and no body may set."""


def _bodies() -> list[tuple[str, str, dict[str, object]]]:
    found = []
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            example = content.get("example")
            if isinstance(example, dict):
                found.append((method.upper(), path, example))
    return found


@pytest.fixture
async def everybody() -> AsyncIterator[People]:
    async with people() as opened:
        yield opened


async def test_s20_no_body_sets_what_only_the_server_sets(everybody: People) -> None:
    owner = await everybody.member(Role.OWNER)
    ids = await belongings(everybody.gateway, owner)
    taken = []
    for method, path, example in _bodies():
        target = path.format_map({name: ids.get(name, "x") for name in _names(path)})
        for column in COLUMNS:
            if column in example:
                continue
            body = example | {column: "of-somebody-else"}
            answer = await owner.request(method, target, json=body, headers={"if-match": "*"})
            if answer.status_code != 422 and answer.status_code != 403:
                taken.append(f"{method} {path} {column}: {answer.status_code}")
    assert taken == []


def _names(path: str) -> list[str]:
    return [part.strip("{}") for part in path.split("/") if part.startswith("{")]
