"""Run memory in Postgres: outcomes as rows, what is known of a failure as one document."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from flowloom_contracts.run_memory import MOST_KNOWN, RUN_MEMORY, KnownFailure, Remedy
from flowloom_servicekit.database import Database
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from memory.adapters import run_memory_statements as sql
from memory.adapters.postgres_memory_store import add_in
from memory.domain.run_memory import FailureKey, Outcome
from memory.domain.texts import NewText
from memory.ports import ClaimedFailure, Known

DESCRIPTION: Final = "How runs have failed, and what they next succeeded with. Kept by the platform."
LEASE: Final = timedelta(minutes=3)
MOST_COMPARED: Final = 500
"""Of how many failures, the newest first, it is looked up what helped."""


class PostgresRunMemory:
    """The run memory of production."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, outcome: Outcome, now: datetime) -> bool:
        """See `RunMemory.keep`."""
        parameters = {**asdict(outcome), "status": outcome.status.value} | _of_collection(now)
        statement = sql.KEEP_SUCCESS if outcome.signature is None else sql.KEEP_FAILURE
        return bool(await self._database.rows(statement, parameters, workspace=outcome.workspace_id))

    async def claim(self, now: datetime) -> ClaimedFailure | None:
        """See `RunMemory.claim`."""
        parameters = {"now": now, "until": now + LEASE}
        for row in await self._database.rows(sql.CLAIM, parameters, workspace=EVERY_WORKSPACE):
            key = FailureKey(str(row["workspace_id"]), str(row["workflow_id"]), str(row["signature"]))
            return ClaimedFailure(key, row["due_at"])  # type: ignore[arg-type]  # a timestamptz column
        return None

    async def known(self, workspace_id: str, workflow_id: str, signature: str | None) -> list[Known]:
        """See `RunMemory.known`."""
        tenant = {"workspace_id": workspace_id, "workflow_id": workflow_id}
        wanted = tenant | {"signature": signature, "most": MOST_KNOWN}
        rows = await self._database.rows(sql.KNOWN, wanted, workspace=workspace_id)
        names = [str(row["signature"]) for row in rows]
        failed = {**tenant, "signatures": names, "most": MOST_COMPARED}
        helped = await self._database.rows(sql.REMEDIES, failed, workspace=workspace_id) if rows else ()
        return [Known(str(row["workflow_name"]), _failure(row, helped)) for row in rows]

    async def signature_of(self, workspace_id: str, workflow_id: str, run_id: str) -> str | None:
        """See `RunMemory.signature_of`."""
        parameters = {"workspace_id": workspace_id, "workflow_id": workflow_id, "run_id": run_id}
        for row in await self._database.rows(sql.SIGNATURE, parameters, workspace=workspace_id):
            return str(row["signature"])
        return None

    async def tell(self, claimed: ClaimedFailure, name: str, text: NewText, *, awaits_success: bool) -> None:
        """See `RunMemory.tell`."""
        parameters = _of_claim(claimed) | {"name": name, "awaits_success": awaits_success}
        async with self._database.transaction(claimed.key.workspace_id) as session:
            await session.execute(sql.DROP_DOCUMENT, parameters)
            await add_in(session, text)
            await session.execute(sql.TELL_APART, parameters)
            await session.execute(sql.DONE, parameters)

    async def drop(self, claimed: ClaimedFailure) -> None:
        """See `RunMemory.drop`."""
        async with self._database.transaction(claimed.key.workspace_id) as session:
            await session.execute(sql.DROP_DOCUMENT, _of_claim(claimed))
            await session.execute(sql.GONE, _of_claim(claimed))

    async def forget(self, before: datetime, now: datetime) -> None:
        """See `RunMemory.forget`."""
        parameters = {"before": before, "now": now}
        await self._database.rows(sql.FORGET_OLD, parameters, workspace=EVERY_WORKSPACE)


def _of_collection(now: datetime) -> dict[str, object]:
    return {"collection": RUN_MEMORY, "description": DESCRIPTION, "now": now}


def _of_claim(claimed: ClaimedFailure) -> dict[str, object]:
    return {**asdict(claimed.key), "effect_key": claimed.key.effect_key, "due_at": claimed.due_at}


def _failure(row: Mapping[str, object], helped: Sequence[Mapping[str, object]]) -> KnownFailure:
    own = [Remedy.model_validate(dict(one)) for one in helped if one["signature"] == row["signature"]]
    return KnownFailure.model_validate({**row, "remedies": own})
