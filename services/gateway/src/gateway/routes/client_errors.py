"""Where the page reports its own errors."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.client_errors import ClientError, ClientErrorNoted
from flowloom_servicekit.errors import InvalidRequestError, UnauthenticatedError, problems
from gateway.parts import PartsOf
from gateway.routes.guards import SignedIn
from gateway.usecases import client_errors as usecases

router: Final = APIRouter(
    prefix="/v1/client-errors",
    tags=["client-errors"],
    responses=problems(UnauthenticatedError, InvalidRequestError, usecases.TooManyReportsError),
)


@router.post("", status_code=202)
async def report_client_error(body: ClientError, principal: SignedIn, parts: PartsOf) -> ClientErrorNoted:
    """Write an error of the page to the log, without what looks like a secret; at most 30 a minute."""
    return await usecases.note_error(body, principal, throttle=parts.desk.reports)
