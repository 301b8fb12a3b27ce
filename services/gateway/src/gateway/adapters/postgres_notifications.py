"""Notifications of people in Postgres."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Integer, Row, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from flowloom_contracts.notices import Notification, NotificationChoice
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.queries import Query
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.tables_of_notices import notification_choices, notifications
from gateway.adapters.tenant import TenantRows
from gateway.notice_ports import DueMail, NewNotification, UnreadMark

_n = notifications.c
_c = notification_choices.c
MAILS: Final = Query(
    select(notifications)
    .where(_n.mail_at <= bindparam("now"))
    .order_by(_n.mail_at)
    .limit(bindparam("limit", type_=Integer))
)
MARKS: Final = Statement("""
select cast(n.workspace_id as text) as workspace_id, cast(n.user_id as text) as user_id, count(*) as count,
    cast(max(cast(n.id as text)) as text) as newest
from unnest(cast(:workspaces as uuid[]), cast(:users as uuid[])) as who (workspace_id, user_id)
join gateway.notifications n using (workspace_id, user_id)
where n.in_app and n.read_at is null group by 1, 2
""")


class PostgresNotifications:
    """NotificationStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, workspace_id: str, new: Sequence[NewNotification]) -> int:
        """Store those that are new."""
        rows = [
            {
                "id": one.shown.id,
                "workspace_id": workspace_id,
                "user_id": one.user_id,
                "source": one.source,
                "shown": one.shown.model_dump(mode="json", exclude={"read_at"}),
                "in_app": one.in_app,
                "created_at": one.shown.created_at,
                "email": one.email,
                "mail_at": one.shown.created_at if one.email else None,
                "mail_attempts": 0,
            }
            for one in new
        ]
        if not rows:
            return 0
        statement = insert(notifications).values(rows).on_conflict_do_nothing()
        async with self._database.transaction(workspace_id) as session:
            return len((await session.execute(statement.returning(_n.id))).all())

    async def page(
        self, workspace_id: str, user_id: str, *, unread: bool, after: str | None, limit: int
    ) -> list[Notification]:
        """Return notifications, newest first."""
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, notifications, workspace_id).page(after=after, limit=limit)
            query = query.where(_n.user_id == user_id, _n.in_app)
            if unread:
                query = query.where(_n.read_at.is_(None))
            return [_shown(row) for row in await session.execute(query)]

    async def unread(self, workspace_id: str, user_id: str) -> int:
        """Return how many are unread."""
        mine: ColumnElement[bool] = _n.user_id == user_id
        async with self._database.transaction(workspace_id) as session:
            query = select(func.count()).where(_n.workspace_id == workspace_id, mine)
            return int(await session.scalar(query.where(_n.in_app, _n.read_at.is_(None))) or 0)

    async def marks(self, people: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], UnreadMark]:
        """Return what is unread by people in workspaces."""
        parameters = {"workspaces": [one for one, _ in people], "users": [one for _, one in people]}
        rows = await self._database.rows(MARKS, parameters, workspace=EVERY_WORKSPACE)
        return {
            (str(row["workspace_id"]), str(row["user_id"])): UnreadMark(
                int(str(row["count"])), str(row["newest"])
            )
            for row in rows
        }

    async def mark(
        self, workspace_id: str, user_id: str, ids: Sequence[str] | None, *, read_at: datetime | None
    ) -> None:
        """Note that some of them, or all, were read, or that they were not."""
        async with self._database.transaction(workspace_id) as session:
            change = TenantRows(session, notifications, workspace_id).update().where(_n.user_id == user_id)
            if ids is not None:
                change = change.where(_n.id.in_([one for one in ids if is_id(one)]))
            if read_at is not None:
                change = change.where(_n.read_at.is_(None))
            await session.execute(change.values(read_at=read_at))

    async def choices(
        self, workspace_id: str, user_ids: Sequence[str]
    ) -> Mapping[str, Sequence[NotificationChoice]]:
        """Return what these people have chosen."""
        found = defaultdict[str, list[NotificationChoice]](list)
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, notification_choices, workspace_id).select()
            for row in await session.execute(query.where(_c.user_id.in_(user_ids))):
                choice = NotificationChoice(kind=row.kind, in_app=row.in_app, mail=row.mail)
                found[row.user_id].append(choice)
        return found

    async def choose(self, workspace_id: str, user_id: str, items: Sequence[NotificationChoice]) -> None:
        """Keep what somebody chooses."""
        rows = [
            {"workspace_id": workspace_id, "user_id": user_id, **one.model_dump(mode="json")} for one in items
        ]
        if not rows:
            return
        statement = insert(notification_choices).values(rows)
        statement = statement.on_conflict_do_update(
            index_elements=[_c.workspace_id, _c.user_id, _c.kind],
            set_={"in_app": statement.excluded.in_app, "mail": statement.excluded.mail},
        )
        async with self._database.transaction(workspace_id) as session:
            await session.execute(statement)

    async def mails(self, limit: int, *, now: datetime) -> list[DueMail]:
        """Return mails whose time has come."""
        parameters = {"now": now, "limit": limit}
        return [
            DueMail(row.id, row.workspace_id, row.email, _shown(row), row.mail_attempts)
            for row in await self._database.found(MAILS, parameters, workspace=EVERY_WORKSPACE)
        ]

    async def mailed(self, mail: DueMail, *, next_at: datetime | None) -> None:
        """Note what became of a mail."""
        values = {"mail_at": next_at, "mail_attempts": mail.attempts + 1}
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(update(notifications).where(_n.id == mail.id).values(**values))

    async def purge(self, *, before: datetime) -> None:
        """Forget what is older."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(delete(notifications).where(_n.created_at < before))


def _shown(row: Row[*tuple[object, ...]]) -> Notification:
    return Notification.model_validate({**row.shown, "read_at": row.read_at})
