"""The queue of accepted runs in Postgres."""

from collections.abc import Mapping
from typing import Final

from pydantic import TypeAdapter

from flowloom_servicekit.database import Database
from orchestrator.adapters import sql_of_admission as sql
from orchestrator.adapters.rows import Parameters, committed, json_text
from orchestrator.domain.admission import (
    KeyLimit,
    Slots,
    key_limit,
    limit_of_retry,
    start_of,
    waits_for_itself,
    without_start,
)
from orchestrator.domain.records import Committed, NewEvent, OutboxItem, OutboxKind, StoredChange
from orchestrator.ports.admission import Admission, Admitted, Replaced
from orchestrator.ports.runs import NewRun

LOCK: Final = 7_301_004
_IDS: TypeAdapter[list[int]] = TypeAdapter(list[int])


class PostgresAdmission:
    """See `AdmissionStore`."""

    def __init__(self, database: Database, slots: Slots) -> None:
        self._database = database
        self._slots = slots

    async def admit(self, *, limit: int) -> Admission | None:
        """See `AdmissionStore.admit`."""
        room = {"at_once": self._slots.at_once, "per_workspace": self._slots.per_workspace}
        async with self._database.transaction() as session:
            if not await session.scalar(sql.TRY_LOCK, {"lock": LOCK}):
                return None
            replaced = (await session.execute(sql.CHECK_KEYS, {"limit": limit})).all()
            admitted = (await session.execute(sql.ADMIT, room | {"limit": limit})).all()
        return Admission(
            admitted=tuple(
                Admitted(row.run_id, row.epoch, OutboxItem(OutboxKind.SCHEDULE, row.payload, row.id))
                for row in admitted
            ),
            replaced=tuple(Replaced(row.run_id, row.workspace_id) for row in replaced),
            # While runs are admitted more may wait: the pass that admits none says so.
            is_waiting=bool(admitted) or await self.is_waiting(),
        )

    async def is_waiting(self) -> bool:
        """See `AdmissionStore.is_waiting`."""
        return bool((await self._database.rows(sql.IS_WAITING, {}))[0]["waiting"])

    async def queued(self, workspace_id: str, *, limit: int) -> int:
        """See `AdmissionStore.queued`."""
        rows = await self._database.rows(sql.QUEUED, {"workspace_id": workspace_id, "limit": limit})
        return int(str(rows[0]["n"]))


class PlacesOfNewRuns:
    """What the creation of a run needs for its place in the queue."""

    def __init__(self, database: Database, slots: Slots) -> None:
        self._database = database
        self._slots = slots

    async def limit_of(self, new: NewRun) -> KeyLimit | None:
        """Return the key of a new run; raises `ConcurrencyKeyError` and `ConcurrencyLimitError`."""
        limit = key_limit(new.plan, new.state, workspace_id=new.workspace_id, workflow_id=new.workflow.id)
        if limit is not None and new.is_waited_for and new.origin.parent is not None:
            find = {"parent_id": new.origin.parent.run_id, "key": limit.key}
            held = (await self._database.rows(sql.HELD_ABOVE, find))[0]["n"]
            if int(str(held)) >= limit.max:
                raise waits_for_itself(limit)
        return limit

    def parameters(self, new: NewRun, limit: KeyLimit | None) -> Parameters:
        """Return what the statement needs beside the run itself."""
        return {
            "at_once": self._slots.at_once,
            "per_workspace": self._slots.per_workspace,
            "is_waited_for": new.is_waited_for,
            "concurrency_key": limit.key if limit else None,
            "concurrency_max": limit.max if limit else None,
            "on_full": limit.on_full if limit else None,
            "schedule": json_text(start_of(new.outbox)),
        }

    def of_retry(self, change: StoredChange) -> Parameters:
        """Return what the place of a run's next attempt needs; a full key lets it wait, whatever it says."""
        record, limit = change.record, limit_of_retry(change.record)
        return {
            "workspace_id": record.workspace_id,
            "priority": record.priority,
            "at_once": self._slots.at_once,
            "per_workspace": self._slots.per_workspace,
            "is_waited_for": False,
            "concurrency_key": limit.key if limit else None,
            "concurrency_max": limit.max if limit else None,
            "on_full": limit.on_full if limit else None,
            "schedule": json_text(start_of(change.outbox)),
        }


def placed(
    run_id: str, row: Mapping[str, object], events: tuple[NewEvent, ...], outbox: tuple[OutboxItem, ...]
) -> Committed:
    """Return what a statement assigned; the start is in it when the run was admitted at once."""
    waiting = without_start(outbox)
    is_admitted = len(_IDS.validate_python(row["outbox_ids"])) > len(waiting)
    starts = tuple(item for item in outbox if item.kind is OutboxKind.SCHEDULE)
    return committed(run_id, row, events, (*waiting, *starts) if is_admitted else waiting)
