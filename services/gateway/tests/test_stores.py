"""One suite of the stores, over the fakes and over Postgres."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from flowloom_contracts.api import ApiKey, WorkflowFilter
from flowloom_contracts.document import DocumentProblem, ProblemCode
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.postgres import SUPERUSER, ServiceDatabase
from gateway import migrations
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_api_keys import PostgresApiKeyStore
from gateway.adapters.postgres_workflows import PostgresWorkflowStore
from gateway.domain.paging import Place
from gateway.domain.permissions import Role
from gateway.migrate import migrate
from gateway.ports import (
    AccountStore,
    ApiKeyStore,
    Credentials,
    Draft,
    NewOwner,
    NewSession,
    Renewal,
    StoredWorkflow,
    WorkflowStore,
)
from gateway.testing.accounts import InMemoryAccounts
from gateway.testing.workflows import InMemoryWorkflows

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
VERSIONS = Path(migrations.__path__[0]) / "versions"
LATER = NOW + timedelta(days=1)
PROBLEM = DocumentProblem(
    code=ProblemCode.NO_KIND,
    path="steps.a",
    line=1,
    column=1,
    end_line=1,
    end_column=2,
    message="m \u0000",
    hint=None,
)
DRAFT = Draft(
    name="hello",
    title="Hello",
    source="a: 1\r\n# \u00e4\u0000",
    layout={"x": "\u0000", "n": 1.5},
    tests="",
    problems=(PROBLEM,),
    is_valid=False,
)


@dataclass
class Stores:
    accounts: AccountStore
    keys: ApiKeyStore
    credentials: Credentials
    workflows: WorkflowStore


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        accounts = InMemoryAccounts()
        return Stores(accounts, accounts, accounts, InMemoryWorkflows())
    database: Database = request.getfixturevalue("database")
    kept = PostgresAccountStore(database)
    return Stores(kept, PostgresApiKeyStore(database), kept, PostgresWorkflowStore(database))


def _owner(email: str = "Ada@example.org") -> NewOwner:
    return NewOwner(
        user_id=new_id(), email=email, password_hash="hash", workspace_id=new_id(), workspace="Ada"
    )


async def _set_up(stores: Stores) -> NewOwner:
    owner = _owner()
    assert await stores.accounts.create_owner(owner, now=NOW)
    return owner


async def _session(stores: Stores, owner: NewOwner, refresh: bytes = b"r1") -> str:
    session = NewSession(
        id=new_id(),
        user_id=owner.user_id,
        workspace_id=owner.workspace_id,
        refresh_digest=refresh,
        refresh_until=LATER,
        ends_at=LATER + timedelta(days=5),
    )
    await stores.accounts.open_session(session, now=NOW)
    return session.id


def _renewal(presented: bytes, replacement: bytes, now: datetime = NOW) -> Renewal:
    return Renewal(presented=presented, replacement=replacement, refresh_until=LATER, now=now)


async def test_creates_one_owner_when_many_race(stores: Stores) -> None:
    assert not await stores.accounts.is_set_up()
    made = await asyncio.gather(
        *(stores.accounts.create_owner(_owner(f"p{n}@example.org"), now=NOW) for n in range(5))
    )
    assert sorted(made) == [False, False, False, False, True]
    assert await stores.accounts.is_set_up()


async def test_finds_an_account_by_its_normalised_address(stores: Stores) -> None:
    owner = await _set_up(stores)
    found = await stores.accounts.find_account("ada@example.org")
    assert found is not None
    assert (found.user.id, found.user.email) == (owner.user_id, "Ada@example.org")
    assert (found.workspace.id, found.role, found.password_hash) == (owner.workspace_id, Role.OWNER, "hash")
    assert await stores.accounts.find_account("eve@example.org") is None
    member = await stores.accounts.find_member(owner.user_id, owner.workspace_id)
    assert member == (found.user, found.workspace, Role.OWNER)
    assert await stores.accounts.find_member(owner.user_id, new_id()) is None


async def test_renews_a_session_once_per_token(stores: Stores) -> None:
    session_id = await _session(stores, await _set_up(stores))
    renewed = await stores.accounts.renew_session(_renewal(b"r1", b"r2"))
    assert renewed is not None and renewed.id == session_id
    assert await stores.accounts.renew_session(_renewal(b"unknown", b"r3")) is None
    assert await stores.accounts.live_session(session_id, now=NOW) == renewed
    assert await stores.accounts.renew_session(_renewal(b"r1", b"r4")) is None
    assert await stores.accounts.live_session(session_id, now=NOW) is None
    assert await stores.accounts.renew_session(_renewal(b"r2", b"r5")) is None


async def test_treats_two_racing_renewals_as_a_reuse(stores: Stores) -> None:
    session_id = await _session(stores, await _set_up(stores))
    renewed = await asyncio.gather(
        *(stores.accounts.renew_session(_renewal(b"r1", f"n{n}".encode())) for n in range(4))
    )
    assert sum(one is not None for one in renewed) == 1
    assert await stores.accounts.live_session(session_id, now=NOW) is None


async def test_refuses_tokens_and_sessions_that_are_over(stores: Stores) -> None:
    session_id = await _session(stores, await _set_up(stores))
    assert await stores.accounts.renew_session(_renewal(b"r1", b"r2", now=LATER)) is None
    assert await stores.accounts.live_session(session_id, now=LATER) is not None
    assert await stores.accounts.live_session(session_id, now=LATER + timedelta(days=5)) is None


async def test_ends_a_session_by_its_token(stores: Stores) -> None:
    owner = await _set_up(stores)
    first, second = await _session(stores, owner, b"a"), await _session(stores, owner, b"b")
    await stores.accounts.close_session(b"a", now=NOW)
    await stores.accounts.close_session(b"unknown", now=NOW)
    assert await stores.accounts.live_session(first, now=NOW) is None
    assert await stores.credentials.roles_of({first, second}, now=NOW) == {second: Role.OWNER}


async def test_keeps_api_keys_until_they_are_revoked(stores: Stores) -> None:
    owner = await _set_up(stores)
    keys = [
        ApiKey(
            id=new_id(), name=f"k{n}", prefix=f"p{n}", scopes=["runs:read"], created_at=NOW, expires_at=end
        )
        for n, end in enumerate([None, LATER])
    ]
    for key in keys:
        await stores.keys.add(
            key, digest=key.name.encode(), workspace_id=owner.workspace_id, user_id=owner.user_id
        )
    listed = await stores.keys.page(owner.workspace_id, after=None, limit=10)
    assert listed == keys[::-1]
    assert await stores.keys.page(owner.workspace_id, after=keys[1].id, limit=10) == keys[:1]
    live = await stores.keys.live_key(b"k0", now=NOW)
    assert live is not None
    assert (live.id, live.scopes, live.role, live.last_used_at) == (
        keys[0].id,
        ("runs:read",),
        Role.OWNER,
        None,
    )
    assert await stores.keys.live_key(b"k1", now=LATER) is None
    assert not await stores.keys.revoke(new_id(), keys[0].id, now=NOW)
    assert await stores.keys.revoke(owner.workspace_id, keys[0].id, now=NOW)
    assert not await stores.keys.revoke(owner.workspace_id, keys[0].id, now=NOW)
    assert await stores.keys.live_key(b"k0", now=NOW) is None
    ids = {key.id for key in keys}
    assert await stores.credentials.roles_of(ids, now=NOW) == {keys[1].id: Role.OWNER}


async def test_notes_when_a_key_was_used(stores: Stores) -> None:
    owner = await _set_up(stores)
    key = ApiKey(id=new_id(), name="k", prefix="p", scopes=["*"], created_at=NOW)
    await stores.keys.add(key, digest=b"k", workspace_id=owner.workspace_id, user_id=owner.user_id)
    await stores.keys.touch(key.id, now=LATER)
    live = await stores.keys.live_key(b"k", now=NOW)
    assert live is not None and live.last_used_at == LATER


async def _add(stores: Stores, owner: NewOwner, draft: Draft = DRAFT) -> StoredWorkflow:
    added = await stores.workflows.add(owner.workspace_id, new_id(), draft, user_id=owner.user_id, now=NOW)
    assert isinstance(added, StoredWorkflow)
    return added


async def test_keeps_documents_byte_for_byte(stores: Stores) -> None:
    owner = await _set_up(stores)
    added = await _add(stores, owner)
    assert await stores.workflows.get(owner.workspace_id, added.id) == added
    assert added.draft == DRAFT


async def test_replaces_only_the_revision_that_was_read(stores: Stores) -> None:
    owner = await _set_up(stores)
    added = await _add(stores, owner)
    other = await _add(stores, owner, replace(DRAFT, name="other"))

    async def save(workflow_id: str, *, revision: int, name: str = "hello") -> object:
        draft = replace(DRAFT, name=name, source="new")
        return await stores.workflows.replace(
            owner.workspace_id, workflow_id, draft, revision=revision, now=LATER
        )

    saved = await asyncio.gather(*(save(added.id, revision=1) for _ in range(4)))
    assert sorted(type(one).__name__ for one in saved) == ["StoredWorkflow", "str", "str", "str"]
    assert await save(added.id, revision=1) == "stale"
    assert await save(new_id(), revision=1) == "missing"
    assert await save(other.id, revision=1, name="hello") == "name_taken"
    now = await stores.workflows.get(owner.workspace_id, added.id)
    assert now is not None
    assert (now.revision, now.draft.source, now.updated_at) == (2, "new", LATER)


async def test_keeps_workspaces_apart(stores: Stores) -> None:
    owner = await _set_up(stores)
    added = await _add(stores, owner)
    foreign = new_id()
    assert await stores.workflows.get(foreign, added.id) is None
    assert await stores.workflows.page(foreign, WorkflowFilter(), after=None, limit=10) == []
    assert await stores.workflows.replace(foreign, added.id, DRAFT, revision=1, now=NOW) == "missing"
    assert await stores.workflows.delete(foreign, added.id, revision=None, told=None, now=NOW) == "missing"
    assert await stores.workflows.get(owner.workspace_id, "not an id\u0000") is None
    taken = await stores.workflows.add(owner.workspace_id, new_id(), DRAFT, user_id=owner.user_id, now=NOW)
    assert taken == "name_taken"


async def test_lists_and_deletes_documents(stores: Stores) -> None:
    owner = await _set_up(stores)
    ids = [(await _add(stores, owner, replace(DRAFT, name=f"w{n}"))).id for n in range(3)]
    rows = await stores.workflows.page(owner.workspace_id, WorkflowFilter(), after=None, limit=2)
    behind = Place("", rows[-1].id)
    rest = await stores.workflows.page(owner.workspace_id, WorkflowFilter(), after=behind, limit=2)
    assert [row.id for row in rows + rest] == ids[::-1]
    assert (
        await stores.workflows.delete(owner.workspace_id, ids[0], revision=7, told=None, now=NOW) == "stale"
    )
    assert (
        await stores.workflows.delete(owner.workspace_id, ids[0], revision=1, told=None, now=NOW) == "deleted"
    )
    assert (
        await stores.workflows.delete(owner.workspace_id, ids[0], revision=None, told=None, now=NOW)
        == "missing"
    )


@pytest.mark.integration
async def test_migrates_once_when_many_start_together(addresses: ServiceDatabase, database: Database) -> None:
    await asyncio.gather(*(migrate(addresses.owner_url) for _ in range(3)))
    async with database.transaction() as session:
        versions = (await session.execute(text("SELECT version_num FROM gateway.alembic_version"))).all()
    assert [row[0] for row in versions] == [max(path.name[:4] for path in VERSIONS.glob("0*.py"))]


@pytest.mark.integration
async def test_migrations_make_the_tables_that_the_code_uses(addresses: ServiceDatabase) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from gateway.adapters.tables_of_desk import workspace_settings

    def differences(connection: object) -> list[object]:
        options = {"include_schemas": True, "version_table_schema": "gateway"}
        context = MigrationContext.configure(connection, opts=options)  # type: ignore[arg-type]  # a Connection
        return list(compare_metadata(context, workspace_settings.metadata))

    # Somebody whose search path does not begin with the schema sees tables under their whole names.
    engine = create_async_engine(addresses.url.replace("//flowloom_gateway@", f"//{SUPERUSER}@"))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()
