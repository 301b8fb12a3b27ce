"""Models of a workspace; their keys go in and never come out."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.models import Model, ModelList, ModelTest, SaveModel
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    UpstreamError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import IfMatch, ModelManager, ModelReader
from gateway.usecases import models as usecases

router: Final = APIRouter(
    prefix="/v1/models",
    tags=["models"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
ONE: Final = problems(usecases.ModelNotFoundError)


@router.get("")
async def list_models(principal: ModelReader, parts: PartsOf) -> ModelList:
    """List the models that steps can name, the platform's own first."""
    desk = parts.desk
    return await usecases.list_models(
        principal, models=desk.models, settings=desk.settings, calls=desk.model_calls
    )


@router.post(
    "",
    status_code=201,
    responses=problems(usecases.ModelNameTakenError, usecases.TooManyModelsError),
)
async def create_model(body: SaveModel, response: Response, principal: ModelManager, parts: PartsOf) -> Model:
    """Add a model; steps that start from now on can name it."""
    made = await usecases.create_model(
        body, principal, models=parts.desk.models, vault=parts.vault, clock=parts.clock
    )
    response.headers["etag"] = made.etag or ""
    return made


@router.post("/test", responses=problems(UpstreamError))
async def try_model(body: SaveModel, principal: ModelManager, parts: PartsOf) -> ModelTest:
    """Ask a model one short question before it is saved."""
    return await usecases.try_model(body, calls=parts.desk.model_calls)


@router.get("/{model_id}", responses=ONE)
async def get_model(model_id: str, response: Response, principal: ModelReader, parts: PartsOf) -> Model:
    """Return a model of the workspace."""
    found = await usecases.read_model(model_id, principal, models=parts.desk.models)
    response.headers["etag"] = found.etag or ""
    return found


@router.put(
    "/{model_id}",
    responses=problems(
        usecases.ModelNotFoundError,
        usecases.ModelNameTakenError,
        usecases.StaleModelError,
        usecases.ModelIfMatchRequiredError,
    ),
)
async def replace_model(
    *,
    model_id: str,
    body: SaveModel,
    response: Response,
    principal: ModelManager,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> Model:
    """Replace a model; calls that begin a second from now use it as it is then."""
    desk, vault = parts.desk, parts.vault
    saved = await usecases.replace_model(
        model_id, body, principal, if_match=if_match, models=desk.models, vault=vault, clock=parts.clock
    )
    response.headers["etag"] = saved.etag or ""
    return saved


@router.delete("/{model_id}", status_code=204, responses=ONE)
async def delete_model(model_id: str, principal: ModelManager, parts: PartsOf) -> None:
    """Delete a model with its key."""
    await usecases.delete_model(model_id, principal, models=parts.desk.models)


@router.post("/{model_id}/test", responses=problems(usecases.ModelNotFoundError, UpstreamError))
async def test_model(model_id: str, principal: ModelManager, parts: PartsOf) -> ModelTest:
    """Ask a model one short question; the id `platform` is the platform's own."""
    return await usecases.test_model(
        model_id, principal, models=parts.desk.models, vault=parts.vault, calls=parts.desk.model_calls
    )
