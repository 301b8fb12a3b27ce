"""What the gateway asks about figures and usage."""

from fastapi import APIRouter, Depends

from flowloom_contracts.stats import OverviewQuery, RunFigures, UsageQuery, UsageReport
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from orchestrator.dependencies import Parts
from orchestrator.routes.refusals import ALWAYS
from orchestrator.usecases import read_stats

stats = APIRouter(prefix="/internal", dependencies=[Depends(caller([AppId.GATEWAY]))], responses=ALWAYS)


@stats.post("/stats/overview")
async def get_overview(body: OverviewQuery, parts: Parts) -> RunFigures:
    """Return the figures of a window."""
    return await read_stats.overview(body, stats=parts.stats, clock=parts.clock)


@stats.post("/usage/report")
async def report_usage(body: UsageQuery, parts: Parts) -> UsageReport:
    """Return what was used, by group."""
    return await read_stats.report_usage(body, stats=parts.stats)
