"""Datasets of workspaces in Postgres."""

from sqlalchemy import Row
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from flowloom_contracts.evaluation import Dataset, DatasetInfo, StoredDataset
from flowloom_servicekit.database import Database
from gateway.adapters.tables_of_evaluation import datasets
from gateway.adapters.tenant import TenantRows

_d = datasets.c


class PostgresDatasets:
    """DatasetStore over the table `datasets`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[DatasetInfo]:
        """See `DatasetStore.page`."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, datasets, workspace_id)
            query = rows.page(_d.id, _d.name, _d.cases, _d.updated_at, after=after, limit=limit)
            return [_info(row) for row in await session.execute(query)]

    async def get(self, workspace_id: str, dataset_id: str) -> StoredDataset | None:
        """See `DatasetStore.get`."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, datasets, workspace_id)
            row = (await session.execute(rows.select().where(rows.of_id(dataset_id)))).first()
        if row is None:
            return None
        return StoredDataset(**dict(_info(row)), dataset=Dataset.model_validate(row.dataset))

    async def put(self, workspace_id: str, dataset: StoredDataset, *, user_id: str) -> bool:
        """See `DatasetStore.put`."""
        values = {
            "name": dataset.name,
            "dataset": dataset.dataset.model_dump(mode="json"),
            "cases": dataset.cases,
            "updated_at": dataset.updated_at,
            "updated_by": user_id,
        }
        row = upsert(datasets).values(id=dataset.id, workspace_id=workspace_id, **values)
        try:
            async with self._database.transaction(workspace_id) as session:
                # A row of another workspace under this id is out of reach: row-level security refuses it.
                await session.execute(row.on_conflict_do_update(index_elements=[_d.id], set_=values))
        except IntegrityError:
            return False
        return True

    async def delete(self, workspace_id: str, dataset_id: str) -> bool:
        """See `DatasetStore.delete`."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, datasets, workspace_id)
            gone = await session.execute(rows.delete().where(rows.of_id(dataset_id)).returning(_d.id))
            return gone.first() is not None


def _info(row: Row[*tuple[object, ...]]) -> DatasetInfo:
    return DatasetInfo(id=row.id, name=row.name, cases=row.cases, updated_at=row.updated_at)
