"""The orchestrator, which calls models, through the sidecar."""

from typing import Final

from flowloom_contracts.models import ModelTest, PlatformModel, PlatformModelQuery, TestModel
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker

TIMEOUT_SECONDS: Final = 5.0
TEST_SECONDS: Final = 25.0


class OrchestratorModelCalls:
    """ModelCalls over service invocation."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def platform(self) -> PlatformModel:
        """Return the model that the operator has set."""
        return await self._invoker.call(
            AppId.ORCHESTRATOR,
            "models/platform",
            PlatformModelQuery(),
            PlatformModel,
            timeout_s=TIMEOUT_SECONDS,
        )

    async def test(self, request: TestModel) -> ModelTest:
        """Ask a model one short question."""
        return await self._invoker.call(
            AppId.ORCHESTRATOR, "models/test", request, ModelTest, timeout_s=TEST_SECONDS
        )
