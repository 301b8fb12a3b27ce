"""Invitations in Postgres, by the digests of their tokens."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.api import Workspace
from flowloom_contracts.audit import AuditAction, AuditActor
from flowloom_contracts.identity import Invitation
from flowloom_servicekit.database import Database
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_act
from gateway.adapters.identity_tables import invitations
from gateway.adapters.live_credentials import Found
from gateway.adapters.member_roles import PERMISSIONS_OF_ROLE, holds, role_in, with_roles
from gateway.adapters.tables import members, users, workspaces
from gateway.adapters.tenant import TenantRows
from gateway.domain.texts import account_key
from gateway.identity_ports import NewInvitation, NewPerson, OpenInvitation

_i = invitations.c
_ONCE = (_i.accepted_at.is_(None), _i.revoked_at.is_(None))


class PostgresInvitationStore:
    """InvitationStore over the table `invitations`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, invitation: NewInvitation) -> bool:
        """Store an invitation; its role cannot be deleted meanwhile."""
        shown = invitation.shown
        async with self._database.transaction(invitation.workspace_id) as session:
            if not await holds(session, invitation.workspace_id, shown.role):
                return False
            await TenantRows(session, invitations, invitation.workspace_id).add(
                id=shown.id,
                email=shown.email,
                role=shown.role,
                digest=invitation.digest,
                invited_by=invitation.invited_by,
                created_at=shown.created_at,
                expires_at=shown.expires_at,
            )
            await record_act(
                session,
                AuditAction.MEMBER_INVITED,
                invitation.workspace_id,
                kind="invitation",
                target_id=shown.id,
                name=shown.email,
                role=shown.role,
            )
        return True

    async def page(
        self, workspace_id: str, *, after: str | None, limit: int, now: datetime
    ) -> list[Invitation]:
        """Return those that can still be accepted, newest first."""
        async with self._database.transaction(workspace_id) as session:
            query = (
                TenantRows(session, invitations, workspace_id)
                .page(
                    _i.id,
                    _i.email,
                    _i.role,
                    users.c.email.label("invited_by"),
                    _i.created_at,
                    _i.expires_at,
                    after=after,
                    limit=limit,
                )
                .select_from(invitations.join(users, users.c.id == _i.invited_by))
                .where(*_ONCE, _i.expires_at > now)
            )
            return [_shown(row) for row in await session.execute(query)]

    async def revoke(self, workspace_id: str, invitation_id: str, *, now: datetime) -> bool:
        """Take an invitation back."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, invitations, workspace_id)
            change = rows.update().where(rows.of_id(invitation_id), *_ONCE)
            if (await session.execute(change.values(revoked_at=now).returning(_i.id))).first() is None:
                return False
            await record_act(
                session,
                AuditAction.INVITATION_REVOKED,
                workspace_id,
                kind="invitation",
                target_id=invitation_id,
            )
            return True

    async def find(self, digest: bytes, *, now: datetime) -> OpenInvitation | None:
        """Return the open invitation of a token, which itself says whose it is."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            return _open((await session.execute(_of_token(digest, now))).first())

    async def accept(self, digest: bytes, *, user_id: str, now: datetime) -> OpenInvitation | None:
        """Make an existing person a member and use the invitation up."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            found = await _use(session, digest, now)
            if found is not None:
                await _join(session, found, user_id, now)
            return found

    async def accept_as(
        self, digest: bytes, person: NewPerson, *, now: datetime
    ) -> OpenInvitation | Literal["address_taken"] | None:
        """Make an account and a member of it; the unique address decides a race."""
        try:
            async with self._database.transaction(EVERY_WORKSPACE) as session:
                found = await _use(session, digest, now)
                if found is not None:
                    await insert_person(session, person, now)
                    await _join(session, found, person.user_id, now)
                return found
        except IntegrityError:
            return "address_taken"


async def insert_person(session: AsyncSession, person: NewPerson, now: datetime) -> None:
    """Insert an account; one without a password is found by no address."""
    has_password = person.password_hash is not None
    await session.execute(
        insert(users).values(
            id=person.user_id,
            email=person.email,
            email_key=account_key(person.email) if has_password else None,
            password_hash=person.password_hash,
            created_at=now,
        )
    )


def _of_token(digest: bytes, now: datetime) -> Found:
    return (
        select(
            _i.id, _i.workspace_id, workspaces.c.name, _i.email, _i.role, PERMISSIONS_OF_ROLE, _i.expires_at
        )
        .select_from(
            with_roles(invitations.join(workspaces, workspaces.c.id == _i.workspace_id), invitations)
        )
        .where(_i.digest == digest, *_ONCE, _i.expires_at > now)
    )


async def _use(session: AsyncSession, digest: bytes, now: datetime) -> OpenInvitation | None:
    """Lock the row, so that of two who accept at once one finds it used."""
    row = (await session.execute(_of_token(digest, now).with_for_update(of=invitations))).first()
    found = _open(row)
    if found is not None:
        await session.execute(update(invitations).where(_i.id == found.id).values(accepted_at=now))
    return found


async def _join(session: AsyncSession, found: OpenInvitation, user_id: str, now: datetime) -> None:
    values = {"workspace_id": found.workspace.id, "user_id": user_id}
    await session.execute(
        upsert(members)
        .values(**values, role=found.role.name, created_at=now)
        .on_conflict_do_nothing(index_elements=list(values))
    )
    await record_act(
        session,
        AuditAction.MEMBER_ADDED,
        found.workspace.id,
        kind="member",
        target_id=user_id,
        name=found.email,
        actor=AuditActor(kind="user", id=user_id),
        role=found.role.name,
    )


def _open(row: Row[*tuple[object, ...]] | None) -> OpenInvitation | None:
    if row is None:
        return None
    return OpenInvitation(
        id=row.id,
        workspace=Workspace(id=row.workspace_id, name=row.name),
        email=row.email,
        role=role_in(row),
        expires_at=row.expires_at,
    )


def _shown(row: Row[*tuple[object, ...]]) -> Invitation:
    return Invitation.model_validate({name: getattr(row, name) for name in Invitation.model_fields})
