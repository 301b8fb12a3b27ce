"""What those who call models ask of the gateway over the sidecar."""

from typing import Final

from fastapi import APIRouter, Depends

from flowloom_contracts.models import ResolvedModel, ResolveModel
from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.usecases import models
from gateway.vault_ports import SecretUnreadableError

router: Final = APIRouter(
    prefix="/internal/models",
    dependencies=[Depends(caller([AppId.ORCHESTRATOR, *AGENT_APP_IDS], mandated=AGENT_APP_IDS))],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
    include_in_schema=False,
)


@router.post("/resolve", responses=problems(SecretUnreadableError))
async def resolve_model(body: ResolveModel, parts: PartsOf) -> ResolvedModel:
    """Return the endpoint behind a model's name, with its key."""
    desk = parts.desk
    return await models.resolve_model(body, models=desk.models, settings=desk.settings, vault=parts.vault)
