"""One suite of sign-ins under way and accounts from elsewhere, over the fakes and over Postgres."""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowloom_contracts.api import Workspace
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from gateway.adapters.oidc_settings import ProviderFileError, read_providers
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_identities import PostgresFlowStore, PostgresIdentityStore
from gateway.adapters.postgres_members import PostgresMemberStore, PostgresWorkspaceStore
from gateway.domain.permissions import Role
from gateway.identity_ports import MemberStore, WorkspaceStore
from gateway.oidc_ports import Elsewhere, Flow, FlowStore, IdentityStore
from gateway.ports import AccountStore, NewOwner
from gateway.testing.accounts import InMemoryAccounts
from gateway.testing.members import InMemoryMembers, InMemoryWorkspaces
from gateway.testing.oidc import InMemoryFlows, InMemoryIdentities

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
FLOW = Flow(b"state", b"browser", "corp", "nonce", "verifier", "/runs", NOW + timedelta(minutes=10))
OWNER = NewOwner(
    user_id=new_id(),
    email="ada@example.org",
    password_hash="hash",
    workspace_id=new_id(),
    workspace="Ada",
)
HOME = OWNER.workspace_id
BOB = Elsewhere("https://idp", "bob", "corp", "bob@example.org", {HOME: "editor"})
PROVIDER = {"id": "corp", "title": "Corp", "issuer": "https://idp.example", "client_id": "flowloom"}


@dataclass
class Stores:
    accounts: AccountStore
    flows: FlowStore
    identities: IdentityStore
    members: MemberStore
    workspaces: WorkspaceStore


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def empty(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        fake = InMemoryAccounts()
        people = fake.people
        return Stores(
            fake,
            InMemoryFlows(),
            InMemoryIdentities(people),
            InMemoryMembers(people),
            InMemoryWorkspaces(people),
        )
    database: Database = request.getfixturevalue("database")
    return Stores(
        PostgresAccountStore(database),
        PostgresFlowStore(database),
        PostgresIdentityStore(database),
        PostgresMemberStore(database),
        PostgresWorkspaceStore(database),
    )


@pytest.fixture
async def stores(empty: Stores) -> Stores:
    assert await empty.accounts.create_owner(OWNER, now=NOW)
    return empty


async def test_gives_a_flow_back_once(stores: Stores) -> None:
    await stores.flows.add(FLOW, now=NOW)
    assert await stores.flows.take(b"state", b"other", now=NOW) is None
    assert await stores.flows.take(b"other", b"browser", now=NOW) is None
    taken = await asyncio.gather(*(stores.flows.take(b"state", b"browser", now=NOW) for _ in range(4)))
    assert sorted(one is not None for one in taken) == [False, False, False, True]
    assert FLOW in taken


async def test_gives_no_flow_back_that_is_over(stores: Stores) -> None:
    await stores.flows.add(FLOW, now=NOW)
    assert await stores.flows.take(b"state", b"browser", now=FLOW.expires_at) is None


async def test_makes_one_account_of_an_identity_when_two_race(stores: Stores) -> None:
    entered = await asyncio.gather(*(stores.identities.sign_in(BOB, now=NOW) for _ in range(3)))
    assert len({live.user.id for live in entered if live}) == 1
    assert all(live and (live.workspace_id, live.role) == (HOME, Role.EDITOR) for live in entered)
    other = await stores.identities.sign_in(replace(BOB, issuer="https://other"), now=NOW)
    assert other is not None and entered[0] is not None and other.user.id != entered[0].user.id


async def test_finds_nobody_from_elsewhere_by_an_address(stores: Stores) -> None:
    entered = await stores.identities.sign_in(replace(BOB, address="ada@example.org"), now=NOW)
    assert entered is not None and entered.user.id != OWNER.user_id
    account = await stores.accounts.find_account("ada@example.org")
    assert account is not None and account.user.id == OWNER.user_id


async def test_remembers_nobody_whom_no_workspace_lets_in(stores: Stores) -> None:
    assert await stores.identities.sign_in(replace(BOB, memberships={}), now=NOW) is None
    assert await stores.identities.sign_in(replace(BOB, memberships={new_id(): "admin"}), now=NOW) is None
    assert len(await stores.members.page(HOME, after=None, limit=10)) == 1


async def test_changes_only_memberships_of_its_own(stores: Stores) -> None:
    second = Workspace(id=new_id(), name="Second")
    await stores.workspaces.create(second, owner_id=OWNER.user_id, now=NOW)
    entered = await stores.identities.sign_in(BOB, now=NOW)
    assert entered is not None
    both = replace(BOB, memberships={HOME: "admin", second.id: "viewer"})
    assert await stores.identities.sign_in(both, now=NOW + timedelta(hours=1)) is not None
    member = await stores.members.get(HOME, entered.user.id)
    assert member is not None and (member.role, member.provider) == ("admin", "corp")
    moved = await stores.identities.sign_in(replace(BOB, memberships={second.id: "viewer"}), now=NOW)
    assert moved is not None and moved.workspace_id == second.id
    assert await stores.members.get(HOME, entered.user.id) is None
    assert await stores.identities.sign_in(replace(BOB, memberships={}), now=NOW) is None
    owner = await stores.members.get(HOME, OWNER.user_id)
    assert owner is not None and (owner.role, owner.provider) == ("owner", None)


async def test_does_not_let_in_who_is_suspended(stores: Stores) -> None:
    entered = await stores.identities.sign_in(BOB, now=NOW)
    assert entered is not None
    assert await stores.members.suspend(HOME, entered.user.id, since=NOW) == "done"
    assert await stores.identities.sign_in(BOB, now=NOW) is None


def _file(folder: Path, *providers: object) -> Path:
    path = folder / "oidc.json"
    path.write_text(json.dumps({"providers": list(providers)}), encoding="utf-8")
    return path


def test_reads_the_providers_of_a_file(tmp_path: Path) -> None:
    rule = {"claim": "groups", "value": "makers", "workspace_id": HOME, "role": "editor"}
    (given,) = read_providers(_file(tmp_path, {**PROVIDER, "memberships": [rule]}))
    assert (given.id, given.algorithms) == ("corp", ["RS256", "ES256", "PS256"])
    assert given.memberships[0].rule.role == "editor"
    assert read_providers(None) == []


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "http://idp.example"},
        {"issuer": "https://idp.example?x=1"},
        {"client_secret": "hunter2"},
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"algorithms": []},
        {"scopes": ["email"]},
        {"id": "Corp!"},
        {"typo": 1},
        {"memberships": [{"claim": "g", "value": "v", "workspace_id": HOME, "role": "owner"}]},
        {"memberships": [{"claim": "g", "value": "v", "workspace_id": "home", "role": "viewer"}]},
    ],
)
def test_s15_does_not_start_with_an_unsafe_provider(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(ProviderFileError) as refused:
        read_providers(_file(tmp_path, {**PROVIDER, **change}))
    assert "hunter2" not in str(refused.value)


def test_does_not_start_with_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ProviderFileError):
        read_providers(tmp_path / "missing.json")
    with pytest.raises(ProviderFileError):
        read_providers(_file(tmp_path, PROVIDER, PROVIDER))
