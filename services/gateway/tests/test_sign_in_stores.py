"""One suite of the stores of sign-in, over the fakes and over Postgres; and the throttle."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.clock import FakeClock
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_passwords import PostgresPasswordStore
from gateway.adapters.postgres_second_factors import PostgresSecondFactorStore
from gateway.adapters.postgres_secrets import PostgresSecretStore
from gateway.adapters.postgres_throttle import PostgresThrottle
from gateway.domain.sign_in import TooManySignInsError
from gateway.identity_ports import PasswordStore, SecondFactorStore
from gateway.ports import AccountStore, NewOwner, NewSession
from gateway.testing.accounts import InMemoryAccounts
from gateway.testing.sign_in_stores import InMemoryPasswords, InMemorySecondFactors
from gateway.vault_ports import Sealed

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=30)
OWNER = NewOwner(
    user_id=new_id(),
    email="ada@example.org",
    password_hash="old",
    workspace_id=new_id(),
    workspace="Ada",
)
ADA = OWNER.user_id
SEALED = Sealed("k1", b"sealed")


@dataclass
class Stores:
    accounts: AccountStore
    passwords: PasswordStore
    factors: SecondFactorStore


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def empty(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        fake = InMemoryAccounts()
        return Stores(fake, InMemoryPasswords(fake.people), InMemorySecondFactors(fake.people))
    database: Database = request.getfixturevalue("database")
    return Stores(
        PostgresAccountStore(database),
        PostgresPasswordStore(database),
        PostgresSecondFactorStore(database),
    )


@pytest.fixture
async def stores(empty: Stores) -> Stores:
    assert await empty.accounts.create_owner(OWNER, now=NOW)
    return empty


async def _hash(stores: Stores) -> str | None:
    found = await stores.passwords.of_user(ADA)
    assert found is not None
    return found[1]


async def test_sets_a_password_and_ends_every_session(stores: Stores) -> None:
    session = NewSession(
        id=new_id(),
        user_id=ADA,
        workspace_id=OWNER.workspace_id,
        refresh_digest=b"r",
        refresh_until=LATER,
        ends_at=LATER,
    )
    await stores.accounts.open_session(session, now=NOW)
    await stores.passwords.put(ADA, "new", now=NOW)
    assert await _hash(stores) == "new"
    assert await stores.accounts.live_session(session.id, now=NOW) is None
    assert await stores.passwords.of_user(new_id()) is None


async def test_renews_a_hash_unless_it_was_changed_meanwhile(stores: Stores) -> None:
    await stores.passwords.rehash(ADA, "another", "newer")
    assert await _hash(stores) == "old"
    await stores.passwords.rehash(ADA, "old", "newer")
    assert await _hash(stores) == "newer"


async def test_uses_a_link_once(stores: Stores) -> None:
    for digest in (b"1", b"2"):
        await stores.passwords.add_reset(ADA, digest, now=NOW, until=LATER)
    found = await stores.passwords.find_reset(b"1", now=NOW)
    assert found is not None and found.id == ADA
    assert await stores.passwords.find_reset(b"1", now=LATER) is None
    assert await stores.passwords.find_reset(b"3", now=NOW) is None
    used = await asyncio.gather(*(stores.passwords.use_reset(b"1", f"h{n}", now=NOW) for n in range(4)))
    assert sum(one is not None for one in used) == 1
    assert await stores.passwords.use_reset(b"2", "other", now=NOW) is None


async def test_confirms_a_second_factor_once(stores: Stores) -> None:
    assert await stores.factors.get(ADA) is None
    assert not await stores.factors.confirm(ADA, 7, [b"a"], now=NOW)
    assert await stores.factors.begin(ADA, Sealed("k1", b"first"), now=NOW)
    assert await stores.factors.begin(ADA, SEALED, now=NOW)
    assert not await stores.factors.take_step(ADA, 9)
    confirmed = await asyncio.gather(
        *(stores.factors.confirm(ADA, 7, [b"a", b"b"], now=NOW) for _ in range(3))
    )
    assert sorted(confirmed) == [False, False, True]
    kept = await stores.factors.get(ADA)
    assert kept is not None and (kept.sealed, kept.is_confirmed) == (SEALED, True)
    assert not await stores.factors.begin(ADA, Sealed("k1", b"thief"), now=NOW)
    account = await stores.accounts.find_account("ada@example.org")
    assert account is not None and account.has_second_factor


async def test_takes_codes_once(stores: Stores) -> None:
    await stores.factors.begin(ADA, SEALED, now=NOW)
    await stores.factors.confirm(ADA, 7, [b"a", b"b"], now=NOW)
    assert [await stores.factors.take_step(ADA, step) for step in (7, 6, 8, 8)] == [False, False, True, False]
    taken = await asyncio.gather(*(stores.factors.take_step(ADA, 9) for _ in range(4)))
    assert sorted(taken) == [False, False, False, True]
    codes = [await stores.factors.take_recovery(ADA, code, now=NOW) for code in (b"a", b"a", b"c")]
    assert codes == [True, False, False]
    assert not await stores.factors.take_recovery(new_id(), b"b", now=NOW)
    assert await stores.factors.recovery_left(ADA) == 1
    await stores.factors.put_recovery(ADA, [b"d", b"e"])
    assert not await stores.factors.take_recovery(ADA, b"b", now=NOW)
    assert await stores.factors.recovery_left(ADA) == 2
    await stores.factors.remove(ADA)
    assert (await stores.factors.get(ADA), await stores.factors.recovery_left(ADA)) == (None, 0)


@pytest.mark.integration
async def test_seals_second_factors_anew_with_the_other_secrets(database: Database) -> None:
    accounts, factors = PostgresAccountStore(database), PostgresSecondFactorStore(database)
    await accounts.create_owner(OWNER, now=NOW)
    await factors.begin(ADA, SEALED, now=NOW)
    rows = PostgresSecretStore(database)
    (row,) = await rows.sealed_otherwise("k2", 10)
    assert (row.place.purpose, row.place.id, row.sealed) == ("second_factors", ADA, SEALED)
    await rows.replace(row, Sealed("k2", b"anew"))
    kept = await factors.get(ADA)
    assert kept is not None and kept.sealed == Sealed("k2", b"anew")
    assert await rows.sealed_otherwise("k2", 10) == []


@pytest.mark.integration
async def test_s13_counts_attempts_of_all_processes_together(database: Database) -> None:
    clock = FakeClock()
    here, there = PostgresThrottle(database, clock), PostgresThrottle(database, clock)
    for throttle in (here, there) * 5:
        await throttle.admit("ada", "10.0.0.1")
    with pytest.raises(TooManySignInsError) as refused:
        await there.admit("ada", "10.0.0.1")
    assert refused.value.retry_after == 30
    await here.admit("ada", "10.0.0.2")
    await here.admit("bob", "10.0.0.1")
    clock.advance(30)
    await here.admit("ada", "10.0.0.1")
    with pytest.raises(TooManySignInsError):
        await here.admit("ada", "10.0.0.1")
    await here.forgive("ada", "10.0.0.1")
    await there.admit("ada", "10.0.0.1")


@pytest.mark.integration
async def test_s13_stops_a_guesser_with_many_addresses_and_one_with_many_accounts(
    database: Database,
) -> None:
    throttle = PostgresThrottle(database, FakeClock())
    tried = await asyncio.gather(
        *(throttle.admit("ada", f"10.0.1.{n}") for n in range(110)), return_exceptions=True
    )
    assert sum(isinstance(one, TooManySignInsError) for one in tried) == 10
    tried = await asyncio.gather(
        *(throttle.admit(f"person{n}", "10.0.0.1") for n in range(310)), return_exceptions=True
    )
    assert sum(isinstance(one, TooManySignInsError) for one in tried) == 10


async def test_s13_admits_nobody_when_attempts_cannot_be_counted() -> None:
    nowhere = Database("postgresql+asyncpg://nobody:x@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailableError):
        await PostgresThrottle(nowhere, FakeClock()).admit("ada", "10.0.0.1")
    await nowhere.close()
