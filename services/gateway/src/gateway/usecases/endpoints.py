"""Addresses of other systems: saved with a secret that signs, tested, their calls listed and repeated."""

import secrets
from dataclasses import replace
from typing import Final

from flowloom_contracts.base import JsonObject
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
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.runs import Reach
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from flowloom_servicekit.ids import is_id, new_id
from flowloom_servicekit.outbound.errors import AddressRefusedError
from gateway.domain.etags import matches, tag_of
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal
from gateway.notice_ports import EndpointStore, HookSender, KnownCall, NewCall, StoredEndpoint
from gateway.usecases.workflows import WorkflowNotSharedError
from gateway.vault_ports import Place, Vault

MOST: Final = 50
SECRET_BYTES: Final = 32
TEST: Final = "test"


class EndpointNotFoundError(NotFoundError):
    """There is no such address in this workspace."""

    title = "Webhook endpoint not found"


class CallNotFoundError(NotFoundError):
    """There is no such call of this address."""

    title = "Delivery not found"


class TooManyEndpointsError(ConflictError):
    """The workspace has as many addresses as it may."""

    title = "Too many webhook endpoints"


class StaleEndpointError(PreconditionFailedError):
    """Somebody changed or deleted it since it was read."""

    title = "The webhook endpoint has changed meanwhile"


class EndpointIfMatchRequiredError(PreconditionRequiredError):
    """A save must say which state it replaces."""


async def list_endpoints(principal: Principal, *, endpoints: EndpointStore) -> EndpointList:
    """Return the addresses, the newest first."""
    return EndpointList(items=[_shown(one) for one in await endpoints.all(principal.workspace_id)])


async def create_endpoint(
    request: SaveEndpoint,
    principal: Principal,
    *,
    endpoints: EndpointStore,
    sender: HookSender,
    vault: Vault,
    clock: Clock,
) -> EndpointCreated:
    """Store an address with a secret of its own, which leaves only here."""
    _check(request, sender)
    if len(await endpoints.all(principal.workspace_id)) >= MOST:
        raise TooManyEndpointsError(f"A workspace has at most {MOST}; delete one first.")
    endpoint_id, secret = new_id(), f"whsec_{secrets.token_hex(SECRET_BYTES)}"
    sealed = vault.seal(Place("endpoints", principal.workspace_id, endpoint_id), secret)
    stored = StoredEndpoint(
        endpoint_id,
        principal.workspace_id,
        request,
        sealed,
        clock.now(),
        subscriber_id=principal.user_id,
    )
    await endpoints.add(stored)
    return EndpointCreated(endpoint=_shown(stored), secret=secret)


async def read_endpoint(endpoint_id: str, principal: Principal, *, endpoints: EndpointStore) -> Endpoint:
    """Return one address."""
    return _shown(await _found(endpoint_id, principal, endpoints))


async def replace_endpoint(
    endpoint_id: str,
    request: SaveEndpoint,
    principal: Principal,
    *,
    if_match: str | None,
    endpoints: EndpointStore,
    sender: HookSender,
) -> Endpoint:
    """Change the address that was read; whatever switched it off before is forgotten.

    From now on it is told of what whoever changes it may read.
    """
    if if_match is None:
        raise EndpointIfMatchRequiredError("Send the `ETag` you read as `If-Match`.")
    _check(request, sender)
    before = await _found(endpoint_id, principal, endpoints)
    if not matches(if_match, _tag(before)):
        raise _stale()
    stored = replace(
        before, spec=request, failing_since=None, disabled_reason=None, subscriber_id=principal.user_id
    )
    if not await endpoints.replace(stored, over=before):
        raise _stale()
    return _shown(stored)


async def renew_secret(
    endpoint_id: str, principal: Principal, *, endpoints: EndpointStore, vault: Vault
) -> EndpointSecret:
    """Replace the secret; it leaves only here."""
    stored = await _found(endpoint_id, principal, endpoints)
    secret = f"whsec_{secrets.token_hex(SECRET_BYTES)}"
    sealed = vault.seal(Place("endpoints", principal.workspace_id, stored.id), secret)
    if not await endpoints.replace(replace(stored, sealed=sealed), over=stored):
        raise _stale()
    return EndpointSecret(secret=secret)


async def delete_endpoint(endpoint_id: str, principal: Principal, *, endpoints: EndpointStore) -> None:
    """Delete an address; calls that were not made yet are not made."""
    if not is_id(endpoint_id) or not await endpoints.delete(principal.workspace_id, endpoint_id):
        raise EndpointNotFoundError(f"No webhook endpoint {endpoint_id[:80]!r} here.")


async def test_endpoint(
    endpoint_id: str, principal: Principal, *, endpoints: EndpointStore, clock: Clock
) -> EndpointDelivery:
    """Have an address called that says nothing but that it is a test."""
    stored = await _found(endpoint_id, principal, endpoints)
    at = clock.now()
    payload: JsonObject = {"kind": TEST, "workspace_id": principal.workspace_id, "at": at.isoformat()}
    return await _call(stored, TEST, payload, endpoints=endpoints, clock=clock)


async def list_calls(
    endpoint_id: str,
    principal: Principal,
    *,
    status: EndpointDeliveryStatus | None,
    cursor: str | None,
    limit: int,
    endpoints: EndpointStore,
) -> EndpointDeliveryList:
    """Return the calls of an address and what became of them, newest first.

    Those that tell of workflows which the caller may not see are left out.
    """
    stored = await _found(endpoint_id, principal, endpoints)
    rows = await endpoints.calls(
        principal.workspace_id,
        stored.id,
        status=status,
        after=row_after(cursor),
        limit=limit + 1,
        closed=principal.actor.closed,
    )
    more = cursor_of(rows[limit - 1].new.id) if len(rows) > limit else None
    return EndpointDeliveryList(items=[_delivery(row) for row in rows[:limit]], next_cursor=more)


async def replay_call(
    endpoint_id: str, call_id: str, principal: Principal, *, endpoints: EndpointStore, clock: Clock
) -> EndpointDelivery:
    """Make a call once more, whatever became of it; one of a workflow that the caller may run."""
    stored = await _found(endpoint_id, principal, endpoints)
    known = await endpoints.call(principal.workspace_id, stored.id, call_id) if is_id(call_id) else None
    if known is None or not _reaches(principal, known, "view"):
        raise CallNotFoundError(f"No delivery {call_id[:80]!r} here.")
    if not _reaches(principal, known, "run"):
        raise WorkflowNotSharedError("It tells of a workflow that is not shared with you to run.")
    new = known.new
    return await _call(stored, new.event, new.payload, endpoints=endpoints, clock=clock)


def _reaches(principal: Principal, call: KnownCall, least: Reach) -> bool:
    workflow_id = call.workflow_id
    return workflow_id is None or principal.reaches(workflow_id, least)


async def _call(
    stored: StoredEndpoint, event: str, payload: JsonObject, *, endpoints: EndpointStore, clock: Clock
) -> EndpointDelivery:
    call_id = new_id()
    call = NewCall(
        id=call_id,
        workspace_id=stored.workspace_id,
        endpoint_id=stored.id,
        event_id=call_id,
        event=event,
        payload=payload,
        created_at=clock.now(),
    )
    await endpoints.add_calls(stored.workspace_id, [call])
    waiting = KnownCall(
        call, "pending", attempts=0, next_at=clock.now(), delivered_at=None, answer=None, error=None
    )
    return _delivery(waiting)


async def _found(endpoint_id: str, principal: Principal, endpoints: EndpointStore) -> StoredEndpoint:
    stored = await endpoints.get(principal.workspace_id, endpoint_id) if is_id(endpoint_id) else None
    if stored is None:
        raise EndpointNotFoundError(f"No webhook endpoint {endpoint_id[:80]!r} here.")
    return stored


def _check(request: SaveEndpoint, sender: HookSender) -> None:
    try:
        sender.check(request.url)
    except AddressRefusedError as error:
        wrong = FieldProblem(path="url", code="invalid_value", message=error.detail)
        raise InvalidRequestError("The address cannot be called.", errors=[wrong]) from error


def _shown(stored: StoredEndpoint) -> Endpoint:
    return Endpoint(
        id=stored.id,
        url=stored.spec.url,
        events=stored.spec.events,
        description=stored.spec.description,
        active=stored.spec.active and stored.disabled_reason is None,
        disabled_reason=stored.disabled_reason,
        failing_since=stored.failing_since,
        subscriber_id=stored.subscriber_id,
        created_at=stored.created_at,
        etag=_tag(stored),
    )


def _tag(stored: StoredEndpoint) -> str:
    return tag_of(stored.id, stored.spec.model_dump(mode="json"))


def _stale() -> StaleEndpointError:
    return StaleEndpointError("Read it again and repeat the change.")


def _delivery(call: KnownCall) -> EndpointDelivery:
    return EndpointDelivery(
        id=call.new.id,
        event=call.new.event,
        status=call.status,
        attempts=call.attempts,
        created_at=call.new.created_at,
        next_at=call.next_at if call.status == "pending" else None,
        delivered_at=call.delivered_at,
        answer=call.answer,
        error=call.error,
        payload=call.new.payload,
    )
