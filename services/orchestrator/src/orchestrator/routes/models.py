"""What the gateway asks about models."""

from fastapi import APIRouter, Depends

from flowloom_contracts.models import ModelTest, PlatformModel, PlatformModelQuery, TestModel
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from orchestrator.dependencies import Parts
from orchestrator.routes.refusals import ALWAYS

models = APIRouter(
    prefix="/internal/models", dependencies=[Depends(caller([AppId.GATEWAY]))], responses=ALWAYS
)


@models.post("/platform")
async def get_platform_model(body: PlatformModelQuery, parts: Parts) -> PlatformModel:
    """Return the model that the operator has set."""
    return parts.models.platform()


@models.post("/test")
async def test_model(body: TestModel, parts: Parts) -> ModelTest:
    """Ask a model one short question."""
    return await parts.models.test(body)
