"""Calls from outside: recognised, stored, answered; the run is started afterwards by the relay."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson
from starlette.datastructures import Headers

from flowloom_contracts.automation import HookAccepted
from flowloom_contracts.base import JsonObject
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.triggers import WebhookTrigger
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import InvalidRequestError, NotFoundError, UnauthenticatedError
from flowloom_servicekit.ids import is_id, new_id
from gateway.domain.permissions import Permission
from gateway.domain.triggers import TriggerInputsError, dedupe_key
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.hook_requests import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    hook_data,
    is_signed,
)
from gateway.usecases.intake import Intake
from gateway.vault_ports import Place, Vault
from gateway.version_ports import NewDelivery, StoredTrigger, TriggerStore

TRUST_SECONDS: Final = 1.0
KEPT: Final = 4_096


class WebhookNotFoundError(NotFoundError):
    """There is no such webhook, or it is switched off."""

    title = "Webhook not found"


class HookRefusedError(UnauthenticatedError):
    """The caller did not show what the webhook asks for."""

    title = "The webhook does not know this caller"


@dataclass(frozen=True, slots=True)
class HookCall:
    """One call as it arrived."""

    body: bytes
    headers: Headers
    query: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class OpenHook:
    """A webhook ready to judge calls."""

    stored: StoredTrigger
    document: WebhookTrigger
    secret: str | None


class HookBook:
    """Webhooks by their addresses; what was looked up is trusted for a second."""

    def __init__(self, *, triggers: TriggerStore, vault: Vault, clock: Clock) -> None:
        self._triggers = triggers
        self._vault = vault
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, OpenHook | None]] = OrderedDict()

    async def find(self, hook_id: str) -> OpenHook:
        """Return a webhook that is switched on; raise WebhookNotFoundError for anything else."""
        if not is_id(hook_id):
            raise WebhookNotFoundError("There is no webhook here.")
        until, hook = self._kept.get(hook_id, (0.0, None))
        if until <= self._clock.monotonic():
            hook = await self._open(hook_id)
            self._kept[hook_id] = (self._clock.monotonic() + TRUST_SECONDS, hook)
            self._kept.move_to_end(hook_id)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        if hook is None:
            raise WebhookNotFoundError("There is no webhook here.")
        return hook

    def forget(self) -> None:
        """Look everything up again: something was changed here."""
        self._kept.clear()

    async def _open(self, hook_id: str) -> OpenHook | None:
        stored = await self._triggers.hook(hook_id)
        if stored is None or not stored.active:
            return None
        place = Place("webhooks", stored.workspace_id, stored.id)
        secret = None if stored.sealed is None else self._vault.open(place, stored.sealed)
        return OpenHook(stored, WebhookTrigger.model_validate(stored.spec), secret)


async def accept_hook(
    hook_id: str,
    call: HookCall,
    *,
    hooks: HookBook,
    intake: Intake,
    authenticator: Authenticator,
    clock: Clock,
) -> HookAccepted:
    """Return when the delivery is durable; an equal one that came before is named instead."""
    hook = await hooks.find(hook_id)
    await _recognise(hook, call, authenticator=authenticator, clock=clock)
    data = hook_data(body=call.body, headers=dict(call.headers), query=call.query)
    delivery_id = new_id()
    kept = await intake.accept(
        NewDelivery(
            id=delivery_id,
            workspace_id=hook.stored.workspace_id,
            trigger_id=hook.stored.id,
            run_key=f"hook:{delivery_id}",
            data=orjson.dumps(data).decode(),
            received_at=clock.now(),
            dedupe=_dedupe(hook, call, data),
        )
    )
    return HookAccepted(delivery_id=kept.id, duplicate=kept.is_duplicate)


async def _recognise(hook: OpenHook, call: HookCall, *, authenticator: Authenticator, clock: Clock) -> None:
    auth = hook.document.webhook.auth
    if auth == "api_key":
        await _check_key(hook, call, authenticator)
    elif auth == "signature":
        if hook.secret is None:
            raise HookRefusedError("The webhook has no signing secret yet: make one, then sign with it.")
        signed = is_signed(
            secret=hook.secret,
            body=call.body,
            signature=call.headers.get(SIGNATURE_HEADER),
            timestamp=call.headers.get(TIMESTAMP_HEADER),
            now=clock.now().timestamp(),
        )
        if not signed:
            raise HookRefusedError("The signature is missing, wrong or older than five minutes.")


async def _check_key(hook: OpenHook, call: HookCall, authenticator: Authenticator) -> None:
    scheme, _, bearer = call.headers.get("authorization", "").partition(" ")
    key = call.headers.get("x-api-key") or (bearer.strip() if scheme.lower() == "bearer" else "")
    if not key:
        raise HookRefusedError("Send an API key as `X-API-Key`.")
    principal = await authenticator.by_key(key)
    allowed = Permission.RUNS_START in principal.permissions
    if principal.workspace_id != hook.stored.workspace_id or not allowed:
        raise HookRefusedError("The API key may not start runs here.")


def _dedupe(hook: OpenHook, call: HookCall, data: JsonObject) -> bytes | None:
    written = hook.document.webhook.dedupe
    if written is None:
        # A signed call that comes again within its five minutes is the same call.
        signature = call.headers.get(SIGNATURE_HEADER) if hook.document.webhook.auth == "signature" else None
        return None if signature is None else signature.removeprefix("sha256=").lower().encode()
    try:
        return dedupe_key(written, data)
    except TriggerInputsError as error:
        wrong = FieldProblem(path="dedupe", code="expression", message=str(error)[:500])
        raise InvalidRequestError("The call cannot be told from others.", errors=[wrong]) from error
