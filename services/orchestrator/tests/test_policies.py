"""What workspaces decide for all of their runs: who may approve, and how long runs are kept."""

from datetime import UTC, datetime

import pytest

from flowloom_contracts.preferences import WorkspacePolicy
from flowloom_servicekit.testing.clock import FakeClock
from orchestrator.domain.deciding import NotYourDecisionError
from orchestrator.testing.people import decide, inbox, person
from orchestrator.testing.world import ACTOR, Stores, a_world, workflow

ASKS = workflow("s: {approval: {title: Well}}")
HELLO = workflow("s: {llm: default, prompt: Hi}")
DAY = 86_400.0
STRICT = WorkspacePolicy(workspace_id=ACTOR.workspace_id, revision=2, self_approval="forbid")


async def test_keeps_the_newest_policy(stores: Stores) -> None:
    assert (await stores.policies.get("ws-9")).self_approval == "allow"
    assert await stores.policies.put(STRICT) == 2
    assert await stores.policies.put(STRICT.model_copy(update={"revision": 1, "self_approval": "allow"})) == 2
    assert await stores.policies.get(ACTOR.workspace_id) == STRICT
    assert await stores.policies.retention() == {}
    short = STRICT.model_copy(update={"revision": 3, "run_retention_days": 7})
    assert await stores.policies.put(short) == 3
    assert await stores.policies.retention() == {ACTOR.workspace_id: 7}


async def test_lets_nobody_approve_a_run_of_their_own_where_the_workspace_says_so(stores: Stores) -> None:
    await stores.policies.put(STRICT)
    async with a_world(stores) as world:
        starter = person("starter")
        other = person("other")
        run = await world.start(ASKS, actor=starter)
        await world.advance(run)
        item = (await inbox(world, run_id=run.id)).items[0]
        with pytest.raises(NotYourDecisionError, match="somebody else"):
            await decide(world, item, by=starter)
        assert (await decide(world, item, by=other)).status == "decided"
        again = await world.start(ASKS, actor=starter)
        await world.advance(again)
        own = (await inbox(world, run_id=again.id)).items[0]
        refused = await decide(world, own, "reject", by=starter)
        assert refused.status == "decided"


async def test_keeps_runs_as_long_as_their_workspace_says(stores: Stores) -> None:
    clock = FakeClock(datetime.now(UTC))
    async with a_world(stores, clock=clock) as world:
        mine = await world.start(HELLO)
        others = await world.start(HELLO, actor=ACTOR.model_copy(update={"workspace_id": "ws-2"}))
        for run in (mine, others):
            await world.advance_by_id(run.id)
            await world.relay.settled(run.id)
        await stores.policies.put(STRICT.model_copy(update={"run_retention_days": 7}))
        clock.advance(8 * DAY)
        assert await world.reconciler.remove_old() == 1
        assert await stores.runs.load(mine.id) is None
        assert await stores.runs.load(others.id) is not None
        clock.advance(30 * DAY)
        assert await world.reconciler.remove_old() == 1
