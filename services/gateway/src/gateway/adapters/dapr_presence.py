"""How agents are, in the sidecar's state store `cache`."""

from typing import Final

from flowloom_contracts.presence import KeptAgent
from flowloom_servicekit.dapr.state import StateStore

KEY: Final = "agent:{name}"
REMEMBER_SECONDS: Final = 86_400


class DaprPresence:
    """PresenceStore; what nobody says again is forgotten after a day."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    async def get(self, name: str) -> KeptAgent | None:
        """Return what is remembered of an agent."""
        return await self._state.get(KEY.format(name=name), KeptAgent)

    async def put(self, name: str, agent: KeptAgent) -> None:
        """Remember it."""
        await self._state.put(KEY.format(name=name), agent, ttl_s=REMEMBER_SECONDS)
