"""Shows operators how much is in progress and how what ended has ended."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

import orjson
import structlog
from prometheus_client import Counter, Gauge, Histogram

from flowloom_contracts.runs import RunStatus
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from orchestrator.domain.records import Committed, NewEvent
from orchestrator.ports.figures import Figures, FiguresStore

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 5.0
ENDED: Final = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED})
OPEN_STATUSES: Final = tuple(status.value for status in RunStatus if status not in ENDED)
PLACES: Final = ("queued", "blocked", "running")

RUNS_NOW: Final = Gauge("flowloom_runs_now", "Runs that have not ended.", ["status"])
PLACES_NOW: Final = Gauge("flowloom_queue_places_now", "Places in the queue of runs.", ["state"])
OUTBOX_ROWS: Final = Gauge("flowloom_outbox_rows_now", "What is committed and not yet carried out.")
OUTBOX_AGE: Final = Gauge("flowloom_outbox_oldest_seconds", "Age of the oldest of it.")
STEPS_QUEUED: Final = Gauge("flowloom_steps_queued_now", "Steps that no worker has taken yet.")
OLDEST_STEP: Final = Gauge("flowloom_oldest_undispatched_step_seconds", "Age of the oldest of them.")
LEASES_EXPIRED: Final = Gauge("flowloom_leases_expired_now", "Running steps whose worker says nothing.")
APPROVALS_OPEN: Final = Gauge("flowloom_approvals_open_now", "Questions that wait for a person.")

RUNS_ENDED: Final = Counter("flowloom_runs_ended_total", "Runs that have ended, by how.", ["status"])
RUNS_SECONDS: Final = Histogram(
    "flowloom_runs_ended_seconds",
    "From the acceptance of a run to its end.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200),
)
STEPS_ENDED: Final = Counter("flowloom_steps_ended_total", "Steps that have ended.", ["kind", "status"])
for _status in ENDED:
    RUNS_ENDED.labels(_status.value)


async def watch_figures(*, figures: FiguresStore, clock: Clock) -> None:
    """Count for ever; an outage of Postgres is waited out, and the figures stay as they were."""
    while True:
        try:
            _show(await figures.now())
        except UpstreamError as error:
            log.warning("what is in progress cannot be counted", error=repr(error))
        await clock.sleep(EVERY_SECONDS)


def _show(found: Figures) -> None:
    _by(RUNS_NOW, OPEN_STATUSES, found.runs)
    _by(PLACES_NOW, PLACES, found.places)
    OUTBOX_ROWS.set(found.outbox_rows)
    OUTBOX_AGE.set(found.outbox_age_s)
    STEPS_QUEUED.set(found.queued_steps)
    OLDEST_STEP.set(found.queued_step_age_s)
    LEASES_EXPIRED.set(found.expired_leases)
    APPROVALS_OPEN.set(found.open_approvals)


def _by(gauge: Gauge, names: Iterable[str], counts: Mapping[str, int]) -> None:
    for name in names:
        gauge.labels(name).set(counts.get(name, 0))


def count_ends(committed: Committed) -> None:
    """Count the runs and steps that ended with a commit of this process."""
    for event in committed.events:
        if event.type == "run.finished.v1":
            RUNS_ENDED.labels(_said(event, "status")).inc()
            RUNS_SECONDS.observe(max(event.at.timestamp() - _accepted_at(committed.run_id), 0))
        elif event.type == "step.finished.v1":
            STEPS_ENDED.labels(_said(event, "kind"), _said(event, "status")).inc()


def _said(event: NewEvent, field: str) -> str:
    return str(orjson.loads(event.body).get("data", {}).get(field, "unknown"))


def _accepted_at(run_id: str) -> float:
    """Return the time in a run's id (UUIDv7, RFC 9562): its first 48 bits are milliseconds."""
    return (UUID(run_id).int >> 80) / 1000
