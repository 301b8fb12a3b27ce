"""Adds what has ended to the sums of its workspace, beside the requests."""

from typing import Final

import structlog

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from orchestrator.ports.stats import StatsStore

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 1.0
BATCH: Final = 200


async def run_tallies(*, stats: StatsStore, clock: Clock) -> None:
    """Tally for ever, one process at a time; an outage of Postgres is waited out."""
    while True:
        try:
            while await stats.tally(limit=BATCH) == BATCH:
                continue
        except UpstreamError as error:
            log.warning("ended runs cannot be counted", error=repr(error))
        await clock.sleep(EVERY_SECONDS)
