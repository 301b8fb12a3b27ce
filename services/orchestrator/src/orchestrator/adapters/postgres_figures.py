"""How much is in progress, counted in Postgres in one statement."""

from collections.abc import Mapping
from typing import Final

from flowloom_servicekit.database import Database, Statement
from orchestrator.ports.figures import Figures

FIGURES: Final = Statement("""
select
    (select jsonb_object_agg(status, count) from (
        select status, count(*) from orchestrator.runs
        where status not in ('succeeded', 'failed', 'cancelled') group by status) as runs) as runs,
    (select jsonb_object_agg(state, count) from (
        select state, count(*) from orchestrator.admissions group by state) as places) as places,
    (select count(*) from orchestrator.outbox) as outbox_rows,
    (select coalesce(extract(epoch from now() - min(created_at)), 0) from orchestrator.outbox) as outbox_age,
    (select count(*) from orchestrator.approvals where status = 'open') as open_approvals,
    steps.queued, steps.age, steps.expired
from (
    select count(*) filter (where s.status = 'queued') as queued,
        coalesce(extract(epoch from now() - min(s.queued_at) filter (where s.status = 'queued')), 0) as age,
        count(*) filter (where s.status = 'running' and s.lease_until < now()) as expired
    from orchestrator.steps s join orchestrator.runs r on r.id = s.run_id
    where s.status in ('queued', 'running') and r.status in ('running', 'cancelling')
) as steps
""")


class PostgresFigures:
    """See `FiguresStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now(self) -> Figures:
        """See `FiguresStore.now`."""
        (row,) = await self._database.rows(FIGURES, {})
        return Figures(
            runs=_counts(row["runs"]),
            places=_counts(row["places"]),
            outbox_rows=int(str(row["outbox_rows"])),
            outbox_age_s=float(str(row["outbox_age"])),
            queued_steps=int(str(row["queued"])),
            queued_step_age_s=float(str(row["age"])),
            expired_leases=int(str(row["expired"])),
            open_approvals=int(str(row["open_approvals"])),
        )


def _counts(found: object) -> dict[str, int]:
    return {str(name): int(count) for name, count in found.items()} if isinstance(found, Mapping) else {}
