"""Closes orphans and removes what is old: at the start, then every half minute and every hour.

Runs that should move and do not are woken by the reaper, from what Postgres knows: it needs nothing from the
engine or its scheduler, so that the loss of their data costs a run the time until somebody looks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import FlowloomError, UpstreamError
from orchestrator.ports.policies import PolicyStore
from orchestrator.ports.reaper import Orphan, ReaperStore
from orchestrator.ports.retention import RetentionStore
from orchestrator.usecases.run_children import ChildRuns

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 30.0
RETENTION_SECONDS: Final = 3_600.0
BATCH: Final = 200


@dataclass(frozen=True)
class Reconciler:
    """One per process; the stores let one of them work at a time. `retention_days` 0 keeps everything."""

    store: ReaperStore
    retention: RetentionStore
    children: ChildRuns
    policies: PolicyStore
    clock: Clock
    retention_days: int

    async def run(self) -> None:
        """Reconcile for ever; an outage of Postgres is waited out."""
        removed_at = -RETENTION_SECONDS
        while True:
            try:
                await self.close_orphans()
                if self.clock.monotonic() - removed_at >= RETENTION_SECONDS:
                    removed_at = self.clock.monotonic()
                    await self.remove_old()
            except UpstreamError as error:
                log.warning("the reconciler cannot work", error=repr(error))
            await self.clock.sleep(EVERY_SECONDS)

    async def close_orphans(self) -> None:
        """One turn: cancel runs whose parent is over, and tell parents of runs that have ended."""
        for orphan in await self.store.orphans(self.clock.now()):
            log.warning("a run and its parent disagree", run_id=orphan.run_id, has_ended=orphan.has_ended)
            try:
                await self._close(orphan)
            except FlowloomError as error:
                log.warning("an orphan was left for later", run_id=orphan.run_id, error=repr(error))

    async def _close(self, orphan: Orphan) -> None:
        if orphan.has_ended:
            await self.children.end(orphan.run_id)
        else:
            await self.children.close(orphan.workspace_id, orphan.run_id)

    async def remove_old(self) -> int:
        """Remove runs that ended too long ago, in batches, and months that are empty then.

        A workspace may say for itself how long its runs are kept.
        """
        now, own = self.clock.now(), await self.policies.retention()
        removed = sum([await self._remove(now - timedelta(days=days), of=of) for of, days in own.items()])
        if self.retention_days:
            removed += await self._remove(now - timedelta(days=self.retention_days), but=own.keys())
        shortest = min([*own.values(), *([self.retention_days] if self.retention_days else [])], default=None)
        if shortest is None:
            return removed
        months = await self.retention.drop_months(now - timedelta(days=shortest))
        if removed or months:
            log.info("removed what is old", runs=removed, months=months)
        return removed

    async def _remove(self, before: datetime, *, of: str | None = None, but: Collection[str] = ()) -> int:
        removed = batch = await self.retention.remove_runs(before, limit=BATCH, of=of, but=but)
        while batch == BATCH:
            batch = await self.retention.remove_runs(before, limit=BATCH, of=of, but=but)
            removed += batch
        return removed
