"""Accounts that are disabled, and what ends with them, in every workspace at once."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.audit import AuditAction
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_of_person
from gateway.adapters.identity_tables import api_clients
from gateway.adapters.tables import api_keys, members, sessions, users
from gateway.domain.permissions import Role
from gateway.identity_ports import MemberOutcome

_m = members.c
CREDENTIALS = (sessions, api_keys, api_clients)


async def disable_account(
    database: Database, workspace_id: str, user_id: str, *, by: str, now: datetime
) -> MemberOutcome:
    """Disable an account; its credentials end in the same transaction."""
    async with database.transaction(EVERY_WORKSPACE) as session:
        outcome = await _judged(session, workspace_id, user_id, by)
        if outcome == "done":
            await session.execute(update(users).where(users.c.id == user_id).values(disabled_at=now))
            for table in CREDENTIALS:
                held = update(table).where(table.c.user_id == user_id, table.c.revoked_at.is_(None))
                await session.execute(held.values(revoked_at=now))
            await record_of_person(session, AuditAction.USER_DISABLED, user_id)
    return outcome


async def enable_account(database: Database, workspace_id: str, user_id: str, *, by: str) -> MemberOutcome:
    """Let an account sign in again."""
    async with database.transaction(EVERY_WORKSPACE) as session:
        outcome = await _judged(session, workspace_id, user_id, by)
        if outcome == "done":
            await session.execute(update(users).where(users.c.id == user_id).values(disabled_at=None))
            await record_of_person(session, AuditAction.USER_ENABLED, user_id)
    return outcome


async def _judged(session: AsyncSession, workspace_id: str, user_id: str, by: str) -> MemberOutcome:
    """Lock the account, then look where its person is a member."""
    if not is_id(user_id):
        return "missing"
    await session.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())
    homes = set(await session.scalars(select(_m.workspace_id).where(_m.user_id == user_id)))
    if workspace_id not in homes:
        return "missing"
    owned = select(_m.workspace_id).where(
        _m.user_id == by, _m.role == Role.OWNER.name, _m.suspended_at.is_(None)
    )
    return "done" if homes - {workspace_id} <= set(await session.scalars(owned)) else "elsewhere"
