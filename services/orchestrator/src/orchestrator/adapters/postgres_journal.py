"""The journal of model and tool calls in Postgres."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.agents import BeginCall, CallBegun, EndCall
from flowloom_contracts.runs import Usage
from flowloom_servicekit.database import Database, Statement
from orchestrator.adapters import sql_of_runs as sql
from orchestrator.adapters.postgres_budgets import reserve, settle
from orchestrator.adapters.rows import committed, events_text, journal_text, outbox_text
from orchestrator.domain.budget_events import budget_event
from orchestrator.domain.budgets import Cap, Granted, PriceOf
from orchestrator.domain.journal import BegunCall, CappedCall, Judgement, KnownCall, judge
from orchestrator.domain.notices import noticed
from orchestrator.domain.records import Committed, JournalEntry, NewEvent, OutboxItem, OutboxKind

# Most calls are new: that is seen and written down in one round trip. No row: it is known, or nobody's call.
# Forgetting such an intent at a power cut only means that the call is announced again, but for a `once` call.
ANNOUNCE_NEW = Statement("""
insert into orchestrator.journal (
    run_id, step, attempt, call, branch, workspace_id, exec, name, effect, request_hash
)
select s.run_id, s.path, cast(:attempt as int), cast(:call as int), coalesce(b.branch, 0), s.workspace_id,
    s.exec, :name, :effect, :request_hash
from orchestrator.steps s
cross join (select case when :is_relaxed then set_config('synchronous_commit', 'off', true) end) as relaxed
left join lateral (
    select max(branch) as branch from orchestrator.journal
    where run_id = s.run_id and step = s.path and attempt = :attempt and call <= :call
) b on true
where s.run_id = cast(:run_id as uuid) and s.path = :step and s.exec = :exec and s.status = 'running'
    and not exists (
        select from orchestrator.journal j
        where j.run_id = s.run_id and j.step = s.path and j.attempt = :attempt and j.call = :call
            and j.branch = b.branch
    )
on conflict do nothing returning call
""")

# The branch that holds at a call is the newest one among the calls up to it.
FIND = text("""
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
""")

INTEND = text("""
insert into orchestrator.journal (
    run_id, step, attempt, call, branch, workspace_id, exec, name, effect, request_hash
)
select s.run_id, s.path, :attempt, :call, :branch, s.workspace_id, :exec, :name, :effect, :request_hash
from orchestrator.steps s
where s.run_id = cast(:run_id as uuid) and s.path = :step and s.exec = :exec and s.status = 'running'
on conflict do nothing returning call
""")
RELAX = text("set local synchronous_commit = off")

# A worker that got no answer tells the end of a call again, perhaps while the first is still being stored.
# The run comes first everywhere, then its ledgers: so does a commit that raises a budget.
LOCK_CALL = text("""
select pg_advisory_xact_lock(hashtextextended(:run_id || :step || ':' || :call, :exec))
from (select 1 from orchestrator.runs where id = cast(:run_id as uuid) for no key update) as run
""")

LOCK_RUN = text("select 1 from orchestrator.runs where id = cast(:run_id as uuid) for no key update")

IS_KNOWN = text("""
select 1 from orchestrator.journal
where run_id = cast(:run_id as uuid) and step = :step and attempt = :attempt and call = :call
    and exec = :exec and request_hash = :request_hash and ended_at is not null
""")

BEGUN = Statement("""
select branch, name, effect from orchestrator.journal
where run_id = cast(:run_id as uuid) and step = :step and attempt = :attempt and call = :call
order by branch desc limit 1
""")


class PostgresJournal:
    """See `JournalStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, call: BeginCall) -> CallBegun:
        """See `JournalStore.begin`."""
        new = _intent(call) | {"is_relaxed": call.effect != "once"}
        if await self._database.rows(ANNOUNCE_NEW, new):
            return judge(call, None).answer
        async with self._database.transaction() as session:
            judgement, branch = await _looked_up(session, call)
            if judgement.answer.outcome == "go":
                await _announce(session, call, branch)
        return judgement.answer

    async def begin_within(
        self, call: BeginCall, caps: Sequence[Cap], *, price: PriceOf, now: datetime
    ) -> CappedCall:
        """See `JournalStore.begin_within`."""
        async with self._database.transaction() as session:
            judgement, branch = await _looked_up(session, call)
            if judgement.answer.outcome != "go":
                return CappedCall(answer=judgement.answer)
            await session.execute(LOCK_RUN, {"run_id": call.run_id})
            judged = await reserve(session, call, caps, price=price)
            if not isinstance(judged, Granted):
                return CappedCall(refused=judged)
            await _announce(session, call, branch)
            told = tuple(budget_event(call, "reached", data, now) for data in judged.told)
            stored = await _add(session, call, told) if told else None
        answer = judgement.answer.model_copy(update={"model": judged.model, "max_tokens": judged.max_tokens})
        return CappedCall(answer=answer, committed=stored)

    async def begun(self, call: EndCall) -> BegunCall | None:
        """See `JournalStore.begun`."""
        place = {"run_id": call.run_id, "step": call.step, "attempt": call.attempt, "call": call.call}
        for row in await self._database.rows(BEGUN, place):
            return BegunCall(**row)  # type: ignore[arg-type]  # the columns of the statement are its fields
        return None

    async def tell(self, call: BeginCall, event: NewEvent) -> Committed | None:
        """See `JournalStore.tell`."""
        async with self._database.transaction() as session:
            # Seen before the run is locked, a step may have ended meanwhile.
            await session.execute(LOCK_RUN, {"run_id": call.run_id})
            return await _add(session, call, (event,))

    async def end(
        self, call: EndCall, entry: JournalEntry, event: NewEvent
    ) -> Committed | Literal["known", "superseded"]:
        """See `JournalStore.end`."""
        told_first = await self._ended_first(call, entry, event)
        if told_first is not None:
            return told_first
        async with self._database.transaction() as session:
            if await _is_known(session, call):
                return "known"
            near = await settle(session, call)
            told = (event, *(budget_event(call, "warned", data, event.at) for data in near))
            stored = await _add(session, call, told, (entry,))
        return stored or "superseded"

    async def _ended_first(self, call: EndCall, entry: JournalEntry, event: NewEvent) -> Committed | None:
        """Keep the answer of a call that is told for the first time and holds no part of a budget."""
        parameters, outbox = _added(call, (event,), (entry,))
        place = {"attempt": call.attempt, "call": call.call}
        try:
            rows = await self._database.rows(sql.END_CALL, parameters | place)
        except asyncpg.DivisionByZeroError:
            return None
        return committed(call.run_id, rows[0], (event,), outbox) if rows else None


async def _looked_up(session: AsyncSession, call: BeginCall) -> tuple[Judgement, int]:
    """Return what becomes of a call, and the branch of the journal in which it would be made."""
    place = {"run_id": call.run_id, "step": call.step, "attempt": call.attempt, "call": call.call}
    row = (await session.execute(FIND, place)).one_or_none()
    if row is None or row.exec != call.exec or row.status != "running":
        return Judgement(CallBegun(outcome="superseded")), 0
    known = None
    if row.request_hash is not None:
        known = KnownCall(
            request_hash=row.request_hash,
            has_ended=row.has_ended,
            response=row.response,
            usage=Usage.model_validate(row.usage or {}),
            effect=row.effect,
        )
    judgement = judge(call, known)
    return judgement, row.branch + 1 if judgement.new_branch else row.branch


async def _announce(session: AsyncSession, call: BeginCall, branch: int) -> None:
    if call.effect != "once":
        await session.execute(RELAX)
    await session.execute(INTEND, _intent(call) | {"branch": branch})


def _intent(call: BeginCall) -> dict[str, object]:
    return {
        "run_id": call.run_id,
        "step": call.step,
        "attempt": call.attempt,
        "call": call.call,
        "exec": call.exec,
        "name": call.name,
        "effect": call.effect,
        "request_hash": call.request_hash,
    }


async def _add(
    session: AsyncSession,
    call: BeginCall | EndCall,
    events: tuple[NewEvent, ...],
    entries: tuple[JournalEntry, ...] = (),
) -> Committed | None:
    """Add events, and perhaps the entry of a call, while its execution runs the step."""
    parameters, outbox = _added(call, events, entries)
    row = (await session.execute(sql.ADD_EVENT, parameters)).one_or_none()
    return None if row is None else committed(call.run_id, row, events, outbox)


def _added(
    call: BeginCall | EndCall, events: tuple[NewEvent, ...], entries: tuple[JournalEntry, ...]
) -> tuple[dict[str, object], tuple[OutboxItem, ...]]:
    outbox = (OutboxItem(OutboxKind.STREAM), *noticed(events))
    parameters: dict[str, object] = {
        "id": call.run_id,
        "step": call.step,
        "exec": call.exec,
        "event_count": len(events),
        "events": events_text(events),
        "outbox": outbox_text(outbox),
        "journal": journal_text(entries),
    }
    return parameters, outbox


async def _is_known(session: AsyncSession, call: EndCall) -> bool:
    place = {"run_id": call.run_id, "step": call.step, "call": str(call.call), "exec": call.exec}
    await session.execute(LOCK_CALL, place)
    known = place | {"call": call.call, "attempt": call.attempt, "request_hash": call.request_hash}
    return (await session.execute(IS_KNOWN, known)).one_or_none() is not None
