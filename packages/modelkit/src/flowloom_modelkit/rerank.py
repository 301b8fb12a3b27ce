"""A model that judges texts by how well they answer a query, over HTTP as most servers of such models do."""

import math
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, Self

import orjson

from flowloom_contracts.base import JsonObject
from flowloom_modelkit.endpoint import is_loopback
from flowloom_modelkit.errors import (
    ModelAuthError,
    ModelFailure,
    ModelInputError,
    ModelRateLimitError,
    ModelTimeoutError,
    ModelUnavailableError,
    ProviderForbiddenError,
)
from flowloom_modelkit.guards import EndpointGuard
from flowloom_modelkit.settings import RerankSettings
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.telemetry import CALLS_MADE, CALLS_SECONDS
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.errors import OutboundTimeoutError
from flowloom_servicekit.outbound.request import Limits, OutboundRequest
from flowloom_servicekit.outbound.targets import target

KIND: Final = "rerank"
AT_ONCE: Final = 8
CONNECT_S: Final = 1.0
MAX_ANSWER_BYTES: Final = 1_000_000
CLIENT_ERRORS: Final = range(400, 500)


class RerankClient:
    """One per process; the operator has chosen the endpoint, so its origin is allowed wherever it leads."""

    def __init__(self, settings: RerankSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._target = target(settings.rerank_url)
        if settings.forbid_provider_calls and not is_loopback(self._target.origin.host):
            raise ProviderForbiddenError(
                f"FLOWLOOM_FORBID_PROVIDER_CALLS is set and {settings.rerank_url!r} is not on this machine"
            )
        self._client = OutboundClient(allow=[self._target.origin], max_connections=AT_ONCE)
        self._guard = EndpointGuard(at_once=AT_ONCE, per_minute=None, clock=clock)

    async def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score for each text, higher is better; raises a `ModelFailure`.

        After some failures in a row the endpoint is left alone for a while, and this fails at once.
        """
        began, outcome = time.monotonic(), "broken"
        try:
            async with self._guard.place(StopSignal()):
                scores = await self._asked(query, texts)
            outcome = "answered"
            return scores
        except ModelFailure as error:
            outcome = type(error).__name__
            raise
        finally:
            CALLS_SECONDS.labels(KIND).observe(time.monotonic() - began)
            CALLS_MADE.labels(KIND, self._settings.rerank_model or KIND, outcome).inc()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _asked(self, query: str, texts: Sequence[str]) -> list[float]:
        try:
            answer = await self._client.request(self._request(query, texts))
        except OutboundTimeoutError as error:
            raise ModelTimeoutError(error.detail) from error
        except FlowloomError as error:
            raise ModelUnavailableError(error.detail or error.title) from error
        if answer.status != HTTPStatus.OK:
            raise _refusal(answer.status)
        return scores_of(answer.body, len(texts))

    def _request(self, query: str, texts: Sequence[str]) -> OutboundRequest:
        settings, key = self._settings, self._settings.rerank_api_key
        body: JsonObject = {"query": query}
        if settings.rerank_shape == "texts":
            body |= {"texts": [*texts], "truncate": True}
        else:
            body |= {"documents": [*texts], "top_n": len(texts)}
        if settings.rerank_model:
            body["model"] = settings.rerank_model
        headers = {"accept": "application/json", "content-type": "application/json"}
        if key is not None and key.get_secret_value():
            headers["authorization"] = f"Bearer {key.get_secret_value()}"
        longest = settings.rerank_timeout_s
        limits = Limits(
            connect_s=min(CONNECT_S, longest), first_byte_s=longest, idle_s=longest, total_s=longest,
            body_bytes=MAX_ANSWER_BYTES,
        )  # fmt: skip
        # Judging changes nothing, so it may be asked for again on a connection that has gone.
        return OutboundRequest(
            "POST", self._target, headers=headers, body=orjson.dumps(body), limits=limits, is_repeatable=True
        )


def scores_of(body: bytes, count: int) -> list[float]:
    """Return the scores in the order of what was sent; raises `ModelUnavailableError` for what is no ranking.

    Servers give `{results: [{index, relevance_score}]}` or `[{index, score}]`, the best first.
    """
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ModelUnavailableError(
            "the re-ranking endpoint answered with something that is no JSON"
        ) from error
    rows = said.get("results") if isinstance(said, dict) else said
    scores: dict[int, float] = {}
    for row in rows if isinstance(rows, list) else []:
        place, score = _row(row)
        if place is not None and score is not None and 0 <= place < count:
            scores[place] = score
    if len(scores) != count:
        raise ModelUnavailableError(f"the re-ranking endpoint judged {len(scores)} of {count} texts")
    return [scores[place] for place in range(count)]


def _row(row: object) -> tuple[int | None, float | None]:
    if not isinstance(row, dict):
        return None, None
    place, score = row.get("index"), row.get("relevance_score", row.get("score"))
    if isinstance(place, bool) or not isinstance(place, int):
        return None, None
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        return place, None
    return place, float(score)


def _refusal(status: int) -> ModelFailure:
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return ModelAuthError("the re-ranking endpoint refuses the key")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return ModelRateLimitError("the re-ranking endpoint asks for fewer calls")
    if status in CLIENT_ERRORS:
        return ModelInputError(f"the re-ranking endpoint refuses the request with {status}")
    return ModelUnavailableError(f"the re-ranking endpoint answered {status}")
