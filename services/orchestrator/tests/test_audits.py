"""What people decide and command is told to the audit log with the change itself (S69)."""

from flowloom_contracts.audit import AuditEvent
from flowloom_servicekit.testing.waiting import wait_until
from orchestrator.testing.people import decide, person, waiting
from orchestrator.testing.world import Stores, World, a_world, workflow

ASK = workflow('ask: {approval: {title: "Go?"}}')
STEP = workflow("a: {agent: qa, prompt: first}")


def _deeds(world: World) -> list[AuditEvent]:
    return [one.event for one in world.bus.published if isinstance(one.event, AuditEvent)]


async def test_s69_a_decision_is_told_with_who_made_it(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, item = await waiting(world, ASK)
        await decide(world, item, by=person("ben", "owner"))
        await wait_until(lambda: bool(_deeds(world)))
        (deed,) = _deeds(world)
        assert (deed.action, deed.workspace_id, deed.actor.email) == (
            "approval.decided",
            "ws-1",
            "ben@example.com",
        )
        assert deed.target is not None
        assert (deed.target.kind, deed.target.id) == ("approval", item.id)
        assert deed.details == {"run_id": run.id, "decision": "approve", "step": "ask"}
        assert "as discussed" not in deed.model_dump_json()


async def test_s69_commands_that_change_a_run_are_told_once(stores: Stores) -> None:
    async with a_world(stores) as world:
        run = await world.start(STEP)
        await world.advance(run)
        await world.pause(run)
        await world.pause(run)
        await world.resume(run)
        await world.cancel(run)
        await wait_until(lambda: len(_deeds(world)) >= 3)
        assert [deed.action for deed in _deeds(world)] == ["run.paused", "run.resumed", "run.cancelled"]
        assert len({deed.event_id for deed in _deeds(world)}) == 3
        assert {deed.target.id for deed in _deeds(world) if deed.target} == {run.id}
