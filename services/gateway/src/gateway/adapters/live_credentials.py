"""The one meaning of «may act» for sessions, keys and clients: not ended, and its person is let in."""

from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    Table,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    select,
    union_all,
)

from gateway.adapters.identity_tables import api_clients
from gateway.adapters.member_roles import PERMISSIONS_OF_ROLE, with_roles
from gateway.adapters.tables import api_keys, members, sessions, users

Found: TypeAlias = Select[*tuple[object, ...]]
Moment: TypeAlias = datetime | BindParameter[datetime]

NOW: Final[BindParameter[datetime]] = bindparam("now", type_=DateTime(timezone=True))
"""The moment that a query is given when it is run."""


def live_sessions(now: Moment) -> Found:
    """Return id, user, address, workspace and role of the sessions that may act."""
    return _of_members(sessions).where(sessions.c.ends_at > now)


def live_keys(now: Moment) -> Found:
    """Return the same of API keys, then their scopes and last use."""
    return _of_members(api_keys, api_keys.c.scopes, api_keys.c.last_used_at).where(_lasts(api_keys, now))


def live_clients(now: Moment) -> Found:
    """Return the same of API clients, then their scopes and the digests of their secrets."""
    c = api_clients.c
    return _of_members(api_clients, c.scopes, c.digest, c.old_digest, c.old_digest_until).where(
        _lasts(api_clients, now)
    )


ALL: Final = ((sessions, live_sessions), (api_keys, live_keys), (api_clients, live_clients))


def roles_of_live() -> Found:
    """Return id, role and its permissions of those of `:ids` that may act `:now`, whichever kind they are."""
    ids = cast(bindparam("ids"), ARRAY(Uuid(as_uuid=False)))
    found = union_all(
        *(
            live(NOW)
            .with_only_columns(table.c.id, members.c.role, PERMISSIONS_OF_ROLE)
            .where(table.c.id == any_(ids))
            for table, live in ALL
        )
    ).subquery()
    return select(found.c.id, found.c.role, found.c.role_permissions)


def _of_members(table: Table, *more: ColumnElement[object]) -> Found:
    return (
        select(
            table.c.id,
            users.c.id.label("user_id"),
            users.c.email,
            table.c.workspace_id,
            members.c.role,
            PERMISSIONS_OF_ROLE,
            *more,
        )
        .select_from(_joined(table))
        .where(table.c.revoked_at.is_(None), users.c.disabled_at.is_(None), members.c.suspended_at.is_(None))
    )


def _joined(table: Table) -> FromClause:
    """A person who is a member no longer has no row here, whatever they still hold."""
    is_member = and_(members.c.user_id == table.c.user_id, members.c.workspace_id == table.c.workspace_id)
    joined = table.join(users, users.c.id == table.c.user_id).join(members, is_member)
    return with_roles(joined, members)


def _lasts(table: Table, now: Moment) -> ColumnElement[bool]:
    lasts: ColumnElement[bool] = table.c.expires_at.is_(None) | (table.c.expires_at > now)
    return lasts
