"""What watches the platform, proved with Debian's Prometheus on the running platform under load."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, aclosing
from typing import Final

import httpx
import pytest

from flowloom_contracts.runs import RunStatus
from scripts.monitoring.__main__ import DASHBOARDS
from scripts.monitoring.panels import Query
from scripts.monitoring.rules import GROUPS, RECORDED, RECORDED_SELDOM
from tests.integration import documents
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.waiting import until
from tests.observability.conftest import PORT_BASE
from tests.observability.programs import Watch
from tests.observability.promql import metrics_in

RUNS: Final = 6
SETTLED_S: Final = 150
QUIET_OF_DAPR: Final = frozenset(
    {
        "dapr_resiliency_activations_total",
        "dapr_runtime_actor_reminders_fired_total",
        "dapr_scheduler_jobs_failed_total",
        "dapr_sentry_issuercert_expiry_timestamp",
    }
)
"""Dapr shows these when they have first happened; the names are in its package `diagnostics`."""

OF_PROMETHEUS: Final = frozenset({"ALERTS"})
"""Prometheus itself has this one only while an alert is pending or firing."""

OF_KONG: Final = frozenset({group for group in GROUPS if group == "kong"})
QUERIES: Final = [
    (f"{dashboard.uid}: {panel.title}", query)
    for dashboard in DASHBOARDS
    if not dashboard.where
    for panel in dashboard.panels
    for query in panel.queries
]


@pytest.fixture(scope="module")
def watch(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """Prometheus with every rule, scraping every part of the platform."""
    watching = Watch(stack, tmp_path_factory.mktemp("watch"), port_base=PORT_BASE)
    with ExitStack() as running:
        for process in watching.processes():
            running.enter_context(process)
        yield watching


async def asked(client: httpx.AsyncClient, query: str) -> list[object]:
    answer = await client.get("/api/v1/query", params={"query": query})
    found = answer.json()
    assert found["status"] == "success", (query, found)
    return list(found["data"]["result"])


async def test_every_panel_shows_something_and_every_rule_knows_its_metrics(
    stack: Stack, api: PublicApi, watch: Watch
) -> None:
    await load(api)
    async with httpx.AsyncClient(base_url=watch.url, trust_env=False, timeout=30) as client:

        async def empty() -> list[str]:
            found = [(where, query, await asked(client, query.expr)) for where, query in QUERIES]
            found += [
                (f"rule {name}", Query(expr), await asked(client, expr)) for name, expr in RECORDED.items()
            ]
            return [where for where, query, rows in found if not rows and not query.may_be_empty]

        async def all_full() -> bool:
            """Work goes on meanwhile: a counter that was first seen after the work has not grown since."""
            if not await empty():
                return True
            await load(api)
            return False

        try:
            await until(all_full, within_s=SETTLED_S, every_s=3)
        except AssertionError:
            pytest.fail(f"panels without data: {await empty()}; targets: {await unwell(client)}")
        assert await unwell(client) == {}
        known = await known_metrics(client)
        named = {name for _, query in QUERIES for name in metrics_in(query.expr)}
        for group, alerts in GROUPS.items():
            if group not in OF_KONG:
                for alert in alerts:
                    await asked(client, alert.expr)
                    named |= metrics_in(alert.expr)
        assert named - known - QUIET_OF_DAPR - OF_PROMETHEUS == set(), "nobody tells these"
        firing = {
            row["labels"]["alertname"]
            for row in (await client.get("/api/v1/alerts")).json()["data"]["alerts"]
        }
        assert firing <= {"AnswersAreSlow", "MostRunsFail", "StreamsLag"}, "a healthy platform wakes nobody"


async def unwell(client: httpx.AsyncClient) -> dict[str, str]:
    targets = (await client.get("/api/v1/targets")).json()["data"]["activeTargets"]
    return {one["scrapeUrl"]: one["lastError"] for one in targets if one["health"] != "up"}


async def known_metrics(client: httpx.AsyncClient) -> set[str]:
    """Return every series there is, and every family that is described though nothing of it has happened."""
    series = (await client.get("/api/v1/label/__name__/values")).json()["data"]
    families = (await client.get("/api/v1/metadata")).json()["data"]
    return {*series, *families, *(f"{name}_total" for name in families), *RECORDED, *RECORDED_SELDOM}


async def load(api: PublicApi) -> None:
    """Run crews with someone watching, and one run that fails."""
    document = await api.save(documents.CREW)
    runs = [await api.start(document.id, {"key": f"watched-{number}"}) for number in range(RUNS)]
    async with aclosing(api.stream(runs[0].id)) as events:
        seen = [event.type async for _, event in events]
    assert seen[-1] == "run.finished.v1"
    ended = await api.all_finished([run.id for run in runs], within_s=120)
    assert {run.status for run in ended} == {RunStatus.SUCCEEDED}
    found = await asyncio.gather(*(api.http.get("/v1/runs") for _ in range(20)))
    assert all(answer.is_success for answer in found)
