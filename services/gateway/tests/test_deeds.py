"""What is done in the memory service is in the log, whatever breaks between the two stores."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from flowloom_contracts.audit import AuditAction, AuditActor, AuditTarget
from flowloom_servicekit.errors import StorageUnavailableError, UpstreamError
from flowloom_servicekit.ids import new_id
from gateway.adapters.postgres_outbox import PostgresOutbox
from gateway.domain.audit import Deed, begun_in
from gateway.domain.permissions import Role
from gateway.testing.automation import InMemoryOutbox
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.usecases.deeds import UNTIL

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
GONE = AuditAction.COLLECTION_DELETED


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def store(request: pytest.FixtureRequest) -> InMemoryOutbox | PostgresOutbox:
    if request.param == "memory":
        return InMemoryOutbox()
    return PostgresOutbox(request.getfixturevalue("database"))


async def test_a_deed_is_due_when_nobody_is_expected_to_tell_its_end(
    store: InMemoryOutbox | PostgresOutbox,
) -> None:
    target = AuditTarget(kind="collection", id="manuals", name="manuals")
    actor = AuditActor(kind="user", id=new_id(), email="editor@example.org")
    deed = Deed(GONE, new_id(), actor, NOW, target, {"documents": 1})
    for deed_id in ("one", "two"):
        await store.keep(deed_id, deed, until=NOW + UNTIL)
    assert await store.due(9, now=NOW) == []
    await store.drop("one")
    (item,) = await store.due(9, now=NOW + UNTIL)
    assert (item.kind, item.about) == ("deed", "two")
    assert begun_in(item.payload) == replace(deed, details={"documents": 1, "confirmed": False})
    await store.done(item)
    assert await store.due(9, now=NOW + UNTIL) == []


@pytest.fixture
async def editor(as_member: AsMember) -> httpx.AsyncClient:
    client = await as_member("editor@example.org", Role.EDITOR)
    assert (await client.post("/v1/collections", json={"name": "manuals"})).status_code == 201
    return client


def told(gateway: FakeGateway) -> list[Deed]:
    return [deed for deed in gateway.audit.deeds if deed.action is GONE]


def kept(gateway: FakeGateway) -> list[str]:
    return [item.about for item in gateway.outbox.items if item.kind == "deed"]


async def much_later(gateway: FakeGateway) -> None:
    gateway.clock.advance(UNTIL.total_seconds() + 1)
    await gateway.relay()


async def test_a_deed_is_kept_before_it_is_done_and_written_down_once(
    editor: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    knowledge, seen = gateway.desk.knowledge, list[int]()
    delete = knowledge.delete_collection

    async def watched(request):  # type: ignore[no-untyped-def]  # the fake's own signature
        seen.append(len(kept(gateway)))
        return await delete(request)

    monkeypatch.setattr(knowledge, "delete_collection", watched)
    assert (await editor.delete("/v1/collections/manuals")).status_code == 200
    assert (seen, kept(gateway)) == ([1], [])
    await much_later(gateway)
    assert [deed.details for deed in told(gateway)] == [{"documents": 0}]


async def test_what_was_done_is_written_down_when_nobody_came_that_far(
    editor: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = gateway.desk.knowledge.delete_collection

    async def lost(request):  # type: ignore[no-untyped-def]  # the fake's own signature
        await delete(request)
        raise UpstreamError("the answer was lost")

    monkeypatch.setattr(gateway.desk.knowledge, "delete_collection", lost)
    assert (await editor.delete("/v1/collections/manuals")).status_code == 503
    assert (told(gateway), len(kept(gateway))) == ([], 1)
    await gateway.relay()
    assert told(gateway) == [], "whoever does it may still tell its end"
    await much_later(gateway)
    (deed,) = told(gateway)
    assert (deed.actor.email, deed.target and deed.target.name) == ("editor@example.org", "manuals")
    assert deed.details == {"confirmed": False}
    assert gateway.clock.now() - deed.at > timedelta(minutes=9), "it says when it was begun"
    assert kept(gateway) == []


async def test_what_was_refused_is_not_written_down(editor: httpx.AsyncClient, gateway: FakeGateway) -> None:
    assert (await editor.delete("/v1/collections/others")).status_code == 404
    assert kept(gateway) == []
    await much_later(gateway)
    assert told(gateway) == []


async def test_what_cannot_be_written_down_now_is_written_down_later(
    editor: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object, **__: object) -> None:
        raise StorageUnavailableError("busy")

    with monkeypatch.context() as patched:
        patched.setattr(gateway.audit, "add", busy)
        assert (await editor.delete("/v1/collections/manuals")).status_code == 200
        await much_later(gateway)
    assert told(gateway) == []
    await much_later(gateway)
    assert len(told(gateway)) == 1


async def test_nothing_is_done_that_could_not_be_kept(
    editor: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object, **__: object) -> None:
        raise StorageUnavailableError("busy")

    with monkeypatch.context() as patched:
        patched.setattr(gateway.outbox, "keep", busy)
        assert (await editor.delete("/v1/collections/manuals")).status_code == 503
    assert (await editor.get("/v1/collections/manuals")).status_code == 200
