"""The documents of a workspace, asked of the gateway."""

from flowloom_contracts.automation import ResolvedWorkflow, ResolveWorkflow
from flowloom_contracts.runs import Actor
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker
from flowloom_servicekit.errors import RemoteProblemError


class InvokedWorkflowDocuments:
    """See `WorkflowDocuments`."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def resolve(self, actor: Actor, name: str, version: int | None) -> ResolvedWorkflow | str:
        """See `WorkflowDocuments.resolve`."""
        request = ResolveWorkflow(actor=actor, name=name, version=version)
        try:
            return await self._invoker.call(AppId.GATEWAY, "workflows/resolve", request, ResolvedWorkflow)
        except RemoteProblemError as error:
            return error.detail
