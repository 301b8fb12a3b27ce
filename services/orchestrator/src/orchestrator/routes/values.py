"""What the gateway asks about large values of runs."""

from fastapi import APIRouter, Depends

from flowloom_contracts.topics import AppId
from flowloom_contracts.values import StoredValue, ValuePart, ValuePartQuery, ValueQuery
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import problems
from orchestrator.dependencies import Parts
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.routes.refusals import ALWAYS
from orchestrator.usecases import read_values
from orchestrator.usecases.read_values import ValueInPartsError, ValueNotFoundError

large_values = APIRouter(
    prefix="/internal/runs",
    dependencies=[Depends(caller([AppId.GATEWAY]))],
    responses=ALWAYS | problems(RunNotFoundError, ValueNotFoundError),
)


@large_values.post("/value", responses=problems(ValueInPartsError))
async def get_value(body: ValueQuery, parts: Parts) -> StoredValue:
    """Return one large value."""
    return await read_values.read_value(body, views=parts.views, values=parts.values.store)


@large_values.post("/value-part")
async def get_value_part(body: ValuePartQuery, parts: Parts) -> ValuePart:
    """Return a part of a value that is too large for one answer."""
    return await read_values.read_part(body, views=parts.views, values=parts.values.store)
