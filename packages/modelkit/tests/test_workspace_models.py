"""Models of workspaces: found by name, trusted for a second, called with their own key and no other."""

import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.models import ResolvedModel, ResolveModel
from flowloom_modelkit.errors import ModelAuthError, ModelUnavailableError
from flowloom_modelkit.guards import CLOSED_S, FAILURES_IN_A_ROW
from flowloom_modelkit.journal import JournaledCalls, JournaledModel, StepRef
from flowloom_modelkit.requests import ModelRequest, ask
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.testing.endpoint import DONE, FakeEndpoint, chunk, fake_endpoint, status, streaming
from flowloom_modelkit.testing.journal import InMemoryCallJournal
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_modelkit.workspace_models import WorkspaceModels
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.outbound.targets import origin
from flowloom_servicekit.testing.clock import FakeClock

SETTINGS = ModelSettings(
    model_base_url="http://127.0.0.1:1/v1", model_name="small", model_api_key="platform", model_top_p=0.9
)
HELLO = ModelRequest(messages=ask("Hi"), model="large")


class _Gateway:
    """Says where models are; `asked` counts."""

    def __init__(self, url: str | None = None, key: str = "secret-1") -> None:
        self.url, self.key, self.asked, self.away = url, key, 0, False
        self.more: dict[str, JsonObject] = {}

    async def __call__(self, question: ResolveModel) -> ResolvedModel:
        self.asked += 1
        if self.away:
            raise UpstreamError("away")
        more = self.more.get(question.name or "large", {})
        if self.url is None or question.name not in ("large", None, *self.more):
            return ResolvedModel()
        endpoint: JsonObject = {
            "name": "large",
            "kind": "openai_compatible",
            "base_url": self.url,
            "model": "big-1",
            "api_key": self.key,
            "price": {"input": 2, "output": 4},
            "context_tokens": 4_096,
            "calls_tools": True,
        } | more
        return ResolvedModel(endpoint=endpoint)


def _models(gateway: _Gateway, clock: FakeClock, *, allow: str = "") -> WorkspaceModels:
    origins = [origin(allow)] if allow else []
    return WorkspaceModels(gateway, SETTINGS, ScriptedModel("platform"), allow=origins, clock=clock)


async def _said(models: WorkspaceModels, request: ModelRequest = HELLO) -> str:
    in_use = await models.of("ws", request.model)
    answer = await in_use.caller.stream(request, on_delta=lambda _: None, stop=StopSignal())
    return answer.text


async def test_calls_the_workspace_s_model_with_its_own_key() -> None:
    async with fake_endpoint(streaming(chunk("big answer"), chunk(finish_reason="stop"), DONE)) as endpoint:
        gateway, clock = _Gateway(endpoint.url), FakeClock()
        models = _models(gateway, clock, allow=endpoint.url.removesuffix("/v1"))
        assert await _said(models) == "big answer"
        _sent_to(endpoint, key="secret-1")
        gateway.key = "secret-2"
        assert await _said(models) == "big answer"
        _sent_to(endpoint, key="secret-1")
        clock.advance(1.1)
        assert await _said(models) == "big answer"
        _sent_to(endpoint, key="secret-2")
        assert gateway.asked == 2
        in_use = await models.of("ws", None)
        assert (in_use.context_tokens, in_use.calls_tools) == (4_096, True)
        assert (in_use.costs.name_of("default"), in_use.costs.price(None, 10, 10)) == ("large", 60)
        await models.aclose()


def _sent_to(endpoint: FakeEndpoint, *, key: str) -> None:
    body, head = endpoint.requests[-1], endpoint.headers[-1]
    assert (body["model"], body.get("top_p")) == ("big-1", None)
    assert f"Bearer {key}" in head
    assert "platform" not in head


async def test_answers_with_the_platform_s_model_where_the_workspace_has_none() -> None:
    models = _models(_Gateway(), FakeClock())
    assert await _said(models) == "platform"
    assert (await models.of("ws", None)).costs.name_of(None) == "small"


async def test_calls_no_address_inside_that_nobody_has_allowed() -> None:
    async with fake_endpoint(streaming(chunk("never"), DONE)) as endpoint:
        models = _models(_Gateway(endpoint.url), FakeClock())
        with pytest.raises(ModelUnavailableError):
            await _said(models)
        assert endpoint.connections == 0
        await models.aclose()


async def test_begins_at_the_platform_s_prices_while_nobody_answers() -> None:
    gateway = _Gateway("http://127.0.0.1:1/v1")
    gateway.away = True
    models = _models(gateway, FakeClock())
    assert (await models.of("ws", "large")).context_tokens == SETTINGS.model_context_tokens


NOWHERE = "http://127.0.0.1:1/v1"


async def test_another_model_stands_in_for_one_that_is_away_at_its_own_price() -> None:
    async with fake_endpoint(
        streaming(chunk("from the spare"), chunk(finish_reason="stop"), DONE)
    ) as endpoint:
        gateway = _Gateway(endpoint.url)
        price: JsonObject = {"input": 1_000, "output": 1_000}
        gateway.more = {
            "large": {"base_url": NOWHERE, "fallback": "second"},
            "second": {"name": "second", "base_url": NOWHERE, "fallback": "third"},
            "third": {"name": "third", "model": "spare-1", "price": price},
        }
        models = _models(gateway, FakeClock(), allow=endpoint.url.removesuffix("/v1"))
        in_use = await models.of("ws", "large")
        stop = StopSignal()
        calls = JournaledCalls(InMemoryCallJournal(), StepRef("run", "s", 1, 1), stop)
        model = JournaledModel(in_use.caller, calls, in_use.costs)
        answer = await model.stream(HELLO, on_delta=lambda _: None, stop=stop)
        assert (answer.text, answer.model) == ("from the spare", "third")
        assert endpoint.requests[-1]["model"] == "spare-1"
        assert calls.usage.usd_micro == calls.usage.tokens * 1_000
        await models.aclose()


async def test_models_that_stand_in_for_each_other_end_with_the_failure() -> None:
    gateway = _Gateway(NOWHERE)
    gateway.more = {"large": {"fallback": "default"}, "default": {"fallback": "large"}}
    models = _models(gateway, FakeClock(), allow="http://127.0.0.1:1")
    with pytest.raises(ModelUnavailableError):
        await _said(models)
    await models.aclose()


async def test_the_platform_s_model_can_stand_in() -> None:
    gateway = _Gateway(NOWHERE)
    gateway.more = {"large": {"fallback": "default"}}
    models = _models(gateway, FakeClock(), allow="http://127.0.0.1:1")
    assert await _said(models) == "platform"
    await models.aclose()


async def test_nothing_stands_in_for_a_model_that_has_begun_to_speak_or_that_refuses_the_key() -> None:
    async with fake_endpoint(streaming(chunk("half an ans"))) as broken, fake_endpoint(status(401)) as closed:
        for endpoint, failure in ((broken, ModelUnavailableError), (closed, ModelAuthError)):
            gateway = _Gateway(endpoint.url)
            gateway.more = {"large": {"fallback": "default"}}
            models = _models(gateway, FakeClock(), allow=endpoint.url.removesuffix("/v1"))
            with pytest.raises(failure):
                await _said(models)
            await models.aclose()


async def test_an_endpoint_that_keeps_failing_is_left_alone_until_it_is_tried_again() -> None:
    async with fake_endpoint(status(503)) as endpoint:
        clock = FakeClock()
        models = _models(_Gateway(endpoint.url), clock, allow=endpoint.url.removesuffix("/v1"))
        for _ in range(FAILURES_IN_A_ROW + 3):
            with pytest.raises(ModelUnavailableError):
                await _said(models)
        assert len(endpoint.requests) == FAILURES_IN_A_ROW
        clock.advance(CLOSED_S)
        with pytest.raises(ModelUnavailableError):
            await _said(models)
        assert len(endpoint.requests) == FAILURES_IN_A_ROW + 1
        await models.aclose()
