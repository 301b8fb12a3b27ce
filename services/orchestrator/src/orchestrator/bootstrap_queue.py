"""The parts of the queue: the limits that a start is asked for, and who admits."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from redis.asyncio import Redis

from flowloom_servicekit.background import run_beside
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.database import Database
from orchestrator.adapters.postgres_admission import PostgresAdmission
from orchestrator.adapters.redis_memory import RedisMemory
from orchestrator.domain.admission import Slots
from orchestrator.ports.runs import RunStore
from orchestrator.settings import Settings
from orchestrator.usecases.admit import Admissions
from orchestrator.usecases.control_runs import Controls
from orchestrator.usecases.limit_starts import LimitedRunStore, StartLimits
from orchestrator.usecases.relay import OutboxRelay


def slots_of(settings: Settings) -> Slots:
    """Return how many runs may be in progress."""
    return Slots(at_once=settings.runs_at_once, per_workspace=settings.runs_per_workspace)


@dataclass(frozen=True)
class QueueOfProcess:
    """What this process does for the queue."""

    settings: Settings
    database: Database
    redis: Redis

    def limited(self, runs: RunStore, stack: AsyncExitStack) -> RunStore:
        """Return the store that takes new runs only where they can be kept."""
        limits = StartLimits(
            memory=RedisMemory(self.redis),
            admission=self._store(),
            clock=SystemClock(),
            max_queued=self.settings.queued_per_workspace,
        )
        stack.push_async_callback(limits.stop)
        return LimitedRunStore(runs, limits)

    def start(self, stack: AsyncExitStack, relay: OutboxRelay, controls: Controls) -> None:
        """Admit from now on."""
        admissions = Admissions(store=self._store(), relay=relay, controls=controls, clock=SystemClock())
        relay.watched_by(admissions.committed)
        run_beside(stack, "admissions", admissions.run)

    def _store(self) -> PostgresAdmission:
        return PostgresAdmission(self.database, slots_of(self.settings))
