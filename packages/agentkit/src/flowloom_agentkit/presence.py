"""Says on the topic `agent-status` how this process is: at each change, and again every few seconds."""

from collections.abc import Callable, Sequence
from typing import Final

import structlog
from prometheus_client import Gauge

from flowloom_agentkit.definition import AgentDefinition
from flowloom_contracts.presence import AgentState, AgentStatus
from flowloom_contracts.topics import Topic
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.publish import EventBus
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.ids import new_id

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 0.5
REPEAT_SECONDS: Final = 10.0

RUNNING: Final = Gauge("flowloom_agent_steps_running", "Steps that an agent has in hand.", ["agent"])
READY: Final = Gauge("flowloom_agent_ready", "Whether an agent can take steps (1) or not (0).", ["agent"])


class Presence:
    """One per process; what is not heard is said again soon."""

    def __init__(
        self,
        definition: AgentDefinition,
        *,
        instance: str,
        running: Callable[[], int],
        missing: Callable[[], Sequence[str]],
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._definition = definition
        self._instance = instance
        self._running = running
        self._missing = missing
        self._bus = bus
        self._clock = clock
        self._said: tuple[AgentState, int] | None = None
        self._said_at = -REPEAT_SECONDS

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Say how it is if that has changed or was said long ago; an outage is waited out."""
        status = self._status()
        RUNNING.labels(status.name).set(status.running)
        READY.labels(status.name).set(status.state != "unwell")
        is_known = self._said == (status.state, status.running)
        if is_known and self._clock.monotonic() - self._said_at < REPEAT_SECONDS:
            return
        try:
            await self._bus.publish(Topic.AGENT_STATUS, status, event_id=new_id(), type="agent.status.v1")
        except UpstreamError as error:
            log.info("nobody could be told how the agent is", error=repr(error))
            return
        self._said, self._said_at = (status.state, status.running), self._clock.monotonic()

    def _status(self) -> AgentStatus:
        running, missing = self._running(), list(self._missing())
        state: AgentState = "unwell" if missing else "busy" if running else "idle"
        return AgentStatus(
            name=self._definition.name,
            instance=self._instance,
            role=self._definition.role,
            goal=self._definition.goal,
            tools=list(self._definition.tools),
            state=state,
            running=running,
            missing=missing,
            at=self._clock.now(),
        )
