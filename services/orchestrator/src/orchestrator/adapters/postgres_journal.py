"""The journal of model and tool calls in Postgres."""

from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.agents import BeginCall, CallBegun, EndCall
from flowloom_contracts.runs import Usage
from flowloom_servicekit.database import Database
from orchestrator.adapters import sql_of_runs as sql
from orchestrator.adapters.rows import committed, events_text, journal_text, outbox_text
from orchestrator.domain.journal import BegunCall, KnownCall, judge
from orchestrator.domain.records import Committed, JournalEntry, NewEvent, OutboxItem, OutboxKind

# The branch that holds at a call is the newest one among the calls up to it.
FIND = """
select s.exec, s.status, coalesce(b.branch, 0) as branch, j.request_hash, j.response, j.usage, j.effect,
    j.ended_at is not null as has_ended
from orchestrator.steps s
left join lateral (
    select max(branch) as branch from orchestrator.journal
    where run_id = s.run_id and step = s.path and attempt = :attempt and call <= :call
) b on true
left join orchestrator.journal j on j.run_id = s.run_id and j.step = s.path and j.attempt = :attempt
    and j.call = :call and j.branch = b.branch
where s.run_id = cast(:run_id as uuid) and s.path = :step
"""

INTEND = """
insert into orchestrator.journal (
    run_id, step, attempt, call, branch, workspace_id, exec, name, effect, request_hash
)
select s.run_id, s.path, :attempt, :call, :branch, s.workspace_id, :exec, :name, :effect, :request_hash
from orchestrator.steps s
where s.run_id = cast(:run_id as uuid) and s.path = :step and s.exec = :exec and s.status = 'running'
on conflict do nothing returning call
"""

# A worker that got no answer tells the end of a call again, perhaps while the first is still being stored.
LOCK_CALL = "select pg_advisory_xact_lock(hashtextextended(:run_id || :step || ':' || :call, :exec))"

IS_KNOWN = """
select 1 from orchestrator.journal
where run_id = cast(:run_id as uuid) and step = :step and attempt = :attempt and call = :call
    and exec = :exec and request_hash = :request_hash and ended_at is not null
"""

BEGUN = """
select branch, name, effect from orchestrator.journal
where run_id = cast(:run_id as uuid) and step = :step and attempt = :attempt and call = :call
order by branch desc limit 1
"""


class PostgresJournal:
    """See `JournalStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, call: BeginCall) -> CallBegun:
        """See `JournalStore.begin`."""
        place = {"run_id": call.run_id, "step": call.step, "attempt": call.attempt, "call": call.call}
        async with self._database.transaction() as session:
            row = (await session.execute(text(FIND), place)).one_or_none()
            if row is None or row.exec != call.exec or row.status != "running":
                return CallBegun(outcome="superseded")
            known = None
            if row.request_hash is not None:
                known = KnownCall(
                    request_hash=row.request_hash,
                    has_ended=row.has_ended,
                    response=row.response,
                    usage=Usage.model_validate(row.usage or {}),
                    effect=row.effect,
                )
            verdict = judge(call, known)
            branch = row.branch + 1 if verdict.new_branch else row.branch
            if verdict.answer.outcome == "go":
                if call.effect != "once":
                    # Forgetting such an intent at a power cut only means that the call is announced again.
                    await session.execute(text("set local synchronous_commit = off"))
                intent = place | {
                    "branch": branch,
                    "exec": call.exec,
                    "name": call.name,
                    "effect": call.effect,
                    "request_hash": call.request_hash,
                }
                await session.execute(text(INTEND), intent)
        return verdict.answer

    async def begun(self, call: EndCall) -> BegunCall | None:
        """See `JournalStore.begun`."""
        place = {"run_id": call.run_id, "step": call.step, "attempt": call.attempt, "call": call.call}
        async with self._database.transaction() as session:
            row = (await session.execute(text(BEGUN), place)).one_or_none()
        return None if row is None else BegunCall(branch=row.branch, name=row.name, effect=row.effect)

    async def tell(self, call: BeginCall, event: NewEvent) -> Committed | None:
        """See `JournalStore.tell`."""
        outbox = (OutboxItem(OutboxKind.STREAM),)
        parameters = _added(call, event, outbox) | {"journal": journal_text(())}
        async with self._database.transaction() as session:
            row = (await session.execute(sql.ADD_EVENT, parameters)).one_or_none()
        return None if row is None else committed(call.run_id, row, (event,), outbox)

    async def end(
        self, call: EndCall, entry: JournalEntry, event: NewEvent
    ) -> Committed | Literal["known", "superseded"]:
        """See `JournalStore.end`."""
        outbox = (OutboxItem(OutboxKind.STREAM),)
        parameters = _added(call, event, outbox) | {"journal": journal_text((entry,))}
        async with self._database.transaction() as session:
            if await _is_known(session, call):
                return "known"
            row = (await session.execute(sql.ADD_EVENT, parameters)).one_or_none()
        return "superseded" if row is None else committed(call.run_id, row, (event,), outbox)


def _added(
    call: BeginCall | EndCall, event: NewEvent, outbox: tuple[OutboxItem, ...]
) -> dict[str, str | int]:
    return {
        "id": call.run_id,
        "step": call.step,
        "exec": call.exec,
        "event_count": 1,
        "events": events_text((event,)),
        "outbox": outbox_text(outbox),
    }


async def _is_known(session: AsyncSession, call: EndCall) -> bool:
    place = {"run_id": call.run_id, "step": call.step, "call": str(call.call), "exec": call.exec}
    await session.execute(text(LOCK_CALL), place)
    known = place | {"call": call.call, "attempt": call.attempt, "request_hash": call.request_hash}
    return (await session.execute(text(IS_KNOWN), known)).one_or_none() is not None
