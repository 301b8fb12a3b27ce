"""Accounts of people who sign in elsewhere, and their sign-ins under way, in Postgres."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Row, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.api import User
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.identity_tables import identities, sign_in_flows
from gateway.adapters.member_roles import PERMISSIONS_OF_ROLE, own_role_names, role_in, with_roles
from gateway.adapters.tables import members, users, workspaces
from gateway.domain.permissions import BUILT_IN
from gateway.oidc_ports import Elsewhere, Flow
from gateway.ports import LiveSession

_f = sign_in_flows.c
_i = identities.c
_m = members.c
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class PostgresFlowStore:
    """FlowStore over the table `sign_in_flows`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, flow: Flow, *, now: datetime) -> None:
        """Store a flow, and forget those that are over."""
        values = {name: getattr(flow, name) for name in Flow.__slots__}
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(delete(sign_in_flows).where(_f.expires_at <= now))
            await session.execute(insert(sign_in_flows).values(**values))

    async def take(self, state_digest: bytes, browser_digest: bytes, *, now: datetime) -> Flow | None:
        """Use up a flow: the deletion gives it to one caller only."""
        taken = (
            delete(sign_in_flows)
            .where(_f.state_digest == state_digest, _f.browser_digest == browser_digest)
            .returning(*(_f[name] for name in Flow.__slots__))
        )
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            row = (await session.execute(taken)).first()
        if row is None or row.expires_at <= now:
            return None
        return Flow(*row)


class PostgresIdentityStore:
    """IdentityStore over the table `identities`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sign_in(self, person: Elsewhere, *, now: datetime) -> LiveSession | None:
        """Return who it is and where they enter; of two first sign-ins at once one makes the account."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(ONE_AT_A_TIME, {"name": f"{person.issuer}\n{person.subject}"})
            user_id = await _user_of(session, person, now)
            if user_id is None:
                return None
            await _give_memberships(session, user_id, person, now)
            return await _entered(session, user_id)


async def _user_of(session: AsyncSession, person: Elsewhere, now: datetime) -> str | None:
    """Return the account, made at the first time; nobody is remembered whom no workspace lets in."""
    mine = (_i.issuer == person.issuer, _i.subject == person.subject)
    used = update(identities).where(*mine).values(last_used_at=now).returning(_i.user_id)
    found: str | None = await session.scalar(used)
    if found is not None:
        await session.execute(update(users).where(users.c.id == found).values(email=person.address))
        return found
    if not person.memberships:
        return None
    user_id = new_id()
    await session.execute(insert(users).values(id=user_id, email=person.address, created_at=now))
    await session.execute(
        insert(identities).values(
            issuer=person.issuer,
            subject=person.subject,
            user_id=user_id,
            provider=person.provider,
            created_at=now,
            last_used_at=now,
        )
    )
    return user_id


async def _give_memberships(session: AsyncSession, user_id: str, person: Elsewhere, now: datetime) -> None:
    """Change only the memberships that this provider made; those of invitations stay as they are."""
    given = await _possible(session, person.memberships)
    of_provider = (_m.user_id == user_id, _m.provider == person.provider)
    await session.execute(delete(members).where(*of_provider, _m.workspace_id.not_in(list(given))))
    for workspace_id, role in given.items():
        await session.execute(
            upsert(members)
            .values(
                workspace_id=workspace_id,
                user_id=user_id,
                role=role,
                created_at=now,
                provider=person.provider,
            )
            .on_conflict_do_update(
                index_elements=["workspace_id", "user_id"],
                set_={"role": role},
                where=_m.provider == person.provider,
            )
        )


async def _possible(session: AsyncSession, memberships: Mapping[str, str]) -> dict[str, str]:
    """Return the memberships in workspaces that there are, with roles that these have."""
    known = set(await session.scalars(select(workspaces.c.id).where(workspaces.c.id.in_(memberships))))
    own = await own_role_names(session, sorted(known))
    return {
        workspace_id: role
        for workspace_id, role in memberships.items()
        if workspace_id in known and (role in BUILT_IN or (workspace_id, role) in own)
    }


async def _entered(session: AsyncSession, user_id: str) -> LiveSession | None:
    query = (
        select(users.c.id, users.c.email, _m.workspace_id, _m.role, PERMISSIONS_OF_ROLE)
        .select_from(with_roles(users.join(members, _m.user_id == users.c.id), members))
        .where(users.c.id == user_id, users.c.disabled_at.is_(None), _m.suspended_at.is_(None))
        .order_by(_m.created_at, _m.workspace_id)
        .limit(1)
    )
    row: Row[*tuple[object, ...]] | None = (await session.execute(query)).first()
    if row is None:
        return None
    user = User(id=row.id, email=row.email)
    return LiveSession(id="", user=user, workspace_id=row.workspace_id, role=role_in(row))
