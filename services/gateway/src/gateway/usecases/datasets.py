"""Datasets of a workspace: cases to evaluate workflows over."""

from typing import Final

from flowloom_contracts.evaluation import (
    MOST_DATASET_CHARS,
    Dataset,
    DatasetList,
    SaveDataset,
    StoredDataset,
)
from flowloom_contracts.problem import FieldProblem
from flowloom_language.evaluation.scoring import wrong_expressions
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ConflictError, InvalidRequestError, NotFoundError
from flowloom_servicekit.ids import is_id, new_id
from gateway.domain.json_values import canonical
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal
from gateway.evaluation_ports import DatasetStore

MOST_TOLD: Final = 20


class DatasetNotFoundError(NotFoundError):
    """There is no such dataset in this workspace."""

    title = "Dataset not found"


class DatasetNameTakenError(ConflictError):
    """Another dataset has the name."""

    title = "The name is taken"


async def list_datasets(
    principal: Principal, *, cursor: str | None, limit: int, datasets: DatasetStore
) -> DatasetList:
    """Return a page, newest first."""
    items = await datasets.page(principal.workspace_id, after=row_after(cursor), limit=limit)
    return DatasetList(items=items, next_cursor=cursor_of(items[-1].id) if len(items) == limit else None)


async def find_dataset(dataset_id: str, principal: Principal, *, datasets: DatasetStore) -> StoredDataset:
    """Return a dataset; raises DatasetNotFoundError."""
    found = await datasets.get(principal.workspace_id, dataset_id) if is_id(dataset_id) else None
    if found is None:
        raise DatasetNotFoundError(f"No dataset {dataset_id[:80]!r} here.")
    return found


async def save_dataset(
    body: SaveDataset,
    principal: Principal,
    *,
    dataset_id: str | None = None,
    datasets: DatasetStore,
    clock: Clock,
) -> StoredDataset:
    """Store a new dataset, or one in the place of another; what can be known to be wrong is refused.

    Raises DatasetNotFoundError, DatasetNameTakenError and InvalidRequestError.
    """
    if dataset_id is not None:
        await find_dataset(dataset_id, principal, datasets=datasets)
    dataset = Dataset.model_validate(body.model_dump(exclude={"name"}))
    _check(dataset)
    stored = StoredDataset(
        id=dataset_id or new_id(),
        name=body.name,
        cases=len(dataset.cases),
        updated_at=clock.now(),
        dataset=dataset,
    )
    if not await datasets.put(principal.workspace_id, stored, user_id=principal.user_id):
        raise DatasetNameTakenError(
            f"There is a dataset {body.name!r}; choose another name or change that one."
        )
    return stored


async def delete_dataset(dataset_id: str, principal: Principal, *, datasets: DatasetStore) -> None:
    """Delete a dataset; evaluations keep the cases they were started with."""
    if not is_id(dataset_id) or not await datasets.delete(principal.workspace_id, dataset_id):
        raise DatasetNotFoundError(f"No dataset {dataset_id[:80]!r} here.")


def _check(dataset: Dataset) -> None:
    written = canonical(dataset.model_dump(mode="json"), "cases")
    if len(written) > MOST_DATASET_CHARS:
        wrong = FieldProblem(
            path="cases", code="too_large", message=f"Stay below {MOST_DATASET_CHARS:,} bytes in all."
        )
        raise InvalidRequestError("The dataset is too large.", errors=[wrong])
    found = [
        FieldProblem(path=one.path, code="expression_syntax", message=one.told)
        for one, _ in zip(wrong_expressions(dataset), range(MOST_TOLD), strict=False)
    ]
    if found:
        raise InvalidRequestError("The dataset has expressions that cannot be read.", errors=found)
