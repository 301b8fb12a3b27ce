"""What a row's role means: members, invitations and credentials only name it."""

from typing import Final

from sqlalchemy import ColumnElement, FromClause, Row, Table, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.adapters.tables import roles
from gateway.adapters.tenant import TenantRows
from gateway.domain.permissions import BUILT_IN, Role, role_of

PERMISSIONS_OF_ROLE: Final[ColumnElement[object]] = roles.c.permissions.label("role_permissions")
"""To be selected beside `role`; `role_in` reads both."""


def with_roles(rows: FromClause, named_by: Table) -> FromClause:
    """Join the roles that rows of `named_by` name; one that every workspace has is in no table."""
    same = and_(roles.c.workspace_id == named_by.c.workspace_id, roles.c.name == named_by.c.role)
    return rows.outerjoin(roles, same)


def role_in(row: Row[*tuple[object, ...]]) -> Role:
    """Return the role of a row with `role` and `role_permissions`."""
    return role_of(row.role, row.role_permissions)


async def holds(session: AsyncSession, workspace_id: str, name: str) -> bool:
    """Keep a role from being deleted until the transaction ends; False if there is none of this name."""
    if name in BUILT_IN:
        return True
    rows = TenantRows(session, roles, workspace_id)
    query = rows.select(roles.c.id).where(roles.c.name == name).with_for_update(read=True)
    return (await session.execute(query)).first() is not None


async def own_role_names(session: AsyncSession, workspace_ids: list[str]) -> set[tuple[str, str]]:
    """Return workspace and name of the roles that these workspaces have made, kept from being deleted."""
    query = (
        select(roles.c.workspace_id, roles.c.name)
        .where(roles.c.workspace_id.in_(workspace_ids))
        .with_for_update(read=True)
    )
    return {(row.workspace_id, row.name) for row in await session.execute(query)}
