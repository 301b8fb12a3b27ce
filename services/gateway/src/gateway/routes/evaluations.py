"""Datasets of cases, and evaluations of workflows over them."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response

from flowloom_contracts.evaluation import (
    DatasetList,
    Evaluation,
    EvaluationList,
    EvaluationResult,
    SaveDataset,
    StartEvaluation,
    StoredDataset,
)
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import (
    IdempotencyKey,
    PageCursor,
    PageLimit,
    RunCanceller,
    RunReader,
    RunStarter,
    Start,
    WorkflowReader,
    WorkflowWriter,
)
from gateway.usecases import datasets as datasets_usecases
from gateway.usecases import evaluations as usecases
from gateway.usecases.datasets import DatasetNameTakenError, DatasetNotFoundError
from gateway.usecases.evaluations import EvaluationNotFoundError
from gateway.usecases.invalid_workflow import InvalidWorkflowError
from gateway.usecases.runs import Startable
from gateway.usecases.starting import VersionNotFoundError
from gateway.usecases.workflows import WorkflowNotFoundError, WorkflowNotSharedError

router: Final = APIRouter(
    prefix="/v1",
    tags=["evaluation"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
ONE_DATASET: Final = problems(DatasetNotFoundError)
ONE: Final = problems(EvaluationNotFoundError)
FILE: Final = "application/octet-stream"
"""The words of a report are those of runs and people: it is a file to open, no page of ours."""


async def _stores(parts: PartsOf) -> usecases.Stores:  # a plain function would cost a hop to a thread
    startable = Startable(parts.workflows, parts.versions, parts.desk.agent_book)
    return usecases.Stores(parts.desk.datasets, parts.desk.evaluations, startable)


StoresOf = Annotated[usecases.Stores, Depends(_stores)]


@router.get("/datasets")
async def list_datasets(
    *, principal: WorkflowReader, stores: StoresOf, cursor: PageCursor = None, limit: PageLimit = 50
) -> DatasetList:
    """List the datasets of the workspace, newest first."""
    return await datasets_usecases.list_datasets(
        principal, cursor=cursor, limit=limit, datasets=stores.datasets
    )


@router.post("/datasets", status_code=201, responses=problems(DatasetNameTakenError))
async def create_dataset(
    body: SaveDataset, principal: WorkflowWriter, stores: StoresOf, parts: PartsOf
) -> StoredDataset:
    """Keep cases to evaluate workflows over."""
    return await datasets_usecases.save_dataset(body, principal, datasets=stores.datasets, clock=parts.clock)


@router.get("/datasets/{dataset_id}", responses=ONE_DATASET)
async def get_dataset(dataset_id: str, principal: WorkflowReader, stores: StoresOf) -> StoredDataset:
    """Return a dataset with its cases."""
    return await datasets_usecases.find_dataset(dataset_id, principal, datasets=stores.datasets)


@router.put("/datasets/{dataset_id}", responses=ONE_DATASET | problems(DatasetNameTakenError))
async def replace_dataset(
    *, dataset_id: str, body: SaveDataset, principal: WorkflowWriter, stores: StoresOf, parts: PartsOf
) -> StoredDataset:
    """Change a dataset; evaluations keep the cases they were started with."""
    return await datasets_usecases.save_dataset(
        body, principal, dataset_id=dataset_id, datasets=stores.datasets, clock=parts.clock
    )


@router.delete("/datasets/{dataset_id}", status_code=204, responses=ONE_DATASET)
async def delete_dataset(dataset_id: str, principal: WorkflowWriter, stores: StoresOf) -> None:
    """Delete a dataset; evaluations keep the cases they were started with."""
    await datasets_usecases.delete_dataset(dataset_id, principal, datasets=stores.datasets)


@router.post(
    "/evaluations",
    status_code=202,
    responses=problems(
        DatasetNotFoundError,
        WorkflowNotFoundError,
        WorkflowNotSharedError,
        VersionNotFoundError,
        InvalidWorkflowError,
        usecases.TooManyEvaluationsError,
    ),
    dependencies=[Start],
)
async def start_evaluation(
    *,
    body: StartEvaluation,
    response: Response,
    principal: RunStarter,
    stores: StoresOf,
    parts: PartsOf,
    idempotency_key: IdempotencyKey = None,
) -> Evaluation:
    """Run a workflow over the cases of a dataset, and with `against` a second version of it."""
    started = await usecases.start_evaluation(
        body, principal, idempotency_key=idempotency_key, stores=stores, clock=parts.clock
    )
    parts.relays.wake()
    response.headers["location"] = f"/v1/evaluations/{started.id}"
    return started


@router.get("/evaluations")
async def list_evaluations(
    *, principal: RunReader, stores: StoresOf, cursor: PageCursor = None, limit: PageLimit = 50
) -> EvaluationList:
    """List evaluations, newest first."""
    return await usecases.list_evaluations(
        principal, cursor=cursor, limit=limit, evaluations=stores.evaluations
    )


@router.get("/evaluations/{evaluation_id}", responses=ONE)
async def get_evaluation(evaluation_id: str, principal: RunReader, stores: StoresOf) -> EvaluationResult:
    """Return an evaluation: its cases so far, and its figures with 95 % intervals once it has ended."""
    return await usecases.read_result(evaluation_id, principal, evaluations=stores.evaluations)


@router.get(
    "/evaluations/{evaluation_id}/report",
    response_class=Response,
    responses=ONE | {200: {"content": {FILE: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_evaluation_report(evaluation_id: str, principal: RunReader, stores: StoresOf) -> Response:
    """Return the same as an HTML file that needs nothing else, to keep or to send."""
    page = await usecases.read_report(evaluation_id, principal, evaluations=stores.evaluations)
    name = f"evaluation-{evaluation_id}.html"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(page, media_type=FILE, headers=headers)


@router.post(
    "/evaluations/{evaluation_id}/cancel",
    status_code=202,
    responses=ONE | problems(usecases.EvaluationHasEndedError, WorkflowNotSharedError),
)
async def cancel_evaluation(
    evaluation_id: str, principal: RunCanceller, stores: StoresOf, parts: PartsOf
) -> Evaluation:
    """Start no more runs of an evaluation, and end those that are on their way."""
    return await usecases.cancel_evaluation(
        evaluation_id, principal, evaluations=stores.evaluations, runs=parts.runs, clock=parts.clock
    )
