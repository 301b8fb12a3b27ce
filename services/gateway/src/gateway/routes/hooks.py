"""The addresses that anybody can call who shows what the webhook asks for."""

from typing import Final

from fastapi import APIRouter, Request, Response

from flowloom_contracts.automation import HookAccepted
from flowloom_servicekit.errors import InvalidRequestError, StorageUnavailableError, problems
from gateway.parts import parts_of
from gateway.usecases.hook_requests import UnsupportedBodyError
from gateway.usecases.hooks import HookCall, HookRefusedError, WebhookNotFoundError, accept_hook

router: Final = APIRouter(
    prefix="/hooks",
    tags=["triggers"],
    responses=problems(
        HookRefusedError,
        WebhookNotFoundError,
        UnsupportedBodyError,
        InvalidRequestError,
        StorageUnavailableError,
    ),
)


@router.post("/{hook_id}", status_code=202, response_model=HookAccepted)
async def receive_hook(hook_id: str, request: Request) -> Response:
    """Accept a call: it is durable when this answers, and starts one run."""
    parts = await parts_of(request)
    call = HookCall(
        body=await request.body(), headers=request.headers, query=request.query_params.multi_items()
    )
    accepted = await accept_hook(
        hook_id,
        call,
        hooks=parts.hooks,
        intake=parts.intake,
        authenticator=parts.authenticator,
        clock=parts.clock,
    )
    return Response(accepted.model_dump_json(), status_code=202, media_type="application/json")
