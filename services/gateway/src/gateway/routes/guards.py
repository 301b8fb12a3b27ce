"""Who may pass: one dependency per permission, used by every route that is not open to all."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Literal

from fastapi import Depends, Header, Query, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from fastapi.security.base import SecurityBase

from flowloom_servicekit.errors import ForbiddenError, UnauthenticatedError
from flowloom_servicekit.tracing import bind
from gateway.domain.acting import act_as
from gateway.domain.audit import actor_of
from gateway.domain.origins import is_same_origin
from gateway.domain.permissions import Permission
from gateway.domain.principals import Principal
from gateway.domain.rate_limits import Bucket
from gateway.domain.sign_in import ForeignPageError
from gateway.edge.rates import address_of, admit, spend
from gateway.parts import Parts, parts_of
from gateway.usecases.deeds import Deeds

CSRF_HEADER: Final = "x-flowloom-csrf"
_PRINCIPAL: Final = "flowloom.principal"
"""Where a request keeps who makes it."""

_bearer = HTTPBearer(
    scheme_name="access_token",
    auto_error=False,
    bearerFormat="JWT",
    description="Access token of a session; it lives for five minutes.",
)
api_key: Final = APIKeyHeader(
    scheme_name="api_key",
    name="X-API-Key",
    auto_error=False,
    description="`flk_…`, from `POST /v1/api-keys`.",
)


class Credentials(SecurityBase):
    """A dependency that is nobody's but FastAPI's way to say so in the description of the interface.

    Access token and API key are read here and not by dependencies of their own: FastAPI resolves each of
    them for every request, which took a third of a short one. `gateway.openapi` adds the key to what is said.
    """

    model = _bearer.model
    scheme_name = _bearer.scheme_name


class SignedInCaller(Credentials):
    """Lets everybody pass who says who they are."""

    async def __call__(self, request: Request) -> Principal:
        """Return who is asking; raise UnauthenticatedError if nobody says so.

        Raises TooManyRequestsError above the limits of the person or key, their workspace, or an address
        whose credentials are refused. A request is judged, and counted, once.
        """
        known: Principal | None = request.scope.get(_PRINCIPAL)
        if known is None:
            known = request.scope[_PRINCIPAL] = await _admitted(request)
        return known


async def _admitted(request: Request) -> Principal:
    parts = await parts_of(request)
    bearer, key = await _bearer(request), await api_key(request)
    try:
        principal = await _judged(parts, bearer, key)
    except UnauthenticatedError:
        if bearer is not None or key is not None:
            await spend(request, parts.rates, Bucket.ADDRESS, address_of(request))
        raise
    await admit(request, parts.rates, principal)
    act_as(actor_of(principal))
    bind(
        tenant=principal.workspace_id,
        user=principal.user_id,
        run=request.path_params.get("run_id"),
    )
    return principal


async def _judged(parts: Parts, bearer: HTTPAuthorizationCredentials | None, key: str | None) -> Principal:
    if bearer is not None:
        return await parts.authenticator.by_token(bearer.credentials)
    if key is not None:
        return await parts.authenticator.by_key(key)
    raise UnauthenticatedError("Send an access token or an API key.")


signed_in: Final = SignedInCaller()
SignedIn = Annotated[Principal, Depends(signed_in)]


def starts(cost: int = 1) -> Callable[[Request], Awaitable[None]]:
    """Return a dependency that counts what sets work going, by what it costs, for the whole workspace."""

    async def count(request: Request) -> None:
        principal, parts = await signed_in(request), await parts_of(request)
        await spend(request, parts.rates, Bucket.STARTS, principal.workspace_id, cost=cost)

    return count


class Allowed(Credentials):
    """A dependency that lets those pass who have a permission."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> Principal:
        """Return who is asking."""
        principal = await signed_in(request)
        principal.demand(self.permission)
        return principal


class InPersonCaller(Credentials):
    """Lets a signed-in person pass; keys and clients have no account to look after."""

    async def __call__(self, request: Request) -> Principal:
        """Return who is asking."""
        principal = await signed_in(request)
        if principal.session_id is None:
            raise ForbiddenError("Sign in: keys and API clients may not do this.")
        return principal


in_person: Final = InPersonCaller()


async def from_our_page(request: Request) -> None:
    """Refuse calls with a cookie that another page made."""
    parts = await parts_of(request)
    origin = request.headers.get("origin")
    if request.headers.get(CSRF_HEADER) != "1":
        raise ForeignPageError("Send the header `X-Flowloom-CSRF: 1`.")
    if origin is None or not is_same_origin(origin, parts.settings.public_url):
        raise ForeignPageError("Send the `Origin` of the page that this server serves.")


WorkflowReader = Annotated[Principal, Depends(Allowed(Permission.WORKFLOWS_READ))]
WorkflowWriter = Annotated[Principal, Depends(Allowed(Permission.WORKFLOWS_WRITE))]
RunReader = Annotated[Principal, Depends(Allowed(Permission.RUNS_READ))]
RunStarter = Annotated[Principal, Depends(Allowed(Permission.RUNS_START))]
RunCanceller = Annotated[Principal, Depends(Allowed(Permission.RUNS_CANCEL))]
RunRetrier = Annotated[Principal, Depends(Allowed(Permission.RUNS_RETRY))]
ApprovalReader = Annotated[Principal, Depends(Allowed(Permission.APPROVALS_READ))]
ApprovalDecider = Annotated[Principal, Depends(Allowed(Permission.APPROVALS_DECIDE))]
WorkflowPublisher = Annotated[Principal, Depends(Allowed(Permission.WORKFLOWS_PUBLISH))]
TriggerReader = Annotated[Principal, Depends(Allowed(Permission.TRIGGERS_READ))]
TriggerManager = Annotated[Principal, Depends(Allowed(Permission.TRIGGERS_MANAGE))]
EventEmitter = Annotated[Principal, Depends(Allowed(Permission.EVENTS_EMIT))]
RuleReader = Annotated[Principal, Depends(Allowed(Permission.RULES_READ))]
RuleManager = Annotated[Principal, Depends(Allowed(Permission.RULES_MANAGE))]
SecretReader = Annotated[Principal, Depends(Allowed(Permission.SECRETS_READ))]
SecretManager = Annotated[Principal, Depends(Allowed(Permission.SECRETS_MANAGE))]
UsageReader = Annotated[Principal, Depends(Allowed(Permission.USAGE_READ))]
BudgetReader = Annotated[Principal, Depends(Allowed(Permission.BUDGETS_READ))]
BudgetManager = Annotated[Principal, Depends(Allowed(Permission.BUDGETS_MANAGE))]
SettingsReader = Annotated[Principal, Depends(Allowed(Permission.SETTINGS_READ))]
SettingsManager = Annotated[Principal, Depends(Allowed(Permission.SETTINGS_MANAGE))]
ModelReader = Annotated[Principal, Depends(Allowed(Permission.MODELS_READ))]
ModelManager = Annotated[Principal, Depends(Allowed(Permission.MODELS_MANAGE))]
AgentReader = Annotated[Principal, Depends(Allowed(Permission.AGENTS_READ))]
AgentManager = Annotated[Principal, Depends(Allowed(Permission.AGENTS_MANAGE))]
McpReader = Annotated[Principal, Depends(Allowed(Permission.MCP_READ))]
McpManager = Annotated[Principal, Depends(Allowed(Permission.MCP_MANAGE))]
EndpointReader = Annotated[Principal, Depends(Allowed(Permission.ENDPOINTS_READ))]
EndpointManager = Annotated[Principal, Depends(Allowed(Permission.ENDPOINTS_MANAGE))]
InPerson = Annotated[Principal, Depends(in_person)]
MemoryReader = Annotated[Principal, Depends(Allowed(Permission.MEMORY_READ))]
MemoryWriter = Annotated[Principal, Depends(Allowed(Permission.MEMORY_WRITE))]
MemoryManager = Annotated[Principal, Depends(Allowed(Permission.MEMORY_MANAGE))]
MemberReader = Annotated[Principal, Depends(Allowed(Permission.MEMBERS_READ))]
MemberManager = Annotated[Principal, Depends(Allowed(Permission.MEMBERS_MANAGE))]
ClientManager = Annotated[Principal, Depends(Allowed(Permission.API_CLIENTS_MANAGE))]
KeyManager = Annotated[Principal, Depends(Allowed(Permission.API_KEYS_MANAGE))]
AuditReader = Annotated[Principal, Depends(Allowed(Permission.AUDIT_READ))]

OwnPage = Depends(from_our_page)
Start = Depends(starts())
"""Counts one start of a run."""

PageCursor = Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")]
IdempotencyKey = Annotated[
    str | None, Header(description="The same key and body give the same result for 24 hours.")
]
IfMatch = Annotated[str | None, Header(description="The `ETag` of the state that was read.")]
IfNoneMatch = Annotated[
    Literal["*"] | None, Header(description="`*`: only if there is nothing of this name yet.")
]
PageLimit = Annotated[int, Query(ge=1, le=200)]


def deeds_of(parts: Parts) -> Deeds:
    """Return what writes down what is done in the memory service."""
    return Deeds(parts.audit, parts.begun, parts.clock)
