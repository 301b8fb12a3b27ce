"""One suite of the stores of accounts, over the fakes and over Postgres."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowloom_contracts.api import ApiKey, User, Workspace
from flowloom_contracts.identity import Invitation
from flowloom_contracts.sign_in import ApiClient
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.clock import FakeClock
from gateway.adapters.key_ring import KEY_FILE, KeyRing, add_key
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_api_keys import PostgresApiKeyStore
from gateway.bootstrap_identity import open_people
from gateway.domain.permissions import Permission, Role
from gateway.identity_ports import NewInvitation, NewPerson
from gateway.people_parts import PeopleParts
from gateway.ports import AccountStore, ApiKeyStore, NewOwner, NewSession, Renewal, Visit
from gateway.role_ports import OwnRole
from gateway.testing.accounts import InMemoryAccounts
from gateway.testing.api_clients import InMemoryApiClients
from gateway.testing.gateway import fake_settings
from gateway.testing.members import fake_people
from gateway.testing.sign_in import QuickPasswords
from gateway.testing.sign_in_stores import InMemorySecondFactors

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@dataclass
class Stores:
    accounts: AccountStore
    keys: ApiKeyStore
    people: PeopleParts
    owner: NewOwner

    @property
    def home(self) -> str:
        return self.owner.workspace_id

    async def session(self, user_id: str, workspace_id: str | None = None, digest: bytes = b"r") -> str:
        session = NewSession(
            id=new_id(),
            user_id=user_id,
            workspace_id=workspace_id or self.home,
            refresh_digest=digest,
            refresh_until=LATER,
            ends_at=LATER,
            visit=Visit(device="Firefox on Linux", address="192.0.2.1"),
        )
        await self.accounts.open_session(session, now=NOW)
        return session.id

    async def invite(self, digest: bytes, role: Role = Role.EDITOR, workspace_id: str = "") -> Invitation:
        shown = Invitation(
            id=new_id(),
            email="bob@example.org",
            role=role.name,
            invited_by=self.owner.email,
            created_at=NOW,
            expires_at=LATER,
        )
        invitation = NewInvitation(shown, workspace_id or self.home, digest, self.owner.user_id)
        await self.people.invitations.add(invitation)
        return shown

    async def join(self, email: str, role: Role = Role.EDITOR) -> str:
        person = NewPerson(user_id=new_id(), email=email, password_hash="hash")
        await self.invite(email.encode(), role)
        joined = await self.people.invitations.accept_as(email.encode(), person, now=NOW)
        assert joined not in {None, "address_taken"}
        return person.user_id


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Stores:
    add_key(tmp_path / KEY_FILE)
    vault, hasher, clock = KeyRing(tmp_path / KEY_FILE), QuickPasswords(), FakeClock()
    owner = NewOwner(
        user_id=new_id(),
        email="ada@example.org",
        password_hash="hash",
        workspace_id=new_id(),
        workspace="Ada",
    )
    if request.param == "memory":
        fake = InMemoryAccounts()
        factors = InMemorySecondFactors(fake.people)
        people = fake_people(
            fake.people,
            factors=factors,
            clients=InMemoryApiClients(fake.people),
            vault=vault,
            hasher=hasher,
            clock=clock,
        )
        return Stores(fake, fake, people, owner)
    database: Database = request.getfixturevalue("database")
    accounts, keys = PostgresAccountStore(database), PostgresApiKeyStore(database)
    people = open_people(
        fake_settings(), AsyncExitStack(), database=database, vault=vault, hasher=hasher, clock=clock
    )
    return Stores(accounts, keys, people, owner)


@pytest.fixture
async def stores(empty: Stores) -> Stores:
    assert await empty.accounts.create_owner(empty.owner, now=NOW)
    return empty


async def test_lists_members_of_one_workspace(stores: Stores) -> None:
    bob = await stores.join("bob@example.org")
    first = await stores.people.members.page(stores.home, after=None, limit=1)
    rest = await stores.people.members.page(stores.home, after=first[0].user_id, limit=5)
    assert [member.user_id for member in first + rest] == [bob, stores.owner.user_id]
    assert (first[0].email, first[0].role, first[0].joined_at) == ("bob@example.org", "editor", NOW)
    assert not (first[0].suspended or first[0].second_factor or first[0].provider)
    await stores.people.second_factors.begin(User(id=bob, email="bob@example.org"))
    found = await stores.people.members.get(stores.home, bob)
    assert found is not None and not found.second_factor
    assert await stores.people.members.page(new_id(), after=None, limit=5) == []
    assert await stores.people.members.get(stores.home, bob) == first[0]
    assert await stores.people.members.get(stores.home, "not an id\u0000") is None
    assert await stores.people.members.get(new_id(), bob) is None


async def test_keeps_one_owner_when_two_go_at_once(stores: Stores) -> None:
    second = await stores.join("bob@example.org", Role.OWNER)
    outcomes = await asyncio.gather(
        stores.people.members.remove(stores.home, stores.owner.user_id, now=NOW),
        stores.people.members.give_role(stores.home, second, Role.VIEWER),
    )
    assert sorted(outcomes) == ["done", "last_owner"]


async def test_changes_members_of_one_workspace_only(stores: Stores) -> None:
    bob = await stores.join("bob@example.org")
    members = stores.people.members
    for workspace_id, user_id in ((new_id(), bob), (stores.home, new_id()), (stores.home, "no id")):
        assert await members.give_role(workspace_id, user_id, Role.VIEWER) == "missing"
        assert await members.suspend(workspace_id, user_id, since=NOW) == "missing"
        assert await members.remove(workspace_id, user_id, now=NOW) == "missing"
    assert await members.give_role(stores.home, bob, Role.VIEWER) == "done"
    assert await members.suspend(stores.home, stores.owner.user_id, since=NOW) == "last_owner"
    found = await members.get(stores.home, bob)
    assert found is not None and found.role == "viewer"


async def test_lets_a_suspended_member_act_no_longer(stores: Stores) -> None:
    bob = await stores.join("bob@example.org")
    session_id = await stores.session(bob)
    key = ApiKey(id=new_id(), name="k", prefix="p", scopes=["*"], created_at=NOW)
    await stores.keys.add(key, digest=b"k", workspace_id=stores.home, user_id=bob)
    for since, acts in ((NOW, False), (None, True)):
        assert await stores.people.members.suspend(stores.home, bob, since=since) == "done"
        assert (await stores.accounts.live_session(session_id, now=NOW) is not None) is acts
        assert (await stores.keys.live_key(b"k", now=NOW) is not None) is acts
        assert (await stores.accounts.find_account("bob@example.org") is not None) is acts
        assert (await stores.accounts.find_member(bob, stores.home) is not None) is acts
        assert bool(await stores.people.workspaces.of_user(bob)) is acts


async def test_ends_for_good_what_a_removed_member_held(stores: Stores) -> None:
    bob = await stores.join("bob@example.org")
    session_id = await stores.session(bob)
    key = ApiKey(id=new_id(), name="k", prefix="p", scopes=["*"], created_at=NOW)
    await stores.keys.add(key, digest=b"k", workspace_id=stores.home, user_id=bob)
    assert await stores.people.members.remove(stores.home, bob, now=NOW) == "done"
    await stores.invite(b"again")
    assert await stores.people.invitations.accept(b"again", user_id=bob, now=NOW) is not None
    assert await stores.accounts.live_session(session_id, now=NOW) is None
    assert await stores.keys.live_key(b"k", now=NOW) is None


async def test_keeps_roles_that_members_name(stores: Stores) -> None:
    roles, bob = stores.people.roles, await stores.join("bob@example.org")
    made = OwnRole(new_id(), Role("reader", frozenset({Permission.RUNS_READ})), "Reads.")
    assert await roles.add(stores.home, made, now=NOW)
    assert not await roles.add(stores.home, OwnRole(new_id(), made.role, ""), now=NOW)
    assert await roles.all(stores.home) == [made]
    assert await roles.all(new_id()) == []
    assert await roles.named(stores.home, "reader") == made.role
    assert await roles.named(new_id(), "reader") is None
    assert await stores.people.members.give_role(stores.home, bob, made.role) == "done"
    assert await roles.holders(stores.home) == {"owner": 1, "reader": 1}
    session_id = await stores.session(bob)
    wider = OwnRole(made.id, Role("reader", frozenset({Permission.RUNS_READ, Permission.RUNS_START})), "")
    assert await roles.replace(stores.home, wider, over=made, now=LATER)
    assert not await roles.replace(stores.home, wider, over=made, now=LATER)
    assert not await roles.replace(new_id(), wider, over=wider, now=LATER)
    live = await stores.accounts.live_session(session_id, now=NOW)
    assert live is not None and live.role == wider.role
    found = await stores.accounts.find_member(bob, stores.home)
    assert found is not None and found[2] == wider.role
    member = await stores.people.members.get(stores.home, bob)
    assert member is not None and member.permissions == ["runs:read", "runs:start"]


async def test_deletes_roles_that_nobody_has(stores: Stores) -> None:
    roles, bob = stores.people.roles, await stores.join("bob@example.org")
    made = OwnRole(new_id(), Role("reader", frozenset()), "")
    assert await roles.add(stores.home, made, now=NOW)
    invited = await stores.invite(b"token", made.role)
    assert await roles.delete(stores.home, made.id, now=NOW) == ["bob@example.org"]
    assert await stores.people.invitations.revoke(stores.home, invited.id, now=NOW)
    assert await roles.delete(new_id(), made.id, now=NOW) is None
    assert await roles.delete(stores.home, "not an id", now=NOW) is None
    assert await roles.delete(stores.home, made.id, now=NOW) == []
    assert await stores.people.members.give_role(stores.home, bob, made.role) == "no_role"
    shown = invited.model_copy(update={"id": new_id()})
    late = NewInvitation(shown, stores.home, b"late", stores.owner.user_id)
    assert not await stores.people.invitations.add(late)


async def test_creates_workspaces(stores: Stores) -> None:
    second = Workspace(id=new_id(), name="Second")
    await stores.people.workspaces.create(second, owner_id=stores.owner.user_id, now=LATER)
    home = Workspace(id=stores.home, name="Ada")
    assert await stores.people.workspaces.of_user(stores.owner.user_id) == [
        (home, Role.OWNER),
        (second, Role.OWNER),
    ]
    assert await stores.people.workspaces.of_user(new_id()) == []


async def test_accepts_an_invitation_once(stores: Stores) -> None:
    shown = await stores.invite(b"token")
    invitations = stores.people.invitations
    assert await invitations.page(stores.home, after=None, limit=5, now=NOW) == [shown]
    assert await invitations.page(stores.home, after=shown.id, limit=5, now=NOW) == []
    assert await invitations.page(stores.home, after=None, limit=5, now=LATER) == []
    people = [NewPerson(new_id(), f"p{n}@example.org", "hash") for n in range(4)]
    joined = await asyncio.gather(*(invitations.accept_as(b"token", one, now=NOW) for one in people))
    assert sum(one is not None for one in joined) == 1
    assert await invitations.find(b"token", now=NOW) is None
    assert await invitations.page(stores.home, after=None, limit=5, now=NOW) == []
    assert not await invitations.revoke(stores.home, shown.id, now=NOW)


async def test_finds_only_open_invitations(stores: Stores) -> None:
    shown = await stores.invite(b"token")
    invitations = stores.people.invitations
    found = await invitations.find(b"token", now=NOW)
    assert found is not None
    assert (found.workspace.id, found.email, found.role) == (stores.home, "bob@example.org", Role.EDITOR)
    assert await invitations.find(b"token", now=LATER) is None
    assert await invitations.find(b"other", now=NOW) is None
    assert not await invitations.revoke(new_id(), shown.id, now=NOW)
    assert not await invitations.revoke(stores.home, "not an id", now=NOW)
    assert await invitations.revoke(stores.home, shown.id, now=NOW)
    assert await invitations.accept(b"token", user_id=stores.owner.user_id, now=NOW) is None


async def test_makes_no_second_account_of_an_address(stores: Stores) -> None:
    await stores.invite(b"token")
    taken = NewPerson(new_id(), "ADA@example.org", "hash")
    assert await stores.people.invitations.accept_as(b"token", taken, now=NOW) == "address_taken"
    assert await stores.people.invitations.find(b"token", now=NOW) is not None
    member = await stores.people.invitations.accept(b"token", user_id=stores.owner.user_id, now=NOW)
    assert member is not None
    assert await stores.people.workspaces.of_user(stores.owner.user_id) == [
        (Workspace(id=stores.home, name="Ada"), Role.OWNER)
    ]


async def test_lists_and_ends_the_sessions_of_one_person(stores: Stores) -> None:
    user_id = stores.owner.user_id
    bob = await stores.join("bob@example.org")
    his = await stores.session(bob, digest=b"bob")
    first, second = await stores.session(user_id, digest=b"1"), await stores.session(user_id, digest=b"2")
    renewal = Renewal(
        presented=b"1",
        replacement=b"3",
        refresh_until=LATER,
        now=NOW + timedelta(minutes=5),
        visit=Visit(device="curl", address="192.0.2.2"),
    )
    assert await stores.accounts.renew_session(renewal) is not None
    listed = await stores.people.my_sessions.of_user(user_id, now=NOW)
    assert [one.id for one in listed] == [first, second]
    assert (listed[0].device, listed[0].address, listed[0].created_at) == ("curl", "192.0.2.2", NOW)
    assert listed[0].last_used_at == renewal.now
    assert listed[1].device == "Firefox on Linux"
    assert await stores.people.my_sessions.of_user(user_id, now=LATER) == []
    assert not await stores.people.my_sessions.end(user_id, his, now=NOW)
    assert not await stores.people.my_sessions.end(user_id, "not an id", now=NOW)
    assert await stores.people.my_sessions.end(user_id, first, now=NOW)
    assert not await stores.people.my_sessions.end(user_id, first, now=NOW)
    third = await stores.session(user_id, digest=b"4")
    await stores.people.my_sessions.end_others(user_id, third, now=NOW, because="test")
    assert [one.id for one in await stores.people.my_sessions.of_user(user_id, now=NOW)] == [third]
    assert await stores.accounts.live_session(his, now=NOW) is not None


async def test_keeps_api_clients_until_they_are_revoked(stores: Stores) -> None:
    clients, maker = stores.people.clients, stores.owner.user_id
    shown = [
        ApiClient(
            id=new_id(),
            name=f"c{n}",
            scopes=["runs:read"],
            created_by=stores.owner.email,
            created_at=NOW,
            expires_at=until,
        )
        for n, until in enumerate([None, LATER])
    ]
    for client in shown:
        await clients.add(client, digest=b"d", workspace_id=stores.home, user_id=maker)
    assert await clients.page(stores.home, after=None, limit=5) == shown[::-1]
    assert await clients.page(stores.home, after=shown[1].id, limit=5) == shown[:1]
    assert await clients.page(new_id(), after=None, limit=5) == []
    live = await clients.live(shown[0].id, now=NOW)
    assert live is not None
    assert (live.user_id, live.role, live.scopes) == (maker, Role.OWNER, ("runs:read",))
    assert live.digests == (b"d",)
    assert await clients.live(shown[1].id, now=LATER) is None
    assert await clients.live("not an id", now=NOW) is None
    await clients.touch(shown[0].id, now=LATER)
    assert (await clients.page(stores.home, after=None, limit=5))[1].last_used_at == LATER
    assert not await clients.revoke(new_id(), shown[0].id, now=NOW)
    assert await clients.revoke(stores.home, shown[0].id, now=NOW)
    assert not await clients.revoke(stores.home, shown[0].id, now=NOW)
    assert await clients.live(shown[0].id, now=NOW) is None


async def test_two_secrets_of_a_client_work_until_the_older_ends(stores: Stores) -> None:
    clients, maker = stores.people.clients, stores.owner.user_id
    client = ApiClient(id=new_id(), name="c", scopes=[], created_by="anna@example.org", created_at=NOW)
    await clients.add(client, digest=b"1", workspace_id=stores.home, user_id=maker)
    kept = await clients.find(stores.home, client.id)
    assert kept is not None and (kept.shown.id, kept.user_id) == (client.id, maker)
    assert await clients.find(new_id(), client.id) is None

    async def rotated(digest: bytes, now: datetime, workspace_id: str = stores.home) -> str:
        return await clients.rotate(workspace_id, client.id, digest=digest, now=now, ends_at=LATER)

    async def digests(now: datetime) -> tuple[bytes, ...]:
        live = await clients.live(client.id, now=now)
        return () if live is None else live.digests

    assert await rotated(b"2", NOW, new_id()) == "missing"
    assert [await rotated(b"2", NOW), await rotated(b"3", NOW)] == ["done", "rotated"]
    assert (await digests(NOW), await digests(LATER)) == ((b"2", b"1"), (b"2",))
    shown = await clients.page(stores.home, after=None, limit=1)
    assert shown[0].old_secret_until == LATER
    assert await rotated(b"3", LATER) == "done"
    assert await digests(NOW) == (b"3", b"2")
    assert await clients.revoke(stores.home, client.id, now=NOW)
    assert await rotated(b"4", LATER) == "missing"
    assert await clients.find(stores.home, client.id) is None
