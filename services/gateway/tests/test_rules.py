"""The rules of a workspace, through the public interface."""

import httpx
import pytest

from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember

RULE = {"name": "no large model", "when": "model == 'large'", "effect": "deny"}
ANY = {"if-match": "*"}


async def test_replaces_the_rules_that_were_read(owner: httpx.AsyncClient) -> None:
    empty = await owner.get("/v1/rules")
    saved = await owner.put("/v1/rules", json={"items": [RULE]}, headers={"if-match": empty.headers["etag"]})
    stale = await owner.put("/v1/rules", json={"items": []}, headers={"if-match": empty.headers["etag"]})
    without = await owner.put("/v1/rules", json={"items": []})
    assert empty.json()["items"] == []
    assert (saved.status_code, stale.status_code, without.status_code) == (200, 412, 428)
    read = await owner.get("/v1/rules")
    assert read.json()["etag"] == saved.headers["etag"] == saved.json()["etag"]
    assert read.json() == saved.json()
    assert read.json()["items"][0] == {
        **RULE,
        "limit": None,
        "to": [],
        "message": None,
        "enabled": True,
    }


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"when": "model =="}, "items.0.when"),
        ({"when": "inputs.topic == 'x'"}, "items.0.when"),
        ({"when": "step.cost == 1"}, "items.0.when"),
        ({"when": ""}, "items.0.when"),
        ({"effect": "allow"}, "items.0.effect"),
        ({"effect": "limit"}, "items.0.limit"),
        ({"limit": {"tokens": 5}}, "items.0.limit"),
        ({"colour": "red"}, "items.0.colour"),
    ],
)
async def test_refuses_rules_that_cannot_be_judged(
    owner: httpx.AsyncClient, changes: dict[str, object], path: str
) -> None:
    answer = await owner.put("/v1/rules", json={"items": [{**RULE, **changes}]}, headers=ANY)
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == [path]


async def test_refuses_two_rules_of_one_name(owner: httpx.AsyncClient) -> None:
    answer = await owner.put("/v1/rules", json={"items": [RULE, RULE]}, headers=ANY)
    assert [wrong["path"] for wrong in answer.json()["errors"]] == ["items.1.name"]


async def test_lets_only_administrators_change_rules(as_member: AsMember) -> None:
    for role, status in ((Role.VIEWER, 403), (Role.EDITOR, 403), (Role.ADMIN, 200)):
        client = await as_member(f"{role}@example.org", role)
        assert (await client.get("/v1/rules")).status_code == 200
        assert (await client.put("/v1/rules", json={"items": [RULE]}, headers=ANY)).status_code == status


async def test_keeps_rules_of_workspaces_apart(owner: httpx.AsyncClient, as_member: AsMember) -> None:
    other = await as_member("bob@example.org", Role.OWNER)
    await owner.put("/v1/rules", json={"items": [RULE]}, headers=ANY)
    assert (await other.get("/v1/rules")).json()["items"] == []
