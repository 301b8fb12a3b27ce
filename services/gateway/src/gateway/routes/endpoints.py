"""Outgoing webhooks: addresses of other systems that are called when something happens."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.notices import (
    Endpoint,
    EndpointCreated,
    EndpointDelivery,
    EndpointDeliveryList,
    EndpointDeliveryStatus,
    EndpointList,
    EndpointSecret,
    SaveEndpoint,
)
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import EndpointManager, EndpointReader, IfMatch, PageCursor, PageLimit
from gateway.usecases import endpoints as usecases
from gateway.usecases.workflows import WorkflowNotSharedError

router: Final = APIRouter(
    prefix="/v1/webhook-endpoints",
    tags=["notifications"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
ONE: Final = problems(usecases.EndpointNotFoundError)
STALE: Final = ONE | problems(usecases.StaleEndpointError)


@router.get("")
async def list_webhook_endpoints(principal: EndpointReader, parts: PartsOf) -> EndpointList:
    """List the addresses, the newest first."""
    return await usecases.list_endpoints(principal, endpoints=parts.desk.endpoints)


@router.post("", status_code=201, responses=problems(usecases.TooManyEndpointsError))
async def create_webhook_endpoint(
    body: SaveEndpoint, principal: EndpointManager, parts: PartsOf
) -> EndpointCreated:
    """Add an address; this answer is the only place where its signing secret can be read."""
    desk = parts.desk
    return await usecases.create_endpoint(
        body,
        principal,
        endpoints=desk.endpoints,
        sender=desk.sender,
        vault=parts.vault,
        clock=parts.clock,
    )


@router.get("/{endpoint_id}", responses=ONE)
async def get_webhook_endpoint(
    endpoint_id: str, response: Response, principal: EndpointReader, parts: PartsOf
) -> Endpoint:
    """Return an address and how it does, with the `ETag` for the next save."""
    found = await usecases.read_endpoint(endpoint_id, principal, endpoints=parts.desk.endpoints)
    response.headers["etag"] = found.etag
    return found


@router.put(
    "/{endpoint_id}", responses=STALE | problems(ForbiddenError, usecases.EndpointIfMatchRequiredError)
)
async def replace_webhook_endpoint(
    *,
    endpoint_id: str,
    body: SaveEndpoint,
    response: Response,
    principal: EndpointManager,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> Endpoint:
    """Change the address that was read; one that was switched off by itself is tried again."""
    desk = parts.desk
    saved = await usecases.replace_endpoint(
        endpoint_id, body, principal, if_match=if_match, endpoints=desk.endpoints, sender=desk.sender
    )
    response.headers["etag"] = saved.etag
    return saved


@router.delete("/{endpoint_id}", status_code=204, responses=ONE)
async def delete_webhook_endpoint(endpoint_id: str, principal: EndpointManager, parts: PartsOf) -> None:
    """Delete an address; what was not delivered yet is not."""
    await usecases.delete_endpoint(endpoint_id, principal, endpoints=parts.desk.endpoints)


@router.post("/{endpoint_id}/secret", status_code=201, responses=STALE)
async def renew_webhook_endpoint_secret(
    endpoint_id: str, principal: EndpointManager, parts: PartsOf
) -> EndpointSecret:
    """Replace the signing secret; this answer is the only place where it can be read."""
    return await usecases.renew_secret(
        endpoint_id, principal, endpoints=parts.desk.endpoints, vault=parts.vault
    )


@router.post("/{endpoint_id}/test", status_code=202, responses=ONE)
async def test_webhook_endpoint(
    endpoint_id: str, principal: EndpointManager, parts: PartsOf
) -> EndpointDelivery:
    """Have the address called with an event that is only a test; see its deliveries for what it said."""
    return await usecases.test_endpoint(
        endpoint_id, principal, endpoints=parts.desk.endpoints, clock=parts.clock
    )


@router.get("/{endpoint_id}/deliveries", responses=ONE)
async def list_endpoint_deliveries(
    *,
    endpoint_id: str,
    principal: EndpointReader,
    parts: PartsOf,
    status: EndpointDeliveryStatus | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> EndpointDeliveryList:
    """List what was sent, or will be, and what the address said, newest first."""
    store = parts.desk.endpoints
    return await usecases.list_calls(
        endpoint_id, principal, status=status, cursor=cursor, limit=limit, endpoints=store
    )


@router.post(
    "/{endpoint_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    responses=problems(
        ForbiddenError, usecases.EndpointNotFoundError, usecases.CallNotFoundError, WorkflowNotSharedError
    ),
)
async def replay_endpoint_delivery(
    endpoint_id: str, delivery_id: str, principal: EndpointManager, parts: PartsOf
) -> EndpointDelivery:
    """Send a delivery once more, whatever became of it."""
    return await usecases.replay_call(
        endpoint_id, delivery_id, principal, endpoints=parts.desk.endpoints, clock=parts.clock
    )
