"""The one place where a query is bound to a workspace; no other code reads a tenant's table.

The session must be of the same workspace (`database.transaction(workspace_id)`): row-level security hides all
other rows, whatever a query says.
"""

from sqlalchemy import Delete, Select, Table, Update, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from flowloom_servicekit.ids import is_id


def of_workspace(table: Table, *columns: ColumnElement[object]) -> Select[*tuple[object, ...]]:
    """Return a query for `Database.found` over the rows of `:workspace_id`; without columns all of them."""
    return select(*(columns or tuple(table.c))).where(table.c.workspace_id == bindparam("workspace_id"))


class TenantRows:
    """Rows of one table that belong to one workspace; a foreign id finds nothing."""

    def __init__(self, session: AsyncSession, table: Table, workspace_id: str) -> None:
        self._session = session
        self._table = table
        self._workspace_id = workspace_id

    def select(self, *columns: ColumnElement[object]) -> Select[*tuple[object, ...]]:
        """Return a query over this workspace's rows; without columns all of them."""
        return select(*(columns or tuple(self._table.c))).where(self._mine())

    def of_id(self, row_id: str) -> ColumnElement[bool]:
        """Return the condition for one row; text that cannot be an id matches none."""
        condition: ColumnElement[bool] = (
            self._table.c.id == row_id if is_id(row_id) else self._table.c.id.is_(None)
        )
        return condition

    def update(self) -> Update:
        """Return an update of this workspace's rows."""
        return update(self._table).where(self._mine())

    def delete(self) -> Delete:
        """Return a deletion among this workspace's rows."""
        return delete(self._table).where(self._mine())

    async def add(self, **values: object) -> None:
        """Insert a row of this workspace."""
        await self._session.execute(insert(self._table).values(**values, workspace_id=self._workspace_id))

    def page(
        self, *columns: ColumnElement[object], after: str | None, limit: int
    ) -> Select[*tuple[object, ...]]:
        """Return the newest rows first, from below a row."""
        query = self.select(*columns).order_by(self._table.c.id.desc()).limit(limit)
        return query if after is None else query.where(self._table.c.id < after)

    def _mine(self) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = self._table.c.workspace_id == self._workspace_id
        return condition
