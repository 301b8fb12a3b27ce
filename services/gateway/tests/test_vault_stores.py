"""One suite of the stores of secrets and rules, over fakes and Postgres."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from flowloom_contracts.api import Secret
from flowloom_contracts.rules import Rule
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import PreconditionFailedError
from flowloom_servicekit.ids import new_id
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_rules import PostgresRuleStore
from gateway.adapters.postgres_secrets import PostgresSecretStore
from gateway.ports import AccountStore, NewOwner
from gateway.testing.accounts import InMemoryAccounts
from gateway.testing.vault import InMemoryRules, InMemorySecrets
from gateway.vault_ports import Place, RuleStore, Sealed, SecretStore

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@dataclass
class Stores:
    accounts: AccountStore
    secrets: SecretStore
    rules: RuleStore
    user_id: str
    workspace_id: str


def _in_postgres(database: Database) -> Stores:
    accounts, secrets = PostgresAccountStore(database), PostgresSecretStore(database)
    return Stores(accounts, secrets, PostgresRuleStore(database), new_id(), new_id())


async def _ready(stores: Stores) -> Stores:
    owner = NewOwner(
        user_id=stores.user_id,
        email="a@b.c",
        password_hash="h",
        workspace_id=stores.workspace_id,
        workspace="A",
    )
    assert await stores.accounts.create_owner(owner, now=NOW)
    return stores


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def kept(request: pytest.FixtureRequest) -> Stores:
    if request.param == "postgres":
        return _in_postgres(request.getfixturevalue("database"))
    return Stores(InMemoryAccounts(), InMemorySecrets(), InMemoryRules(), new_id(), new_id())


@pytest.fixture
async def stores(kept: Stores) -> Stores:
    return await _ready(kept)


async def test_keeps_secrets_by_name_when_many_save(stores: Stores) -> None:
    def seal(place: Place) -> Sealed:
        return Sealed("k1", place.id.encode())

    saves = (stores.secrets.put(stores.workspace_id, "token", seal, now=NOW) for _ in range(4))
    await asyncio.gather(*saves)
    ((row_id, secret),) = await stores.secrets.page(stores.workspace_id, after=None, limit=5)
    assert (secret.name, secret.last_used_at) == ("token", None)
    (row,) = await stores.secrets.use(stores.workspace_id, ["token", "other"], now=LATER)
    assert (row.place, row.sealed) == (
        Place("secrets", stores.workspace_id, row_id),
        Sealed("k1", row_id.encode()),
    )
    ((_, used),) = await stores.secrets.page(stores.workspace_id, after=None, limit=5)
    assert used.last_used_at == LATER
    assert await stores.secrets.use(new_id(), ["token"], now=LATER) == []
    assert await stores.secrets.names(stores.workspace_id) == {"token"}
    assert await stores.secrets.names(new_id()) == frozenset()
    assert not await stores.secrets.delete(new_id(), "token")
    assert await stores.secrets.delete(stores.workspace_id, "token")


async def test_saves_a_secret_only_over_what_its_saver_accepts(stores: Stores) -> None:
    def only(wanted: Secret | None) -> Callable[[Secret | None], None]:
        def check(before: Secret | None) -> None:
            if before != wanted:
                raise PreconditionFailedError("Another was there.")

        return check

    async def put(check: Callable[[Secret | None], None]) -> Secret:
        mine, sealed = stores.workspace_id, Sealed("k1", b"v")
        return await stores.secrets.put(mine, "token", lambda _: sealed, check=check, now=NOW)

    first = await put(only(None))
    saves = await asyncio.gather(*(put(only(first)) for _ in range(3)), return_exceptions=True)
    (second,) = [saved for saved in saves if isinstance(saved, Secret)]
    assert sum(isinstance(saved, PreconditionFailedError) for saved in saves) == 2
    assert second.etag != first.etag and second.updated_at > first.updated_at, "no two saves look alike"
    await stores.secrets.use(stores.workspace_id, ["token"], now=LATER)
    ((_, used),) = await stores.secrets.page(stores.workspace_id, after=None, limit=5)
    assert used.etag == second.etag, "being used is no change"
    with pytest.raises(PreconditionFailedError):
        await put(only(None))
    assert await stores.secrets.delete(stores.workspace_id, "token")


@pytest.mark.integration
async def test_finds_everything_an_older_key_has_sealed(database: Database) -> None:
    workspace_id = (await _ready(_in_postgres(database))).workspace_id
    secrets = PostgresSecretStore(database)
    await secrets.put(workspace_id, "a", lambda _: Sealed("k1", b"old"), now=NOW)
    await secrets.put(workspace_id, "b", lambda _: Sealed("k2", b"new"), now=NOW)
    (row,) = await secrets.sealed_otherwise("k2", 10)
    await secrets.replace(replace(row, sealed=Sealed("k1", b"changed meanwhile")), Sealed("k2", b"lost"))
    assert len(await secrets.sealed_otherwise("k2", 10)) == 1
    await secrets.replace(row, Sealed("k2", b"anew"))
    assert await secrets.sealed_otherwise("k2", 10) == []


async def test_replaces_only_the_rules_that_were_read(stores: Stores) -> None:
    rule = Rule(name="r", when="cost.usd > 1", effect="deny")

    async def save(revision: int) -> object:
        return await stores.rules.replace(
            stores.workspace_id, [rule], revision=revision, user_id=stores.user_id, now=NOW
        )

    assert (await stores.rules.get(stores.workspace_id)).revision == 0
    for revision in (0, 1):
        saved = await asyncio.gather(*(save(revision) for _ in range(3)))
        assert sum(one is not None for one in saved) == 1
    kept = await stores.rules.get(stores.workspace_id)
    assert (kept.items, kept.revision, kept.updated_at) == ((rule,), 2, NOW)
    assert (await stores.rules.get(new_id())).items == ()
