"""Whether everything that a run needs is there."""

import asyncio
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.schema_versions import SchemaOfService

NEEDED: Final = (AppId.ORCHESTRATOR, *AGENT_APP_IDS)
ASK_SECONDS: Final = 2.0
REMEMBER_SECONDS: Final = 1.0


class PlatformReadiness:
    """Asks the stores directly and the services through the sidecar, all at once; trusts it for a second."""

    def __init__(
        self, database: Database, schema: SchemaOfService, *, redis: Redis, sidecar: Sidecar, clock: Clock
    ) -> None:
        self._database = database
        self._schema = schema
        self._redis = redis
        self._sidecar = sidecar
        self._clock = clock
        self._asked_at = -REMEMBER_SECONDS
        self._answer: list[str] = []
        self._asking = asyncio.Lock()

    async def unwell(self) -> list[str]:
        """Return the names of the parts that do not answer."""
        async with self._asking:
            if self._clock.monotonic() - self._asked_at >= REMEMBER_SECONDS:
                found = await asyncio.gather(
                    self._postgres(), self._valkey(), *(self._service(app_id) for app_id in NEEDED)
                )
                self._answer = [name for name in found if name]
                self._asked_at = self._clock.monotonic()
            return self._answer

    async def _postgres(self) -> str:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return "; ".join(await self._schema.unfit(self._database))
        except TimeoutError:
            return "postgres does not answer"

    async def _valkey(self) -> str:
        try:
            await asyncio.wait_for(self._redis.ping(), ASK_SECONDS)
        except (RedisError, OSError, TimeoutError):
            return "valkey does not answer"
        return ""

    async def _service(self, app_id: AppId) -> str:
        path = f"/v1.0/invoke/{app_id}/method/readyz"
        try:
            response = await self._sidecar.send("GET", path, timeout_s=ASK_SECONDS)
        except UpstreamError:
            return f"{app_id} does not answer"
        return "" if response.status_code == 200 else f"{app_id} is not ready"
