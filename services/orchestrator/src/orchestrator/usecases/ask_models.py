"""What people want to know of models: which is the platform's, and whether one answers."""

import asyncio
import time
from typing import Final

from pydantic import ValidationError

from flowloom_contracts.models import ModelEndpoint, ModelTest, PlatformModel, Price, TestModel
from flowloom_modelkit.errors import CallStoppedError, ModelFailure, step_error
from flowloom_modelkit.ports import ModelCaller
from flowloom_modelkit.requests import ModelAnswer, ModelRequest, ask
from flowloom_modelkit.settings import ModelSettings
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.workspace_models import WorkspaceModels

QUESTION: Final = "Say hello in one word."
LONGEST_ANSWER: Final = 16
TEST_SECONDS: Final = 20.0
SHOWN_CHARS: Final = 200


class ModelQuestions:
    """Answers for one process."""

    def __init__(
        self, settings: ModelSettings, platform: ModelCaller, models: WorkspaceModels | None
    ) -> None:
        self._settings = settings
        self._platform = platform
        self._models = models

    def platform(self) -> PlatformModel:
        """Return the model that the operator has set, without its key."""
        settings = self._settings
        price = settings.model_prices.get(settings.model_name)
        return PlatformModel(
            base_url=settings.model_base_url,
            model=settings.model_name,
            has_key=settings.model_api_key is not None,
            price=Price(input=price.input, output=price.output) if price else None,
            context_tokens=settings.model_context_tokens,
            calls_tools=settings.model_calls_tools,
        )

    async def test(self, request: TestModel) -> ModelTest:
        """Ask one short question; whatever goes wrong is the answer."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(TEST_SECONDS):
                answer = await self._ask(request)
        except TimeoutError:
            said = f"No answer within {TEST_SECONDS:g} s."
            return _failed(began, code="timeout", message=said)
        except (ModelFailure, CallStoppedError) as error:
            failure = step_error(error)
            return _failed(began, code=failure.code, message=failure.message)
        except ValidationError:
            return _failed(began, code="invalid_input", message="Models of this kind cannot be called here.")
        text = answer.text[:SHOWN_CHARS]
        return ModelTest(ok=True, duration_ms=_since(began), answer=text, tokens=answer.usage.tokens)

    async def _ask(self, request: TestModel) -> ModelAnswer:
        question = ModelRequest(messages=ask(QUESTION), max_tokens=LONGEST_ANSWER)
        stop = StopSignal()
        if request.endpoint is None or self._models is None:
            return await self._platform.stream(question, on_delta=_ignored, stop=stop)
        endpoint = ModelEndpoint.model_validate(request.endpoint)
        return await self._models.call(endpoint, question, on_delta=_ignored, stop=stop)


def _ignored(text: str) -> None:
    """Nobody follows a test."""


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1_000)


def _failed(began: float, *, code: str, message: str) -> ModelTest:
    return ModelTest(ok=False, duration_ms=_since(began), code=code, message=message)
