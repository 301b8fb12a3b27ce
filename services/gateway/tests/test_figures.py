"""Figures and usage, through the public interface."""

from datetime import timedelta

import httpx
import pytest

from gateway.domain.permissions import Role
from gateway.testing.desk import a_row
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.testing.triggered import BARE, saved

PATHS = ["/v1/stats/overview", "/v1/usage", "/v1/usage/export"]


@pytest.mark.parametrize("path", PATHS)
async def test_asks_who_wants_to_know(stranger: httpx.AsyncClient, path: str) -> None:
    assert (await stranger.get(path)).status_code == 401


async def test_shows_usage_to_those_who_run_things(as_member: AsMember) -> None:
    for role, status in ((Role.VIEWER, 403), (Role.OPERATOR, 200), (Role.EDITOR, 200)):
        client = await as_member(f"{role}@example.org", role)
        assert (await client.get("/v1/stats/overview")).status_code == 200
        assert [(await client.get(path)).status_code for path in PATHS[1:]] == [status, status]


async def test_shows_what_happened_beside_the_last_edits(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    first = await saved(owner, BARE)
    gateway.clock.advance(5)
    second = await saved(owner, BARE.replace("orders", "later"))
    seen = (await owner.get("/v1/stats/overview", params={"window": "30d"})).json()
    assert [one["id"] for one in seen["recent_edits"]] == [second, first]
    assert (seen["window"], seen["approvals_waiting"], seen["runs"]["change"]) == ("30d", 3, -0.5)
    me = (await owner.get("/v1/me")).json()
    assert gateway.desk.figures.queries[0].actor.workspace_id == me["workspace"]["id"]


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"since": "2026-02-02", "until": "2026-02-01"}, "since"),
        ({"since": "2020-01-01", "until": "2026-02-01"}, "since"),
        ({"since": "yesterday"}, "query.since"),
        ({"group_by": "colour"}, "query.group_by.0"),
        ({"workflow_id": "none"}, "workflow_id"),
        ({"limit": 0}, "query.limit"),
    ],
)
async def test_refuses_questions_that_mean_nothing(
    owner: httpx.AsyncClient, params: dict[str, str], path: str
) -> None:
    answer = await owner.get("/v1/usage", params=params)
    assert answer.status_code == 422
    assert [wrong["path"] for wrong in answer.json()["errors"]] == [path]
    assert (await owner.get("/v1/stats/overview", params={"window": "1y"})).status_code == 422


async def test_reports_the_last_thirty_days_without_being_told(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    gateway.desk.figures.rows = [a_row("brief")]
    report = (await owner.get("/v1/usage", params={"group_by": ["workflow", "workflow"]})).json()
    today = gateway.clock.now().date()
    assert (report["since"], report["until"]) == (str(today - timedelta(days=29)), str(today))
    assert (report["group_by"], report["items"][0]["workflow"]["name"]) == (["workflow"], "brief")


async def test_exports_usage_for_a_spreadsheet_that_runs_nothing_of_it(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    gateway.desk.figures.rows = [a_row('=HYPERLINK("x")', tokens=7), a_row("a,b")]
    answer = await owner.get("/v1/usage/export", params={"group_by": "workflow"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="usage-')
    assert answer.text.split("\r\n") == [
        "workflow,calls,tokens,usd,seconds",
        '"\'=HYPERLINK(""x"")",1,7,0.000007,0.250',
        '"a,b",1,10,0.000010,0.250',
        "",
    ]
