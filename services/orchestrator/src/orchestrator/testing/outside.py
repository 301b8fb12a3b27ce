"""Fakes of what stands around one process: the control channel and the documents of the gateway."""

from flowloom_contracts.automation import ResolvedWorkflow
from flowloom_contracts.runs import (
    Actor,
    WorkflowRef,
)


class FakeChannel:
    """A control channel that remembers."""

    def __init__(self) -> None:
        self.cancelled: list[str] = []

    async def publish_cancel(self, run_id: str) -> None:
        """Remember the cancel."""
        self.cancelled.append(run_id)


class FakeDocuments:
    """Documents by name that a test has put here."""

    def __init__(self) -> None:
        self.sources: dict[str, str] = {}

    async def resolve(self, actor: Actor, name: str, version: int | None) -> ResolvedWorkflow | str:
        """See `WorkflowDocuments.resolve`."""
        if name not in self.sources:
            return f"There is no workflow {name!r}."
        return ResolvedWorkflow(
            workflow=WorkflowRef(id=f"wf-{name}", name=name), version=version or 1, source=self.sources[name]
        )
