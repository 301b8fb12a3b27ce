"""Addresses from before it was kept who stands behind them get the person of the key that saved them last."""

import importlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from flowloom_contracts.api import ApiKey
from flowloom_contracts.audit import AuditActor
from flowloom_contracts.notices import SaveEndpoint
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_api_keys import PostgresApiKeyStore
from gateway.adapters.postgres_endpoints import PostgresEndpoints
from gateway.domain.acting import NOBODY, act_as
from gateway.notice_ports import StoredEndpoint
from gateway.ports import NewOwner
from gateway.vault_ports import Sealed

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
MIGRATION = importlib.import_module("gateway.migrations.versions.0018_name_the_subscribers_of_keys")


@pytest.mark.integration
async def test_the_person_of_the_key_that_saved_it_last_stands_behind_it(database: Database) -> None:
    user_id, workspace_id, key_id = new_id(), new_id(), new_id()
    owner = NewOwner(
        user_id=user_id, email="a@b.c", password_hash="h", workspace_id=workspace_id, workspace="A"
    )
    assert await PostgresAccountStore(database).create_owner(owner, now=NOW)
    key = ApiKey(id=key_id, name="k", prefix="flk_", scopes=["*"], created_at=NOW)
    await PostgresApiKeyStore(database).add(key, digest=b"d", workspace_id=workspace_id, user_id=user_id)
    endpoints = PostgresEndpoints(database)
    by_key = await _saved(endpoints, workspace_id, AuditActor(kind="api_key", id=key_id))
    by_nobody = await _saved(endpoints, workspace_id, AuditActor(kind="api_key", id=new_id()))
    async with database.transaction(EVERY_WORKSPACE) as session:
        await session.execute(text(MIGRATION.AS_WRITTEN_DOWN))
    found = {one.id: one.subscriber_id for one in await endpoints.all(workspace_id)}
    assert found == {by_key: user_id, by_nobody: None}


async def _saved(endpoints: PostgresEndpoints, workspace_id: str, actor: AuditActor) -> str:
    """Save an address as it was saved before anybody stood behind it."""
    spec = SaveEndpoint(url="https://h.example/", events=["run_failed"])
    endpoint = StoredEndpoint(new_id(), workspace_id, spec, Sealed("k1", b"s"), NOW)
    act_as(actor)
    await endpoints.add(endpoint)
    act_as(NOBODY)
    return endpoint.id
