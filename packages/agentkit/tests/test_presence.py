"""What an agent says of itself on the topic of agents' states."""

from flowloom_agentkit.definition import AgentDefinition
from flowloom_agentkit.presence import Presence
from flowloom_contracts.presence import AgentStatus
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.testing.bus import InMemoryEventBus
from flowloom_servicekit.testing.clock import FakeClock

RESEARCH = AgentDefinition(
    name="research", role="Analyst", goal="Find", backstory="Careful.", tools=["memory.search"]
)


class _Bus(InMemoryEventBus):
    away = False

    async def publish(self, topic: str, event: AgentStatus, *, event_id: str, type: str) -> None:  # type: ignore[override]  # only statuses here
        if self.away:
            raise UpstreamError("away")
        await super().publish(topic, event, event_id=event_id, type=type)

    def said(self) -> list[tuple[str, int]]:
        events = [one.event for one in self.published]
        return [(event.state, event.running) for event in events if isinstance(event, AgentStatus)]


async def test_says_at_once_what_changes_and_repeats_it_now_and_then() -> None:
    bus, clock, running, missing = _Bus(), FakeClock(), [0], ["the engine"]
    presence = Presence(
        RESEARCH,
        instance="0",
        running=lambda: running[0],
        missing=lambda: missing,
        bus=bus,
        clock=clock,
    )
    await presence.look()
    missing.clear()
    await presence.look()
    await presence.look()
    running[0] = 2
    bus.away = True
    await presence.look()
    bus.away = False
    await presence.look()
    clock.advance(11)
    await presence.look()
    assert bus.said() == [("unwell", 0), ("idle", 0), ("busy", 2), ("busy", 2)]
    assert {one.topic for one in bus.published} == {"agent-status"}
