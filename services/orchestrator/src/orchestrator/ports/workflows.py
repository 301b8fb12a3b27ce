"""The documents of a workspace, as their owner gives them out."""

from typing import Protocol

from flowloom_contracts.automation import ResolvedWorkflow
from flowloom_contracts.runs import Actor


class WorkflowDocuments(Protocol):
    """Finds the document behind a name."""

    async def resolve(self, actor: Actor, name: str, version: int | None) -> ResolvedWorkflow | str:
        """Return a document, or why there is none to run; raises `UpstreamError`."""
