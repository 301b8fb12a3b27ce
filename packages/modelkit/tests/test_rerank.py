"""Re-ranking over HTTP: both shapes, and every way in which an endpoint gives no scores."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_modelkit.errors import (
    ModelAuthError,
    ModelFailure,
    ModelInputError,
    ModelRateLimitError,
    ModelTimeoutError,
    ModelUnavailableError,
    ProviderForbiddenError,
)
from flowloom_modelkit.guards import CLOSED_S, FAILURES_IN_A_ROW
from flowloom_modelkit.rerank import RerankClient
from flowloom_modelkit.settings import RerankSettings
from flowloom_modelkit.testing.reranker import Reranker, fake_reranker
from flowloom_servicekit.testing.clock import FakeClock

TEXTS = ["lunch was soup", "the turbine needs bearings", "a turbine"]


def client(server: Reranker, clock: FakeClock | None = None, **settings: object) -> RerankClient:
    given: dict[str, object] = {"rerank_url": server.url, "rerank_model": "judge", "rerank_timeout_s": 0.5}
    return RerankClient(RerankSettings.model_validate(given | settings), clock=clock or FakeClock())


@pytest.mark.parametrize("shape", ["documents", "texts"])
async def test_scores_come_back_in_the_order_of_the_texts(shape: str) -> None:
    async with fake_reranker() as server, client(server, rerank_shape=shape, rerank_api_key="a-key") as asked:
        scores = await asked.rerank("turbine bearings", TEXTS)
    assert scores[1] > scores[2] > scores[0]
    (request,), (head,) = server.requests, server.heads
    assert request[shape] == TEXTS
    assert (request["query"], request["model"]) == ("turbine bearings", "judge")
    assert "authorization: bearer a-key" in head.lower()


async def test_many_are_judged_at_once() -> None:
    async with fake_reranker() as server, client(server) as asked:
        all_of_them = await asyncio.gather(*(asked.rerank("turbine", TEXTS) for _ in range(20)))
    assert len({tuple(scores) for scores in all_of_them}) == 1


NO_RANKING: list[JsonValue] = [
    {"results": [{"index": 0, "relevance_score": 1.0}]},
    {"results": [{"index": place, "relevance_score": "high"} for place in range(3)]},
    {"results": [{"index": place, "relevance_score": True} for place in range(3)]},
    {"results": [{"index": place + 1, "relevance_score": 1} for place in range(3)]},
    {"results": [{"index": 0, "relevance_score": 1} for _ in range(3)]},
    {"results": "none"},
    [1, 2, 3],
    "words",
]


@pytest.mark.parametrize("said", NO_RANKING)
async def test_what_is_no_ranking_is_refused(said: JsonValue) -> None:
    async with fake_reranker(says=said) as server, client(server) as asked:
        with pytest.raises(ModelUnavailableError):
            await asked.rerank("turbine", TEXTS)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (401, ModelAuthError),
        (403, ModelAuthError),
        (422, ModelInputError),
        (429, ModelRateLimitError),
        (500, ModelUnavailableError),
        (302, ModelUnavailableError),
    ],
)
async def test_statuses_are_failures_by_name(status: int, refusal: type[ModelFailure]) -> None:
    async with fake_reranker(status=status) as server, client(server) as asked:
        with pytest.raises(refusal):
            await asked.rerank("turbine", TEXTS)


async def test_who_is_late_is_not_waited_for() -> None:
    async with fake_reranker(late_s=5) as server, client(server, rerank_timeout_s=0.1) as asked:
        with pytest.raises(ModelTimeoutError):
            await asyncio.wait_for(asked.rerank("turbine", TEXTS), 2)


async def test_who_keeps_failing_is_left_alone_and_tried_again() -> None:
    clock = FakeClock()
    async with fake_reranker(status=500) as server, client(server, clock) as asked:
        for _ in range(FAILURES_IN_A_ROW + 3):
            with pytest.raises(ModelUnavailableError):
                await asked.rerank("turbine", TEXTS)
        assert len(server.requests) == FAILURES_IN_A_ROW
        server.status = 200
        clock.advance(CLOSED_S + 1)
        assert len(await asked.rerank("turbine", TEXTS)) == len(TEXTS)


async def test_calls_are_counted_by_what_came_of_them() -> None:
    def counted(outcome: str) -> float:
        labels = {"kind": "rerank", "name": "judge", "outcome": outcome}
        return REGISTRY.get_sample_value("flowloom_calls_made_total", labels) or 0

    was = counted("answered"), counted("ModelAuthError")
    async with fake_reranker() as server, client(server) as asked:
        await asked.rerank("turbine", TEXTS)
        server.status = 401
        with pytest.raises(ModelAuthError):
            await asked.rerank("turbine", TEXTS)
    assert (counted("answered"), counted("ModelAuthError")) == (was[0] + 1, was[1] + 1)


def test_elsewhere_is_refused_where_providers_are_forbidden() -> None:
    settings: JsonObject = {"rerank_url": "https://api.example/v1/rerank", "forbid_provider_calls": True}
    with pytest.raises(ProviderForbiddenError):
        RerankClient(RerankSettings.model_validate(settings), clock=FakeClock())
