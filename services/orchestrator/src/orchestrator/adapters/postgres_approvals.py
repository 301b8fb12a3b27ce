"""The inbox in Postgres: a projection of what steps wait for, written with the run's commits."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import TypeAdapter

from flowloom_contracts.approvals import Approval, ApprovalStatus
from flowloom_contracts.runs import Actor
from flowloom_servicekit.database import Database, Statement
from orchestrator.adapters.sql_of_sight import SEEN_OR_ASKED, sight
from orchestrator.domain.deciding import names_of

# `asked` is what `to` says in lower case; nobody in particular is everybody who may decide at all.
INBOX: Final = Statement(f"""
select a.item from orchestrator.approvals a join orchestrator.runs r on r.id = a.run_id
where a.workspace_id = :workspace_id
    and (cast(:status as text) is null or a.status = cast(:status as text))
    and (cast(:run_id as uuid) is null or a.run_id = cast(:run_id as uuid))
    and (cast(:before as uuid) is null or a.id < cast(:before as uuid))
    and (not cast(:mine as boolean) or asked && cast(:own as text[])) and {SEEN_OR_ASKED}
order by a.id desc limit :limit
""")  # noqa: S608 - our own fragments; every value is a parameter

ITEM: Final = Statement(f"""
select a.item from orchestrator.approvals a join orchestrator.runs r on r.id = a.run_id
where a.id = cast(:id as uuid) and a.workspace_id = :workspace_id and {SEEN_OR_ASKED}
""")  # noqa: S608 - our own fragments; every value is a parameter

_ITEM: Final = TypeAdapter(Approval)


class PostgresApprovals:
    """See `ApprovalStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def item(self, actor: Actor, approval_id: str) -> Approval | None:
        """See `ApprovalStore.item`."""
        parameters = {"id": approval_id, **_of(actor)}
        rows = await self._database.rows(ITEM, parameters, workspace=actor.workspace_id)
        return _item(rows[0]) if rows else None

    async def inbox(
        self,
        actor: Actor,
        *,
        status: ApprovalStatus | None,
        run_id: str | None,
        mine: bool,
        before: str | None,
        limit: int,
    ) -> Sequence[Approval]:
        """See `ApprovalStore.inbox`."""
        parameters = {
            **_of(actor),
            "status": status,
            "run_id": run_id,
            "before": before,
            "mine": mine,
            "limit": limit,
        }
        rows = await self._database.rows(INBOX, parameters, workspace=actor.workspace_id)
        return [_item(row) for row in rows]


def _of(actor: Actor) -> dict[str, object]:
    return {"workspace_id": actor.workspace_id, "own": sorted(names_of(actor)), **sight(actor)}


def _item(row: Mapping[str, object]) -> Approval:
    return _ITEM.validate_python(row["item"])
