"""One suite of the stores of versions, triggers and deliveries, over fakes and Postgres."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from flowloom_contracts.automation import ScheduleSpec, SyncSchedules, UserEvent
from flowloom_contracts.runs import Actor, WorkflowRef
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.clock import FakeClock
from gateway.adapters.leadership import AdvisoryLeadership
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_deliveries import PostgresDeliveryStore
from gateway.adapters.postgres_outbox import PostgresOutbox
from gateway.adapters.postgres_triggers import PostgresTriggerStore
from gateway.adapters.postgres_versions import PostgresVersionStore
from gateway.adapters.postgres_workflows import PostgresWorkflowStore
from gateway.domain.triggers import NewTrigger
from gateway.ports import AccountStore, Draft, NewOwner, StoredWorkflow, WorkflowStore
from gateway.testing.accounts import InMemoryAccounts
from gateway.testing.automation import (
    InMemoryDeliveries,
    InMemoryOutbox,
    InMemoryTriggers,
    InMemoryVersions,
)
from gateway.testing.workflows import InMemoryWorkflows
from gateway.vault_ports import Sealed
from gateway.version_ports import (
    DeliveryStore,
    NewDelivery,
    OutboxStore,
    Outcome,
    Publication,
    TriggerStore,
    VersionStore,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
DRAFT = Draft(
    name="hello", title="Hello", source="a\u0000\r\n", layout={"x": 1}, tests="t", problems=(), is_valid=True
)
HOOK = NewTrigger("hook", "webhook", {"id": "hook", "webhook": {"auth": "none"}})
PAID = NewTrigger("paid", "event", {"id": "paid", "event": {"topic": "paid"}}, topic="paid")


@dataclass
class Stores:
    workflows: WorkflowStore
    versions: VersionStore
    triggers: TriggerStore
    deliveries: DeliveryStore
    outbox: PostgresOutbox | InMemoryOutbox
    user_id: str
    workspace_id: str


@dataclass
class _Kept:
    accounts: AccountStore
    stores: Stores


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def kept(request: pytest.FixtureRequest) -> _Kept:
    if request.param == "postgres":
        return _in_postgres(request.getfixturevalue("database"))
    workflows, outbox, deliveries = InMemoryWorkflows(), InMemoryOutbox(), InMemoryDeliveries()
    triggers = InMemoryTriggers(deliveries)
    versions = InMemoryVersions(workflows, triggers, outbox)
    stores = Stores(workflows, versions, triggers, deliveries, outbox, new_id(), new_id())
    return _Kept(InMemoryAccounts(), stores)


def _in_postgres(database: Database) -> _Kept:
    stores = Stores(
        PostgresWorkflowStore(database),
        PostgresVersionStore(database),
        PostgresTriggerStore(database),
        PostgresDeliveryStore(database),
        PostgresOutbox(database),
        new_id(),
        new_id(),
    )
    return _Kept(PostgresAccountStore(database), stores)


async def _ready(kept: _Kept) -> Stores:
    owner = NewOwner(
        user_id=kept.stores.user_id,
        email="a@b.c",
        password_hash="h",
        workspace_id=kept.stores.workspace_id,
        workspace="A",
    )
    assert await kept.accounts.create_owner(owner, now=NOW)
    return kept.stores


@pytest.fixture
async def stores(kept: _Kept) -> Stores:
    return await _ready(kept)


async def _workflow(stores: Stores) -> str:
    added = await stores.workflows.add(stores.workspace_id, new_id(), DRAFT, user_id=stores.user_id, now=NOW)
    assert isinstance(added, StoredWorkflow)
    return added.id


def _publication(stores: Stores, workflow_id: str, *triggers: NewTrigger, schedules: int = 0) -> Publication:
    spec = ScheduleSpec(trigger="weekly", cron="0 7 * * MON")
    return Publication(
        workspace_id=stores.workspace_id,
        workflow_id=workflow_id,
        revision=1,
        draft=DRAFT,
        document_hash="0" * 64,
        note="n\u0000",
        user_id=stores.user_id,
        email="a@b.c",
        triggers=triggers,
        schedules=SyncSchedules(
            actor=Actor(workspace_id=stores.workspace_id),
            workflow=WorkflowRef(id=workflow_id, name="hello"),
            version=1,
            schedules=[spec] * schedules,
        ),
        now=NOW,
    )


async def test_numbers_versions_densely_when_many_publish(stores: Stores) -> None:
    workflow_id = await _workflow(stores)
    publication = _publication(stores, workflow_id)
    made = await asyncio.gather(*(stores.versions.publish(publication) for _ in range(4)))
    assert sorted(made, key=str) == [1, 2, 3, 4]
    assert await stores.versions.publish(replace(publication, revision=2)) == "stale"
    assert await stores.versions.publish(replace(publication, workflow_id=new_id())) == "missing"
    kept = await stores.workflows.get(stores.workspace_id, workflow_id)
    assert kept is not None and (kept.published_version, kept.revision) == (4, 1)
    rows = await stores.versions.page(stores.workspace_id, workflow_id, after=None, limit=3)
    rest = await stores.versions.page(stores.workspace_id, workflow_id, after=rows[-1][0], limit=3)
    assert [summary.version for _, summary in rows + rest] == [4, 3, 2, 1]


async def test_keeps_versions_byte_for_byte_and_apart(stores: Stores) -> None:
    workflow_id = await _workflow(stores)
    await stores.versions.publish(_publication(stores, workflow_id))
    version = await stores.versions.get(stores.workspace_id, workflow_id, 1)
    assert version is not None
    assert (version.source, version.layout, version.tests) == (DRAFT.source, DRAFT.layout, DRAFT.tests)
    assert (version.summary.note, version.summary.published_by) == ("n\u0000", "a@b.c")
    assert await stores.versions.get(new_id(), workflow_id, 1) is None
    assert await stores.versions.get(stores.workspace_id, workflow_id, 2) is None
    assert await stores.versions.page(new_id(), workflow_id, after=None, limit=5) == []
    named = await stores.workflows.of_name(stores.workspace_id, "hello")
    assert named is not None and named.id == workflow_id
    assert await stores.workflows.of_name(new_id(), "hello") is None
    assert await stores.workflows.names(stores.workspace_id) == {"hello": 1}
    assert await stores.workflows.names(new_id()) == {}


@pytest.mark.integration
async def test_refuses_to_change_a_version(database: Database) -> None:
    stores = await _ready(_in_postgres(database))
    await stores.versions.publish(_publication(stores, await _workflow(stores)))
    with pytest.raises(DBAPIError, match="a version never changes"):
        async with database.transaction(stores.workspace_id) as session:
            await session.execute(text("UPDATE gateway.versions SET title = 'other'"))


async def test_switches_triggers_with_versions(stores: Stores) -> None:
    workflow_id = await _workflow(stores)
    await stores.versions.publish(_publication(stores, workflow_id, HOOK, PAID))
    ((hook, last_at),) = await stores.triggers.page(stores.workspace_id, after=None, limit=5)
    assert (hook.active, hook.version, last_at) == (True, 1, None)
    assert [one.trigger for one in await stores.triggers.listening(stores.workspace_id, "paid")] == ["paid"]
    assert await stores.triggers.listening(new_id(), "paid") == []
    await stores.versions.publish(_publication(stores, workflow_id))
    off = await stores.triggers.hook(hook.id)
    assert off is not None and (off.active, off.version) == (False, 1)
    assert await stores.triggers.listening(stores.workspace_id, "paid") == []
    await stores.versions.publish(_publication(stores, workflow_id, HOOK))
    again = await stores.triggers.hook(hook.id)
    assert again is not None and (again.active, again.version) == (True, 3)


async def test_keeps_a_hooks_secret_through_versions(stores: Stores) -> None:
    workflow_id = await _workflow(stores)
    await stores.versions.publish(_publication(stores, workflow_id, HOOK))
    ((hook, _),) = await stores.triggers.page(stores.workspace_id, after=None, limit=5)
    assert await stores.triggers.give_secret(stores.workspace_id, hook.id, Sealed("k", b"\0s"))
    assert not await stores.triggers.give_secret(new_id(), hook.id, Sealed("k", b"theirs"))
    await stores.versions.publish(_publication(stores, workflow_id, HOOK))
    kept = await stores.triggers.get(stores.workspace_id, hook.id)
    assert kept is not None and kept.sealed == Sealed("k", b"\0s")
    assert await stores.triggers.get(new_id(), hook.id) is None
    assert await stores.triggers.hook("no id") is None


async def test_tells_schedules_through_the_outbox(stores: Stores) -> None:
    outbox: OutboxStore = stores.outbox
    workflow_id = await _workflow(stores)
    await stores.versions.publish(_publication(stores, workflow_id))
    assert await outbox.due(9, now=LATER) == []
    await stores.versions.publish(_publication(stores, workflow_id, HOOK, schedules=1))
    told = SyncSchedules(
        actor=Actor(workspace_id=stores.workspace_id),
        workflow=WorkflowRef(id=workflow_id, name="hello"),
        version=2,
    )
    assert (
        await stores.workflows.delete(stores.workspace_id, workflow_id, revision=1, told=told, now=NOW)
        == "deleted"
    )
    first, last = await outbox.due(9, now=LATER)
    assert [len(SyncSchedules.model_validate_json(one.payload).schedules) for one in (first, last)] == [1, 0]
    await outbox.postpone(first, until=LATER)
    assert [one.id for one in await outbox.due(9, now=NOW)] == [last.id]
    await outbox.done(last)
    assert await outbox.due(9, now=LATER) == []
    ((hook, _),) = await stores.triggers.page(stores.workspace_id, after=None, limit=5)
    assert not hook.active
    assert await stores.versions.page(stores.workspace_id, workflow_id, after=None, limit=5) == []


async def test_stores_an_event_once_for_a_key(stores: Stores) -> None:
    events = [
        UserEvent(workspace_id=stores.workspace_id, event_id=new_id(), name="e", data="\u0000", at=NOW)
        for _ in range(4)
    ]
    ids = await asyncio.gather(*(stores.outbox.emit(one, key="k", request_hash="h") for one in events))
    assert len(set(ids)) == 1
    assert await stores.outbox.emit(events[0], key="k", request_hash="other") == "conflict"
    assert await stores.outbox.emit(events[1], key=None, request_hash="h") == events[1].event_id
    assert len(await stores.outbox.due(9, now=LATER)) == 2
    await stores.outbox.purge(before=LATER)
    assert await stores.outbox.emit(events[2], key="k", request_hash="other") == events[2].event_id


def _delivery(stores: Stores, trigger_id: str, dedupe: bytes | None = None) -> NewDelivery:
    delivery_id = new_id()
    return NewDelivery(
        id=delivery_id,
        workspace_id=stores.workspace_id,
        trigger_id=trigger_id,
        run_key=f"hook:{delivery_id}",
        data='{"body":"\\u0000"}',
        received_at=NOW,
        dedupe=dedupe,
    )


async def test_keeps_equal_deliveries_once(stores: Stores) -> None:
    trigger_id, other_id = new_id(), new_id()
    first, plain = _delivery(stores, trigger_id, b"a"), _delivery(stores, trigger_id)
    assert await stores.deliveries.add([first, plain]) == [first.id, plain.id]
    again, fresh = _delivery(stores, trigger_id, b"a"), _delivery(stores, other_id, b"a")
    assert await stores.deliveries.add([again, fresh]) == [first.id, fresh.id]
    due = await stores.deliveries.due(10, now=NOW)
    assert [one.id for one in due] == [first.id, plain.id, fresh.id]
    assert {one.data for one in due} == {'{"body":"\\u0000"}'}


async def test_settles_what_became_of_deliveries(stores: Stores) -> None:
    trigger_id, run_id = new_id(), new_id()
    new = [_delivery(stores, trigger_id) for _ in range(4)]
    await stores.deliveries.add(new)
    await stores.deliveries.settle(
        [
            Outcome(new[0].id, "started", run_id=run_id),
            Outcome(new[1].id, "dead", reason="no\u0000"),
            Outcome(new[2].id, "pending", reason="away", next_at=LATER),
            Outcome(new[3].id, "pending", next_at=LATER, counts=False),
        ]
    )
    await stores.deliveries.settle([Outcome(new[0].id, "dead", reason="too late")])
    assert await stores.deliveries.due(9, now=NOW) == []
    assert [(one.id, one.attempts) for one in await stores.deliveries.due(9, now=LATER)] == [
        (new[2].id, 1),
        (new[3].id, 0),
    ]
    rows = await stores.deliveries.page(stores.workspace_id, trigger_id, status=None, after=None, limit=9)
    assert [row.id for row in rows] == [one.id for one in reversed(new)]
    assert [(row.status, row.run_id, row.reason) for row in rows[2:]] == [
        ("dead", None, "no\u0000"),
        ("started", run_id, None),
    ]
    (dead,) = await stores.deliveries.page(
        stores.workspace_id, trigger_id, status="dead", after=None, limit=9
    )
    assert await stores.deliveries.get(stores.workspace_id, trigger_id, dead.id) == dead
    assert await stores.deliveries.get(new_id(), trigger_id, dead.id) is None
    await stores.deliveries.purge(started_before=LATER, dead_before=NOW)
    left = await stores.deliveries.page(stores.workspace_id, trigger_id, status=None, after=None, limit=9)
    assert new[0].id not in {row.id for row in left} and len(left) == 3


@pytest.mark.integration
async def test_lets_one_gateway_lead_and_the_next_take_over(database: Database) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    clock = FakeClock()
    first, second = AdvisoryLeadership(url, clock), AdvisoryLeadership(url, clock)
    assert [await first.is_mine(), await second.is_mine()] == [True, False]
    clock.advance(3)
    assert [await first.is_mine(), await second.is_mine()] == [True, False]
    await first.close()
    clock.advance(3)
    assert await second.is_mine()
    async with database.transaction() as session:
        await session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        )
    clock.advance(3)
    assert not await second.is_mine()
    clock.advance(3)
    assert await second.is_mine()
    await second.close()
