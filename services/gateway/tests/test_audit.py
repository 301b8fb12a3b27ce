"""The audit log: written once, chained, read by admins, exported, checked."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from flowloom_contracts.audit import AuditAction, AuditActor, AuditEvent, AuditTarget
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.postgres import ServiceDatabase
from gateway.adapters.audit_trail import PostgresAuditLog, record
from gateway.audit_ports import AuditFilter, AuditLog
from gateway.domain.audit import Deed, Link, broken_at
from gateway.domain.permissions import Role
from gateway.testing.audit import InMemoryAudit
from gateway.testing.gateway import APP_TOKEN, AsMember, FakeGateway
from gateway.usecases.audit import check_chain
from gateway.verify_audit import links_of, verify

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
EVERYTHING = AuditFilter()


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def log(request: pytest.FixtureRequest) -> AuditLog:
    if request.param == "memory":
        return InMemoryAudit()
    return PostgresAuditLog(request.getfixturevalue("database"))


def _deed(workspace_id: str, name: str = "a", *, minutes: int = 0, refused: bool = False) -> Deed:
    return Deed(
        action=AuditAction.SECRET_SAVED,
        workspace_id=workspace_id,
        actor=AuditActor(kind="user", id="ada", email="ada@example.org"),
        at=NOW + timedelta(minutes=minutes),
        target=AuditTarget(kind="secret", id=name, name=name),
        outcome="refused" if refused else "done",
    )


async def _all(log: AuditLog, workspace_id: str) -> list[Link]:
    return [link async for batch in log.chain(workspace_id) for link in batch]


async def test_chains_entries_of_each_workspace_when_many_are_written_at_once(log: AuditLog) -> None:
    ours, theirs = new_id(), new_id()
    await asyncio.gather(*(log.add(_deed(ours, f"s{n}")) for n in range(4)), log.add(_deed(theirs)))
    links = await _all(log, ours)
    assert [link.n for link in links] == [1, 2, 3, 4]
    assert broken_at(links) is None and broken_at(await _all(log, theirs)) is None
    assert await check_chain(log.chain(ours)) == (4, links[-1].hash, None)


async def test_adds_a_source_once(log: AuditLog) -> None:
    workspace_id = new_id()
    for _ in range(2):
        await log.add(_deed(workspace_id), source="event-1")
    await log.add(_deed(workspace_id), source="event-2")
    assert [link.n for link in await _all(log, workspace_id)] == [1, 2]


async def test_narrows_and_pages(log: AuditLog) -> None:
    workspace_id = new_id()
    for number in range(3):
        await log.add(_deed(workspace_id, f"s{number}", minutes=number, refused=number == 1))
    assert await log.page(new_id(), EVERYTHING, before=None, limit=9) == []

    async def numbers(wanted: AuditFilter, before: int | None = None) -> list[int]:
        return [link.n for link in await log.page(workspace_id, wanted, before=before, limit=2)]

    assert await numbers(EVERYTHING) == [3, 2]
    assert await numbers(EVERYTHING, before=2) == [1]
    assert await numbers(AuditFilter(outcome="refused")) == [2]
    assert await numbers(AuditFilter(target_kind="secret", target_id="s2")) == [3]
    assert await numbers(AuditFilter(actor_id="nobody")) == []
    since, until = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)
    assert await numbers(AuditFilter(action="secret.saved", since=since, until=until)) == [2]


@pytest.mark.integration
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE gateway.audit_entries SET body = body",
        "DELETE FROM gateway.audit_entries",
        "TRUNCATE gateway.audit_entries",
    ],
)
async def test_s69_refuses_to_change_the_log(addresses: ServiceDatabase, statement: str) -> None:
    owner = Database(addresses.owner_url, pool_size=1)
    try:
        with pytest.raises(DBAPIError, match="the audit log never changes"):
            async with owner.transaction() as session:
                await session.execute(text(statement))
    finally:
        await owner.close()


@pytest.mark.integration
@pytest.mark.parametrize(
    "statement", ["UPDATE gateway.audit_entries SET body = body", "DELETE FROM gateway.audit_entries"]
)
async def test_s69_refuses_the_gateway_as_well(database: Database, statement: str) -> None:
    workspace_id = new_id()
    await PostgresAuditLog(database).add(_deed(workspace_id))
    with pytest.raises(DBAPIError, match="the audit log never changes"):
        async with database.transaction(workspace_id) as session:
            await session.execute(text(statement))


@pytest.mark.integration
async def test_s69_writes_a_deed_with_its_change_or_not_at_all(database: Database) -> None:
    workspace_id = new_id()

    async def fail() -> None:
        async with database.transaction(workspace_id) as session:
            await record(session, _deed(workspace_id))
            raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError):
        await fail()
    assert await _all(PostgresAuditLog(database), workspace_id) == []


@pytest.mark.integration
async def test_s69_shows_what_was_changed_behind_its_back(
    database: Database, addresses: ServiceDatabase, superuser: Callable[[str, str], Awaitable[None]]
) -> None:
    log, ours, theirs = PostgresAuditLog(database), new_id(), new_id()
    for workspace_id in (ours, ours, ours, theirs):
        await log.add(_deed(workspace_id))
    assert await verify(addresses.url, []) == []
    await superuser(
        addresses.url,
        "SET session_replication_role = replica;"
        f"DELETE FROM gateway.audit_entries WHERE n = 2 AND workspace_id = '{ours}'",
    )
    assert await verify(addresses.url, []) == [f"workspace {ours}: the chain breaks at entry 2"]


def test_shows_an_entry_that_was_changed_left_out_or_moved() -> None:
    log, workspace_id = InMemoryAudit(), new_id()
    for number in range(3):
        log.record(_deed(workspace_id, f"s{number}"))
    first, second, third = log.chains[workspace_id]
    changed = Link(2, second.body.replace("s1", "s9"), second.previous, second.hash)
    assert broken_at([first, second, third]) is None
    assert broken_at([first, changed, third]) == 2
    assert broken_at([first, third]) == 2
    assert broken_at([second, first, third]) == 1


async def test_s69_is_neutral_against_what_terminals_and_spreadsheets_obey(
    gateway: FakeGateway, owner: httpx.AsyncClient
) -> None:
    workspace_id = (await owner.get("/v1/me")).json()["workspace"]["id"]
    hostile = "x\n2026 admin did it\r\x1b[2J\u202e%0a\u2028=1+1"
    deed = _deed(workspace_id, hostile)
    gateway.audit.record(
        Deed(deed.action, workspace_id, deed.actor, deed.at, deed.target, {hostile: hostile})
    )
    shown = await owner.get("/v1/audit")
    exported = await owner.get("/v1/audit/export")
    assert shown.json()["items"][0]["target"]["id"].startswith("x\\u{a}2026 admin")
    for answer in (shown.text, exported.text):
        assert not set(answer.replace("\n", "")) & {"\r", "\x1b", "\u202e", "\u2028"}
    assert "%0a" in exported.text and len(exported.text.splitlines()) == 3
    table = await owner.get("/v1/audit/export", params={"format": "csv"})
    rows = list(csv.reader(io.StringIO(table.text)))
    assert [len(row) for row in rows] == [11, 11, 11, 11]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


async def test_exports_a_chain_that_can_be_checked(gateway: FakeGateway, owner: httpx.AsyncClient) -> None:
    workspace_id = (await owner.get("/v1/me")).json()["workspace"]["id"]
    gateway.audit.record(_deed(workspace_id, "ä"))
    answer = await owner.get("/v1/audit/export")
    assert answer.headers["content-type"] == "application/jsonl"
    lines = answer.content.splitlines()
    named, links = links_of(lines)
    assert (named, broken_at(links), len(links)) == (workspace_id, None, 2)
    assert orjson.loads(lines[-1]) == {"head": links[-1].hash.hex(), "count": 2}
    assert orjson.loads(links[-1].body)["action"] == "audit.exported"


async def test_pages_through_the_interface(gateway: FakeGateway, owner: httpx.AsyncClient) -> None:
    workspace_id = (await owner.get("/v1/me")).json()["workspace"]["id"]
    for number in range(3):
        gateway.audit.record(_deed(workspace_id, f"s{number}"))
    gateway.audit.record(_deed(new_id(), "theirs"))
    asked = {"action": "secret.saved", "limit": 2}
    first = (await owner.get("/v1/audit", params=asked)).json()
    rest = (await owner.get("/v1/audit", params=asked | {"cursor": first["next_cursor"]})).json()
    assert [item["target"]["id"] for item in first["items"] + rest["items"]] == ["s2", "s1", "s0"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    "wrong",
    [{"cursor": "x"}, {"cursor": "1" * 30}, {"action": "no.such"}, {"since": "2026-01-01"}, {"limit": 0}],
)
async def test_refuses_a_question_that_is_none(owner: httpx.AsyncClient, wrong: dict[str, str]) -> None:
    assert (await owner.get("/v1/audit", params=wrong)).status_code == 422


@pytest.mark.parametrize("path", ["/v1/audit", "/v1/audit/export"])
async def test_only_admins_read_it(stranger: httpx.AsyncClient, as_member: AsMember, path: str) -> None:
    editor, admin = await as_member("e@x.org", Role.EDITOR), await as_member("a@x.org", Role.ADMIN)
    answers = [(await client.get(path)).status_code for client in (stranger, editor, admin)]
    assert answers == [401, 403, 200]


async def test_hears_the_deeds_of_other_services_once(
    gateway: FakeGateway, stranger: httpx.AsyncClient
) -> None:
    workspace_id = new_id()
    event = AuditEvent(
        event_id="decision-1",
        workspace_id=workspace_id,
        at=NOW,
        action=AuditAction.APPROVAL_DECIDED,
        actor=AuditActor(kind="user", id="ada"),
        target=AuditTarget(kind="approval", id="ok"),
    )
    envelope = {"id": "1", "type": "t", "source": "orchestrator", "data": event.model_dump(mode="json")}
    path = "/subscriptions/audit-events"
    assert (await stranger.post(path, json=envelope)).status_code == 401
    for _ in range(2):
        answer = await stranger.post(path, json=envelope, headers={"dapr-api-token": APP_TOKEN})
        assert answer.json() == {"status": "SUCCESS"}
    assert [deed.action for deed in gateway.audit.deeds if deed.workspace_id == workspace_id] == [
        AuditAction.APPROVAL_DECIDED
    ]


async def _nothing() -> AsyncIterator[list[Link]]:
    for nothing in ():
        yield nothing


async def test_an_empty_chain_is_whole() -> None:
    assert await check_chain(_nothing()) == (0, bytes(32), None)
