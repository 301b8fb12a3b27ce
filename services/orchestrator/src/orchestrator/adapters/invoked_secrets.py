"""The gateway's vault, over service invocation."""

from collections.abc import Mapping, Sequence

from flowloom_contracts.automation import OpenedSecrets, OpenSecrets
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker


class InvokedSecrets:
    """See `SecretSource`."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def open(
        self, workspace_id: str, *, run_id: str, step: str, names: Sequence[str]
    ) -> Mapping[str, str]:
        """See `SecretSource.open`."""
        request = OpenSecrets(workspace_id=workspace_id, run_id=run_id, step=step, names=list(names))
        opened = await self._invoker.call(AppId.GATEWAY, "secrets/open", request, OpenedSecrets)
        return opened.values
