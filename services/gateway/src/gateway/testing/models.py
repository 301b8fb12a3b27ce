"""Models of workspaces in memory, and an orchestrator that calls them as a test says."""

from collections.abc import Sequence
from typing import Literal

from flowloom_contracts.models import ModelTest, PlatformModel, TestModel
from flowloom_servicekit.errors import UpstreamError
from gateway.model_ports import StoredModel


class InMemoryModels:
    """See `ModelStore`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], StoredModel] = {}

    async def all(self, workspace_id: str) -> Sequence[StoredModel]:
        """See `ModelStore.all`."""
        mine = [model for (owner, _), model in self.kept.items() if owner == workspace_id]
        return sorted(mine, key=lambda model: model.spec.name)

    async def get(self, workspace_id: str, model_id: str) -> StoredModel | None:
        """See `ModelStore.get`."""
        return self.kept.get((workspace_id, model_id))

    async def of_name(self, workspace_id: str, name: str) -> StoredModel | None:
        """See `ModelStore.of_name`."""
        return next((one for one in await self.all(workspace_id) if one.spec.name == name), None)

    async def put(
        self, workspace_id: str, model: StoredModel, *, over: int | None
    ) -> Literal["saved", "name_taken", "stale"]:
        """See `ModelStore.put`."""
        known = self.kept.get((workspace_id, model.id))
        if (known.revision if known else None) != over:
            return "stale"
        named = await self.of_name(workspace_id, model.spec.name)
        if named is not None and named.id != model.id:
            return "name_taken"
        self.kept[workspace_id, model.id] = model
        return "saved"

    async def delete(self, workspace_id: str, model_id: str) -> bool:
        """See `ModelStore.delete`."""
        return self.kept.pop((workspace_id, model_id), None) is not None


class ScriptedModelCalls:
    """See `ModelCalls`; `tested` is what was asked, `away` plays an orchestrator that does not answer."""

    def __init__(self) -> None:
        self.tested: list[TestModel] = []
        self.away = False

    async def platform(self) -> PlatformModel:
        """See `ModelCalls.platform`."""
        if self.away:
            raise UpstreamError("away")
        return PlatformModel(
            base_url="http://127.0.0.1:9/v1",
            model="small",
            has_key=False,
            price=None,
            context_tokens=2_048,
            calls_tools=False,
        )

    async def test(self, request: TestModel) -> ModelTest:
        """See `ModelCalls.test`."""
        self.tested.append(request)
        return ModelTest(ok=True, duration_ms=12, answer="Hello", tokens=9)
