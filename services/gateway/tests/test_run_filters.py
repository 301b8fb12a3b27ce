"""The list of runs: what is asked for, and the table."""

import csv
import io

import httpx
import pytest

from flowloom_contracts.runs import RunStatus
from gateway.testing.gateway import FakeGateway

SOURCE = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: #}\nsteps: {b: {transform: 1}}\n"


async def _start(owner: httpx.AsyncClient, name: str) -> str:
    made = await owner.post("/v1/workflows", json={"source": SOURCE.replace("#", name)})
    run_id: str = (await owner.post(f"/v1/workflows/{made.json()['id']}/runs", json={})).json()["id"]
    return run_id


async def test_lists_the_runs_that_are_wanted(gateway: FakeGateway, owner: httpx.AsyncClient) -> None:
    alpha, beta = [await _start(owner, name) for name in ("alpha", "beta")]
    await gateway.runs.happen(alpha, "run.started.v1", RunStatus.RUNNING)
    for query, found in (
        ("", {alpha, beta}),
        ("?status=running", {alpha}),
        ("?status=running&status=queued", {alpha, beta}),
        ("?text=bet", {beta}),
        ("?status=failed", set()),
    ):
        answer = await owner.get(f"/v1/runs{query}")
        assert {run["id"] for run in answer.json()["items"]} == found, query


@pytest.mark.parametrize(
    "query",
    [
        "status=done",
        "label=a",
        "label==",
        "created_from=yesterday",
        "created_from=2026-01-01T00:00:00",
        "longer_than_s=-1",
        "longer_than_s=nan",
        "order=random",
        "text=" + "x" * 201,
        "text=%00",
        "&".join(["status=failed"] * 11),
    ],
)
async def test_refuses_a_filter_that_is_none(owner: httpx.AsyncClient, query: str) -> None:
    assert (await owner.get(f"/v1/runs?{query}")).status_code == 422


async def test_gives_the_list_as_a_table_without_formulas(owner: httpx.AsyncClient) -> None:
    run_id = await _start(owner, "alpha")
    answer = await owner.get("/v1/runs", headers={"accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["id"], row["workflow"], row["version"], row["seconds"]) == (run_id, "alpha", "draft", "")
    assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in row.values())
