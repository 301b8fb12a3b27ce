"""What the models of workspaces need from outside, and the records that travel there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.base import JsonObject
from flowloom_contracts.models import ModelTest, PlatformModel, SaveModel, TestModel
from gateway.vault_ports import Sealed


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model as it is kept; `spec` never has its key."""

    id: str
    spec: SaveModel
    sealed: Sealed | None
    revision: int
    updated_at: datetime


class ModelStore(Protocol):
    """The models of one workspace at a time."""

    async def all(self, workspace_id: str) -> Sequence[StoredModel]:
        """Return them by name; there are few."""

    async def get(self, workspace_id: str, model_id: str) -> StoredModel | None:
        """Return a model of this workspace."""

    async def of_name(self, workspace_id: str, name: str) -> StoredModel | None:
        """Return the model of this workspace that has a name."""

    async def put(
        self, workspace_id: str, model: StoredModel, *, over: int | None
    ) -> Literal["saved", "name_taken", "stale"]:
        """Store a new model, or one over the state of a revision."""

    async def delete(self, workspace_id: str, model_id: str) -> bool:
        """Delete a model; False if this workspace has none of this id."""


class ModelCalls(Protocol):
    """The orchestrator, which calls models."""

    async def platform(self) -> PlatformModel:
        """Return the model that the operator has set."""

    async def test(self, request: TestModel) -> ModelTest:
        """Ask a model one short question."""


def spec_of(kept: JsonObject) -> SaveModel:
    """Return a specification as it was kept; what this build does not know is left out."""
    known = {name: kept[name] for name in SaveModel.model_fields if name in kept}
    return SaveModel.model_validate(known)
