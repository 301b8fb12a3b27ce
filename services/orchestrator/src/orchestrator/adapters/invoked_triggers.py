"""The gateway, which knows what a trigger starts, over service invocation."""

from typing import Final

from flowloom_contracts.automation import FireTrigger, TriggerFired
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker

TIMEOUT_SECONDS: Final = 20.0


class InvokedTriggers:
    """See `Triggers`."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def fire(self, request: FireTrigger) -> TriggerFired:
        """See `Triggers.fire`."""
        return await self._invoker.call(
            AppId.GATEWAY, "triggers/fire", request, TriggerFired, timeout_s=TIMEOUT_SECONDS
        )
