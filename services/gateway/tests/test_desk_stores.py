"""One suite of the stores of settings and notices, over fakes and Postgres."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.mcp import McpTool, SaveMcpServer
from flowloom_contracts.models import SaveModel
from flowloom_contracts.notices import Notification, NotificationChoice, SaveEndpoint
from flowloom_contracts.preferences import SaveSettings, WorkspacePolicy
from flowloom_contracts.sharing import Share
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_agents import PostgresAgentStore
from gateway.adapters.postgres_endpoints import PostgresEndpoints
from gateway.adapters.postgres_mcp_servers import PostgresMcpServers
from gateway.adapters.postgres_models import PostgresModelStore
from gateway.adapters.postgres_notifications import PostgresNotifications
from gateway.adapters.postgres_outbox import PostgresOutbox
from gateway.adapters.postgres_settings import PostgresSettingsStore
from gateway.adapters.postgres_sharing import PostgresSharing
from gateway.agent_ports import AgentStore, StoredAgent
from gateway.desk_ports import SettingsStore
from gateway.mcp_ports import McpServerStore, StoredMcpServer
from gateway.model_ports import ModelStore, StoredModel
from gateway.notice_ports import (
    CallOutcome,
    EndpointStore,
    NewCall,
    NewNotification,
    NotificationStore,
    StoredEndpoint,
)
from gateway.ports import NewOwner
from gateway.sharing_ports import SharingStore
from gateway.testing.agents import InMemoryAgents
from gateway.testing.automation import InMemoryOutbox
from gateway.testing.desk import InMemorySettings
from gateway.testing.mcp import InMemoryMcpServers
from gateway.testing.models import InMemoryModels
from gateway.testing.notices import InMemoryEndpoints, InMemoryNotifications
from gateway.testing.sharing import InMemorySharing
from gateway.vault_ports import Sealed
from gateway.version_ports import OutboxStore

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@dataclass
class Stores:
    settings: SettingsStore
    outbox: OutboxStore
    models: ModelStore
    mcp: McpServerStore
    people: NotificationStore
    endpoints: EndpointStore
    shares: SharingStore
    agents: AgentStore
    user_id: str
    workspace_id: str


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def database_or_none(request: pytest.FixtureRequest) -> Database | None:
    if request.param == "memory":
        return None
    found: Database = request.getfixturevalue("database")
    return found


@pytest.fixture
async def stores(database_or_none: Database | None) -> Stores:
    user_id, workspace_id, database = new_id(), new_id(), database_or_none
    if database is None:
        outbox = InMemoryOutbox()
        return Stores(
            InMemorySettings(outbox),
            outbox,
            InMemoryModels(),
            InMemoryMcpServers(),
            InMemoryNotifications(),
            InMemoryEndpoints(),
            InMemorySharing(),
            InMemoryAgents(),
            user_id,
            workspace_id,
        )
    owner = NewOwner(
        user_id=user_id, email="a@b.c", password_hash="h", workspace_id=workspace_id, workspace="A"
    )
    assert await PostgresAccountStore(database).create_owner(owner, now=NOW)
    return Stores(
        PostgresSettingsStore(database),
        PostgresOutbox(database),
        PostgresModelStore(database),
        PostgresMcpServers(database),
        PostgresNotifications(database),
        PostgresEndpoints(database),
        PostgresSharing(database),
        PostgresAgentStore(database),
        user_id,
        workspace_id,
    )


async def test_keeps_agents_by_name_and_revision(stores: Stores) -> None:
    definition = AgentDefinition(kind="qa", role="Critic", goal="Find \u00e4", tools=["qa.assert"])
    agent = StoredAgent("critic", definition, 1, NOW)
    agents, mine, user_id = stores.agents, stores.workspace_id, stores.user_id
    assert await agents.put(mine, agent, user_id=user_id, over=None) == "saved"
    assert await agents.put(mine, agent, user_id=user_id, over=None) == "stale"
    assert await agents.get(mine, "critic") == agent
    changed = replace(agent, revision=2, definition=definition.model_copy(update={"tools": None}))
    assert await agents.put(mine, changed, user_id=user_id, over=7) == "stale"
    assert await agents.put(mine, changed, user_id=user_id, over=1) == "saved"
    assert await agents.all(mine) == [changed]
    stranger = new_id()
    assert (await agents.all(stranger), await agents.get(stranger, "critic")) == ([], None)
    assert await agents.delete(stranger, "critic", over=2) == "stale"
    assert await agents.delete(mine, "critic", over=1) == "stale"
    assert await agents.delete(mine, "critic", over=2) == "deleted"
    assert await agents.get(mine, "critic") is None


async def test_keeps_models_by_name_and_revision(stores: Stores) -> None:
    spec = SaveModel(name="large", base_url="https://m.example/v1", model="big", extra_body={"a": "\u00e4"})
    model = StoredModel(new_id(), spec, Sealed("k1", b"\x00sealed"), 1, NOW)
    models, mine = stores.models, stores.workspace_id
    assert await models.put(mine, model, over=None) == "saved"
    assert await models.put(mine, replace(model, id=new_id()), over=None) == "name_taken"
    assert await models.get(mine, model.id) == model == await models.of_name(mine, "large")
    changed = replace(model, sealed=None, revision=2)
    assert await models.put(mine, changed, over=7) == "stale"
    assert await models.put(mine, changed, over=1) == "saved"
    assert await models.all(mine) == [changed]
    stranger = new_id()
    assert (await models.all(stranger), await models.get(stranger, model.id)) == ([], None)
    assert (await models.delete(stranger, model.id), await models.delete(mine, model.id)) == (False, True)
    assert await models.of_name(mine, "large") is None


async def test_keeps_mcp_servers_by_name_and_revision(stores: Stores) -> None:
    spec = SaveMcpServer(name="crm", url="https://crm.example/mcp")
    schema: JsonObject = {"type": "object", "properties": {"n": {"type": "integer"}}}
    tool = McpTool(name="send", digest="a" * 64, effect="once", description="S\u00e4nd.", input_schema=schema)
    server = StoredMcpServer(new_id(), spec, (tool,), 1, NOW)
    servers, mine = stores.mcp, stores.workspace_id
    assert await servers.put(mine, server, over=None) == "saved"
    assert await servers.put(mine, replace(server, id=new_id()), over=None) == "name_taken"
    assert await servers.get(mine, server.id) == server == await servers.of_name(mine, "crm")
    changed = replace(server, tools=(), revision=2)
    assert await servers.put(mine, changed, over=7) == "stale"
    assert await servers.put(mine, changed, over=1) == "saved"
    assert await servers.all(mine) == [changed]
    stranger = new_id()
    assert (await servers.all(stranger), await servers.get(stranger, server.id)) == ([], None)
    assert (await servers.delete(stranger, server.id), await servers.delete(mine, server.id)) == (False, True)
    assert await servers.of_name(mine, "crm") is None


async def test_keeps_with_whom_workflows_are_shared(stores: Stores) -> None:
    mine, other, workflow_id = stores.workspace_id, new_id(), new_id()
    anna = Share(kind="member", who=stores.user_id, reach="edit")
    viewers = Share(kind="role", who="viewer", reach="view")
    assert (await stores.shares.restricted((mine,)))[mine] == {}
    before: list[Share] | None = None
    for shares in ([anna], [anna, viewers], []):
        for outcome in ("saved", "stale"):
            assert outcome == await stores.shares.replace(
                mine, workflow_id, shares, over=before, user_id=stores.user_id, now=NOW
            )
        assert (await stores.shares.restricted((mine,)))[mine] == {workflow_id: shares}
        before = shares
    found = await stores.shares.restricted((mine, other))
    assert found == {mine: {workflow_id: []}, other: {}}
    for over, outcome in (([anna], "stale"), ([], "saved")):
        assert outcome == await stores.shares.replace(
            mine, workflow_id, None, over=over, user_id=stores.user_id, now=NOW
        )
    assert (await stores.shares.restricted((mine,)))[mine] == {}


async def test_of_two_who_restrict_a_workflow_at_once_one_is_stale(stores: Stores) -> None:
    mine, workflow_id = stores.workspace_id, new_id()
    outcomes = await asyncio.gather(
        *(
            stores.shares.replace(
                mine,
                workflow_id,
                [Share(kind="role", who=who, reach="view")],
                over=None,
                user_id=stores.user_id,
                now=NOW,
            )
            for who in ("viewer", "editor")
        )
    )
    assert sorted(outcomes) == ["saved", "stale"]


async def test_saves_settings_over_those_that_were_read_and_leaves_word(stores: Stores) -> None:
    fresh = await stores.settings.get(stores.workspace_id)
    assert (fresh.settings, fresh.revision, fresh.updated_at) == (SaveSettings(), 0, None)
    strict = SaveSettings(self_approval="forbid", run_retention_days=3)
    saving = [
        stores.settings.replace(stores.workspace_id, strict, revision=0, user_id=stores.user_id, now=NOW)
        for _ in range(2)
    ]
    saved = await asyncio.gather(*saving)
    assert saved.count("stale") == 1
    kept = await stores.settings.get(stores.workspace_id)
    assert (kept.settings, kept.revision, kept.updated_at) == (strict, 1, NOW)
    (item,) = await stores.outbox.due(10, now=NOW)
    told = WorkspacePolicy.model_validate_json(item.payload)
    assert (item.kind, told.revision, told.run_retention_days) == ("policy", 1, 3)
    assert (await stores.settings.get(new_id())).revision == 0


def _notification(stores: Stores, source: str, *, email: str | None = None) -> NewNotification:
    shown = Notification(id=new_id(), kind="run_failed", title="brief failed", body="", created_at=NOW)
    return NewNotification(stores.workspace_id, stores.user_id, source, shown, in_app=True, email=email)


async def test_keeps_a_notification_once_and_what_was_read(stores: Stores) -> None:
    people, me = stores.people, (stores.workspace_id, stores.user_id)
    first, second = _notification(stores, "a"), _notification(stores, "b", email="a@b.c")
    assert await people.add(stores.workspace_id, [first, second]) == 2
    assert await people.add(stores.workspace_id, [_notification(stores, "a")]) == 0
    assert [one.id for one in await people.page(*me, unread=False, after=None, limit=5)] == [
        second.shown.id,
        first.shown.id,
    ]
    await people.mark(*me, [first.shown.id, "none"], read_at=NOW)
    assert await people.unread(*me) == 1
    assert [one.id for one in await people.page(*me, unread=True, after=None, limit=5)] == [second.shown.id]
    stranger = (new_id(), stores.user_id)
    await people.mark(*stranger, None, read_at=NOW)
    assert (await people.unread(*me), await people.unread(*stranger)) == (1, 0)
    (mail,) = await people.mails(5, now=NOW)
    assert (mail.email, mail.shown.id, mail.attempts) == ("a@b.c", second.shown.id, 0)
    await people.mailed(mail, next_at=LATER)
    assert await people.mails(5, now=NOW) == []
    (again,) = await people.mails(5, now=LATER)
    await people.mailed(again, next_at=None)
    assert (again.attempts, await people.mails(5, now=LATER)) == (1, [])
    await people.purge(before=LATER)
    assert await people.page(*me, unread=False, after=None, limit=5) == []


async def test_keeps_what_people_choose(stores: Stores) -> None:
    ask = (stores.workspace_id, [stores.user_id])
    choice = NotificationChoice(kind="run_failed", in_app=False, mail=True)
    for mail in (True, False):
        await stores.people.choose(*ask[:1], stores.user_id, [choice.model_copy(update={"mail": mail})])
    (kept,) = (await stores.people.choices(*ask))[stores.user_id]
    assert (kept.in_app, kept.mail) == (False, False)
    assert not (await stores.people.choices(new_id(), [stores.user_id])).get(stores.user_id)


def _endpoint(stores: Stores) -> StoredEndpoint:
    spec = SaveEndpoint(url="https://h.example/", events=["run_failed"])
    sealed, subscriber = Sealed("k1", b"\x00s"), stores.user_id
    return StoredEndpoint(new_id(), stores.workspace_id, spec, sealed, NOW, subscriber_id=subscriber)


async def test_keeps_calls_until_they_are_made(stores: Stores) -> None:
    mine, endpoint = stores.workspace_id, _endpoint(stores)
    await stores.endpoints.add(endpoint)
    assert await stores.endpoints.all(mine) == [endpoint] == [await stores.endpoints.get(mine, endpoint.id)]
    assert (await stores.endpoints.all(new_id()), await stores.endpoints.get(new_id(), endpoint.id)) == (
        [],
        None,
    )
    call = NewCall(new_id(), mine, endpoint.id, "e-1", "run_failed", {"a": "\u00e4"}, NOW)
    await stores.endpoints.add_calls(mine, [call, replace(call, id=new_id())])
    (due,) = await stores.endpoints.due(5, now=NOW)
    assert due.new == call
    failed = CallOutcome(due, "pending", NOW, next_at=LATER, answer=500, error="It answered 500.")
    assert await stores.endpoints.settle(failed) == NOW
    assert await stores.endpoints.due(5, now=NOW) == []
    (again,) = await stores.endpoints.due(5, now=LATER)
    assert (again.attempts, again.answer) == (1, 500)
    assert await stores.endpoints.settle(replace(failed, call=again, at=LATER)) == NOW
    untried = CallOutcome(again, "pending", LATER, next_at=LATER, error="not told", is_tried=False)
    assert await stores.endpoints.settle(untried) is None
    (again,) = await stores.endpoints.due(5, now=LATER)
    assert (again.attempts, again.error) == (2, "not told")
    assert (await stores.endpoints.all(mine))[0].failing_since == NOW
    assert await stores.endpoints.settle(CallOutcome(again, "delivered", LATER, answer=204)) is None
    found = await stores.endpoints.calls(mine, endpoint.id, status="delivered", after=None, limit=5)
    assert [(one.new.id, one.delivered_at) for one in found] == [(call.id, LATER)]
    assert await stores.endpoints.call(mine, endpoint.id, call.id) == found[0]
    assert await stores.endpoints.call(new_id(), endpoint.id, call.id) is None
    assert await stores.endpoints.disable(mine, endpoint.id, reason="tired")
    assert not await stores.endpoints.disable(mine, endpoint.id, reason="again")
    await stores.endpoints.purge_calls(before=LATER)
    assert await stores.endpoints.calls(mine, endpoint.id, status=None, after=None, limit=5) == []
    assert (await stores.endpoints.delete(new_id(), endpoint.id)) is False
    assert (await stores.endpoints.delete(mine, endpoint.id)) is True


async def test_replaces_an_address_that_is_as_it_was_read(stores: Stores) -> None:
    mine, endpoint = stores.workspace_id, _endpoint(stores)
    await stores.endpoints.add(endpoint)
    spec = SaveEndpoint(url="https://h.example/2", events=["run_failed"])
    moved, renewed = replace(endpoint, spec=spec), replace(endpoint, sealed=Sealed("k1", b"\x01t"))
    assert await stores.endpoints.disable(mine, endpoint.id, reason="what calls say of it is no change")
    assert await stores.endpoints.replace(moved, over=endpoint)
    for late in (moved, renewed):
        assert not await stores.endpoints.replace(late, over=endpoint)
    assert await stores.endpoints.get(mine, endpoint.id) == moved
    assert await stores.endpoints.replace(replace(renewed, spec=spec), over=moved)
    assert not await stores.endpoints.replace(moved, over=moved)
    assert not await stores.endpoints.replace(replace(moved, workspace_id=new_id()), over=moved)
    assert await stores.endpoints.delete(mine, endpoint.id)
    assert not await stores.endpoints.replace(renewed, over=renewed)


async def test_leaves_out_calls_that_tell_of_a_closed_workflow(stores: Stores) -> None:
    mine, endpoint = stores.workspace_id, _endpoint(stores)
    await stores.endpoints.add(endpoint)
    told: list[JsonObject] = [{}, {"workflow": {"id": "open"}}, {"workflow": {"id": "closed"}}]
    calls = [
        NewCall(new_id(), mine, endpoint.id, f"e-{n}", "run_failed", payload, NOW)
        for n, payload in enumerate(told)
    ]
    await stores.endpoints.add_calls(mine, calls)

    async def shown(*closed: str) -> list[str | None]:
        found = await stores.endpoints.calls(
            mine, endpoint.id, status=None, after=None, limit=5, closed=closed
        )
        return [one.workflow_id for one in found]

    assert await shown() == ["closed", "open", None]
    assert await shown("closed", "other") == ["open", None]
