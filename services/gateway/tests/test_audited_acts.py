"""What stores do is written down in the same transaction, in the name of whoever acts (S69)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest

from flowloom_contracts.api import ApiKey
from flowloom_contracts.audit import AuditActor
from flowloom_contracts.automation import SyncSchedules
from flowloom_contracts.base import JsonObject
from flowloom_contracts.mcp import McpTool, SaveMcpServer
from flowloom_contracts.models import SaveModel
from flowloom_contracts.runs import Actor, WorkflowRef
from flowloom_contracts.sign_in import ApiClient
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from gateway.adapters.audit_trail import PostgresAuditLog
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_api_clients import PostgresApiClientStore
from gateway.adapters.postgres_api_keys import PostgresApiKeyStore
from gateway.adapters.postgres_mcp_servers import PostgresMcpServers
from gateway.adapters.postgres_members import PostgresMemberStore
from gateway.adapters.postgres_models import PostgresModelStore
from gateway.adapters.postgres_passwords import PostgresPasswordStore
from gateway.adapters.postgres_roles import PostgresRoleStore
from gateway.adapters.postgres_rules import PostgresRuleStore
from gateway.adapters.postgres_second_factors import PostgresSecondFactorStore
from gateway.adapters.postgres_secrets import PostgresSecretStore
from gateway.adapters.postgres_versions import PostgresVersionStore
from gateway.adapters.postgres_workflows import PostgresWorkflowStore
from gateway.domain.acting import act_as
from gateway.domain.audit import broken_at
from gateway.domain.permissions import Role
from gateway.mcp_ports import StoredMcpServer
from gateway.model_ports import StoredModel
from gateway.ports import Draft, NewOwner, NewSession
from gateway.role_ports import OwnRole
from gateway.testing.gateway import FakeGateway
from gateway.vault_ports import Sealed
from gateway.version_ports import Publication

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ADA = AuditActor(kind="user", id="ada", email="ada@example.org")
DRAFT = Draft(name="hello", title="", source="a: 1", layout={}, tests="", problems=(), is_valid=True)


@pytest.fixture
async def owner_of_all(database: Database) -> NewOwner:
    owner = NewOwner(user_id=new_id(), email="a@b.c", password_hash="h", workspace_id=new_id(), workspace="A")
    assert await PostgresAccountStore(database).create_owner(owner, now=NOW)
    act_as(ADA)
    return owner


async def _entries(database: Database, workspace_id: str) -> list[JsonObject]:
    links = [link async for batch in PostgresAuditLog(database).chain(workspace_id) for link in batch]
    assert broken_at(links) is None
    return [orjson.loads(link.body) for link in links]


async def _actions(database: Database, workspace_id: str) -> list[object]:
    return [entry["action"] for entry in await _entries(database, workspace_id)]


@pytest.mark.integration
async def test_s69_secrets_and_rules_are_written_down(database: Database, owner_of_all: NewOwner) -> None:
    workspace_id = owner_of_all.workspace_id
    secrets, rules = PostgresSecretStore(database), PostgresRuleStore(database)
    await secrets.put(workspace_id, "token", lambda _: Sealed("k", b"canary"), now=NOW)
    assert not await secrets.delete(workspace_id, "other")
    assert await secrets.delete(workspace_id, "token")
    await rules.replace(workspace_id, [], revision=0, user_id=owner_of_all.user_id, now=NOW)
    assert await rules.replace(workspace_id, [], revision=9, user_id=owner_of_all.user_id, now=NOW) is None
    entries = await _entries(database, workspace_id)
    assert [entry["action"] for entry in entries] == ["secret.saved", "secret.deleted", "rules.changed"]
    assert all(entry["actor"] == ADA.model_dump() for entry in entries)
    assert "canary" not in str(entries)


@pytest.mark.integration
async def test_s69_keys_are_written_down(database: Database, owner_of_all: NewOwner) -> None:
    keys, workspace_id = PostgresApiKeyStore(database), owner_of_all.workspace_id
    key = ApiKey(id=new_id(), name="ci", prefix="flk_live_abc", scopes=["runs:read"], created_at=NOW)
    await keys.add(key, digest=b"d", workspace_id=workspace_id, user_id=owner_of_all.user_id)
    assert await keys.revoke(workspace_id, key.id, now=NOW)
    assert not await keys.revoke(workspace_id, key.id, now=NOW)
    assert await _actions(database, workspace_id) == ["api-key.created", "api-key.revoked"]


@pytest.mark.integration
async def test_s69_publications_and_deletions_are_written_down(
    database: Database, owner_of_all: NewOwner
) -> None:
    workspace_id, workflow_id = owner_of_all.workspace_id, new_id()
    workflows, versions = PostgresWorkflowStore(database), PostgresVersionStore(database)
    await workflows.add(workspace_id, workflow_id, DRAFT, user_id=owner_of_all.user_id, now=NOW)
    publication = Publication(
        workspace_id=workspace_id,
        workflow_id=workflow_id,
        revision=1,
        draft=DRAFT,
        document_hash="0" * 64,
        note=None,
        user_id=owner_of_all.user_id,
        email=None,
        triggers=(),
        schedules=SyncSchedules(
            actor=Actor(workspace_id=workspace_id),
            workflow=WorkflowRef(id=workflow_id, name="hello"),
            version=1,
        ),
        now=NOW,
    )
    assert await versions.publish(publication) == 1
    assert await versions.publish(replace(publication, revision=7)) == "stale"
    await workflows.delete(workspace_id, workflow_id, revision=None, told=None, now=NOW)
    entries = await _entries(database, workspace_id)
    assert [entry["action"] for entry in entries] == ["workflow.published", "workflow.deleted"]
    assert entries[0]["details"] == {"document_hash": "0" * 64, "version": 1}


@pytest.mark.integration
async def test_s69_sessions_and_roles_are_written_down(database: Database, owner_of_all: NewOwner) -> None:
    accounts, workspace_id = PostgresAccountStore(database), owner_of_all.workspace_id
    session = NewSession(
        id=new_id(),
        user_id=owner_of_all.user_id,
        workspace_id=workspace_id,
        refresh_digest=b"r",
        refresh_until=NOW + timedelta(days=1),
        ends_at=NOW + timedelta(days=2),
    )
    await accounts.open_session(session, now=NOW)
    await accounts.close_session(b"r", now=NOW)
    await accounts.close_session(b"r", now=NOW)
    members = PostgresMemberStore(database)
    assert await members.give_role(workspace_id, owner_of_all.user_id, Role.VIEWER) == "last_owner"
    assert await members.give_role(workspace_id, owner_of_all.user_id, Role.OWNER) == "done"
    entries = await _entries(database, workspace_id)
    assert [entry["action"] for entry in entries] == [
        "session.opened",
        "session.closed",
        "member.role-changed",
    ]
    assert entries[2]["details"] == {"changes": {"role": "owner"}}


async def test_s69_a_wrong_password_is_written_down(
    gateway: FakeGateway, owner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    for email in ("ada@example.org", "nobody@example.org\n"):
        answer = await stranger.post("/v1/auth/login", json={"email": email, "password": "a wrong password"})
        assert answer.status_code == 401
    refused = [deed for deed in gateway.audit.deeds if deed.outcome == "refused"]
    known, unknown = refused
    assert (await owner.get("/v1/me")).json()["workspace"]["id"] == known.workspace_id
    assert (unknown.target, known.details["account"]) == (None, "ada@example.org")
    assert "wrong password" not in str(gateway.audit.chains)


@pytest.mark.integration
async def test_s69_what_is_done_to_an_account_is_written_down(
    database: Database, owner_of_all: NewOwner
) -> None:
    user_id, workspace_id = owner_of_all.user_id, owner_of_all.workspace_id
    passwords, factors = PostgresPasswordStore(database), PostgresSecondFactorStore(database)
    await passwords.put(user_id, "canary", now=NOW)
    await passwords.add_reset(user_id, b"digest", now=NOW, until=NOW + timedelta(hours=1))
    assert await passwords.use_reset(b"digest", "canary", now=NOW)
    assert await factors.begin(user_id, Sealed("k", b"canary"), now=NOW)
    assert await factors.confirm(user_id, 1, [b"code"], now=NOW)
    await factors.remove(user_id)
    entries = await _entries(database, workspace_id)
    assert [entry["action"] for entry in entries] == [
        "password.changed",
        "password.reset-asked",
        "password.changed",
        "second-factor.changed",
        "second-factor.changed",
    ]
    assert entries[2]["actor"] == {"kind": "user", "id": user_id, "email": "a@b.c"}
    assert "canary" not in str(entries)


@pytest.mark.integration
async def test_s69_what_is_agreed_to_of_a_server_is_written_down(
    database: Database, owner_of_all: NewOwner
) -> None:
    workspace_id, servers = owner_of_all.workspace_id, PostgresMcpServers(database)
    spec = SaveMcpServer(name="crm", url="https://crm.example/mcp")
    tool = McpTool(name="send", digest="a" * 64, effect="once", description="Send.", input_schema={})
    server = StoredMcpServer(new_id(), spec, (tool,), 1, NOW)
    assert await servers.put(workspace_id, server, over=None) == "saved"
    assert await servers.put(workspace_id, server, over=7) == "stale"
    assert await servers.delete(workspace_id, server.id)
    assert await _actions(database, workspace_id) == ["mcp-server.changed", "mcp-server.deleted"]


@pytest.mark.integration
async def test_s69_models_clients_and_roles_are_written_down(
    database: Database, owner_of_all: NewOwner
) -> None:
    workspace_id, models = owner_of_all.workspace_id, PostgresModelStore(database)
    spec = SaveModel(name="large", base_url="https://models.example/v1", model="big")
    model = StoredModel(id=new_id(), spec=spec, sealed=None, revision=1, updated_at=NOW)
    assert await models.put(workspace_id, model, over=None) == "saved"
    assert await models.put(workspace_id, model, over=7) == "stale"
    assert await models.delete(workspace_id, model.id)
    clients = PostgresApiClientStore(database)
    client = ApiClient(id=new_id(), name="c", scopes=["*"], created_by="a@b.c", created_at=NOW)
    await clients.add(client, digest=b"d", workspace_id=workspace_id, user_id=owner_of_all.user_id)
    assert (
        await clients.rotate(workspace_id, client.id, digest=b"e", now=NOW, ends_at=NOW + timedelta(hours=1))
        == "done"
    )
    assert await clients.revoke(workspace_id, client.id, now=NOW)
    roles, made = PostgresRoleStore(database), OwnRole(new_id(), Role("reader", frozenset()), "")
    assert await roles.add(workspace_id, made, now=NOW)
    assert await roles.replace(workspace_id, made, over=made, now=NOW)
    assert await roles.delete(workspace_id, made.id, now=NOW) == []
    assert await _actions(database, workspace_id) == [
        "model.changed",
        "model.deleted",
        "client.created",
        "client.rotated",
        "client.revoked",
        "role.created",
        "role.changed",
        "role.deleted",
    ]
