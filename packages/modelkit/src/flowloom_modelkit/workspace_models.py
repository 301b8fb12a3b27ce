"""Models of workspaces: found by name when a call is made, so that a new key holds within a second."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import orjson
import structlog
from pydantic import ValidationError

from flowloom_contracts.models import ModelEndpoint, ResolvedModel, ResolveModel
from flowloom_contracts.topics import AppId
from flowloom_modelkit.anthropic_api import AnthropicCaller
from flowloom_modelkit.endpoint import ModelClient, model_client
from flowloom_modelkit.errors import (
    ModelInputError,
    ModelRateLimitError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from flowloom_modelkit.guards import EndpointGuard
from flowloom_modelkit.openai_api import OpenAICaller
from flowloom_modelkit.patience import until_available
from flowloom_modelkit.ports import ModelCaller, OnDelta
from flowloom_modelkit.prices import DEFAULT_MODEL, CallCosts
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.settings import ModelPrice, ModelSettings
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.clock import Clock, SystemClock
from flowloom_servicekit.dapr.invoke import Invoker
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.outbound.errors import AddressRefusedError
from flowloom_servicekit.outbound.targets import Origin

FRESH_SECONDS: Final = 1.0
TIMEOUT_SECONDS: Final = 5.0
MAX_KNOWN: Final = 2_000
MAX_CLIENTS: Final = 64
MOST_FALLBACKS: Final = 3
STANDS_IN_FOR: Final = (ModelUnavailableError, ModelTimeoutError, ModelRateLimitError)

log = structlog.get_logger(__name__)

AskWhere = Callable[[ResolveModel], Awaitable[ResolvedModel]]


def asked_of(invoker: Invoker) -> AskWhere:
    """Return how the gateway is asked, which owns the models."""
    return lambda question: invoker.call(
        AppId.GATEWAY, "models/resolve", question, ResolvedModel, timeout_s=TIMEOUT_SECONDS
    )


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """What one step calls its model with."""

    caller: ModelCaller
    costs: CallCosts
    context_tokens: int
    calls_tools: bool


@dataclass(slots=True)
class _Client:
    client: ModelClient
    caller: ModelCaller
    guard: EndpointGuard
    users: int = 0
    is_old: bool = False


class WorkspaceModels:
    """One per process; what a workspace has not, the platform's own model answers."""

    def __init__(
        self,
        ask: AskWhere,
        settings: ModelSettings,
        platform: ModelCaller,
        *,
        allow: Iterable[Origin] = (),
        clock: Clock | None = None,
    ) -> None:
        self._ask = ask
        self._settings = settings
        self._platform = platform
        self._allow = tuple(allow)
        self._clock = clock or SystemClock()
        self._known: OrderedDict[tuple[str, str | None], tuple[float, ModelEndpoint | None]] = OrderedDict()
        self._clients: OrderedDict[str, _Client] = OrderedDict()

    async def of(self, workspace_id: str, name: str | None) -> ModelInUse:
        """Return what a step calls; while nobody can say which endpoint it is, at the platform's prices."""
        try:
            endpoint = await self.endpoint(workspace_id, name)
        except UpstreamError:
            endpoint = None
        caller = _WorkspaceCaller(self, workspace_id)
        costs = CallCosts.of(self._settings)
        if endpoint is None:
            tokens, tools = self._settings.model_context_tokens, self._settings.model_calls_tools
            return ModelInUse(caller, costs, tokens, tools)
        prices = dict(costs.prices)
        for one in (endpoint, *await self._stand_ins(workspace_id, endpoint)):
            if one.price is not None:
                prices[one.name] = ModelPrice(input=one.price.input, output=one.price.output)
        default = endpoint.name if name in (None, "default") else costs.default_model
        costs = CallCosts(prices, default, endpoint.context_tokens)
        return ModelInUse(caller, costs, endpoint.context_tokens, endpoint.calls_tools)

    async def _stand_ins(self, workspace_id: str, endpoint: ModelEndpoint) -> list[ModelEndpoint]:
        """Return the endpoints that may answer instead of one, as far as somebody can say which."""
        found: list[ModelEndpoint] = []
        following = endpoint.fallback
        while following is not None and len(found) < MOST_FALLBACKS:
            try:
                one = await self.endpoint(workspace_id, following)
            except (UpstreamError, ModelInputError):
                one = None
            if one is None:
                break
            found.append(one)
            following = one.fallback
        return found

    async def endpoint(self, workspace_id: str, name: str | None) -> ModelEndpoint | None:
        """Return where a model is, as it was said at most a second ago; raises `UpstreamError`."""
        asked_at = self._clock.monotonic()
        known = self._known.get((workspace_id, name))
        if known is not None and asked_at - known[0] < FRESH_SECONDS:
            return known[1]
        said = await self._ask(ResolveModel(workspace_id=workspace_id, name=name))
        try:
            endpoint = ModelEndpoint.model_validate(said.endpoint) if said.endpoint else None
        except ValidationError as error:
            raise ModelInputError("this process cannot call a model of that kind") from error
        self._known[workspace_id, name] = (asked_at, endpoint)
        self._known.move_to_end((workspace_id, name))
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return endpoint

    async def stream(
        self, workspace_id: str, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal
    ) -> ModelAnswer:
        """Call the model of a request, or what stands in for it; see `ModelCaller` for what it raises."""
        said, asked, left = _Said(on_delta), request, MOST_FALLBACKS
        while True:
            endpoint = await until_available(partial(self.endpoint, workspace_id, asked.model), stop=stop)
            try:
                answer = await self._stream(endpoint, asked, on_delta=said, stop=stop)
            except STANDS_IN_FOR as error:
                following = endpoint.fallback if endpoint is not None and left and not said.anything else None
                if following is None:
                    raise
                log.warning("another model stands in", model=asked.model, by=following, error=repr(error))
                asked, left = request.model_copy(update={"model": following}), left - 1
                continue
            if asked is request:
                return answer
            return answer.model_copy(update={"model": asked.model if endpoint is None else endpoint.name})

    async def _stream(
        self, endpoint: ModelEndpoint | None, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal
    ) -> ModelAnswer:
        if endpoint is None:
            plain = request if request.model != DEFAULT_MODEL else request.model_copy(update={"model": None})
            return await self._platform.stream(plain, on_delta=on_delta, stop=stop)
        async with self._client(endpoint) as known, known.guard.place(stop):
            asked = request.model_copy(update={"model": None})
            return await known.caller.stream(asked, on_delta=on_delta, stop=stop)

    async def call(
        self, endpoint: ModelEndpoint, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal
    ) -> ModelAnswer:
        """Call an endpoint, whatever model the request names and however it does."""
        async with self._client(endpoint) as known:
            asked = request.model_copy(update={"model": None})
            return await known.caller.stream(asked, on_delta=on_delta, stop=stop)

    async def aclose(self) -> None:
        """Close every connection."""
        clients = [one.client for one in self._clients.values()]
        self._clients.clear()
        await asyncio.gather(*(client.aclose() for client in clients))

    @asynccontextmanager
    async def _client(self, endpoint: ModelEndpoint) -> AsyncIterator[_Client]:
        """Give the connections to an endpoint; those of an endpoint long unused are closed."""
        key = hashlib.sha256(orjson.dumps(endpoint.with_key(), option=orjson.OPT_SORT_KEYS)).hexdigest()
        known = self._clients.get(key) or self._opened(key, endpoint)
        self._clients.move_to_end(key)
        known.users += 1
        try:
            yield known
        finally:
            known.users -= 1
            if known.is_old and not known.users:
                await known.client.aclose()

    def _opened(self, key: str, endpoint: ModelEndpoint) -> _Client:
        settings = self._settings.model_copy(
            update={
                "model_base_url": endpoint.base_url,
                "model_name": endpoint.model,
                "model_api_key": endpoint.api_key,
                "model_extra_body": endpoint.extra_body,
                "model_temperature": endpoint.temperature,
                "model_top_p": None,
            }
        )
        try:
            client = model_client(settings, allow=self._allow, kind=endpoint.kind)
        except AddressRefusedError as error:
            raise ModelInputError(error.detail) from error
        caller = AnthropicCaller if endpoint.kind == "anthropic" else OpenAICaller
        guard = EndpointGuard(at_once=endpoint.at_once, per_minute=endpoint.per_minute, clock=self._clock)
        opened = self._clients[key] = _Client(client, caller(client, settings), guard)
        if len(self._clients) > MAX_CLIENTS:
            _, oldest = self._clients.popitem(last=False)
            oldest.is_old = True
        return opened


class _Said:
    """Passes pieces of text on, and knows whether there were any: what was said cannot be taken back."""

    def __init__(self, on_delta: OnDelta) -> None:
        self._on_delta = on_delta
        self.anything = False

    def __call__(self, text: str) -> None:
        self.anything = True
        self._on_delta(text)


class _WorkspaceCaller:
    """See `ModelCaller`."""

    def __init__(self, models: WorkspaceModels, workspace_id: str) -> None:
        self._models = models
        self._workspace_id = workspace_id

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Call the model that the workspace has under the request's name."""
        return await self._models.stream(self._workspace_id, request, on_delta=on_delta, stop=stop)
