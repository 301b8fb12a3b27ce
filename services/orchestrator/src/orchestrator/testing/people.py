"""What tests of people and money do to a world."""

from flowloom_contracts.approvals import Approval, ApprovalList, ApprovalQuery, Decide
from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import Actor, Run, Spending
from orchestrator.testing.world import World
from orchestrator.usecases import decide_approvals


def person(name: str = "anna", *roles: str, workspace: str = "ws-1") -> Actor:
    """Return somebody who works with runs."""
    return Actor(
        workspace_id=workspace,
        user_id=f"id-{name}",
        email=f"{name}@example.com",
        roles=list(roles or ("editor",)),
    )


async def inbox(world: World, actor: Actor | None = None, **query: object) -> ApprovalList:
    """Read a page of the inbox."""
    asked = ApprovalQuery.model_validate({"actor": actor or person(), **query})
    return await decide_approvals.list_approvals(asked, approvals=world.stores.approvals)


async def waiting(world: World, source: str, *, budget: Spending | None = None) -> tuple[Run, Approval]:
    """Start a run and let it come to its first question."""
    run = await world.start(source, budget=budget)
    await world.advance(run)
    return run, (await inbox(world, run_id=run.id)).items[0]


async def decide(
    world: World,
    item: Approval,
    decision: str = "approve",
    *,
    by: Actor | None = None,
    data: JsonValue = None,
) -> Approval:
    """Say something about an item."""
    request = Decide(
        actor=by or person(), approval_id=item.id, decision=decision, comment="as discussed", data=data
    )
    return await decide_approvals.decide_approval(
        request,
        approvals=world.stores.approvals,
        policies=world.stores.policies,
        gate=world.gate,
        clock=world.clock,
    )


async def go_on(world: World, run: Run) -> bool:
    """Carry a run on as its driver does; return whether it has ended."""
    while True:
        answer = await world.advance(run)
        if answer["finished"] or not answer["start"]:
            return answer["finished"]
        for start in answer["start"]:
            await world.run_local_step(run, start["step"], start["attempt"])


async def told(world: World, run: Run) -> list[str]:
    """Return the types of a run's events."""
    return [event.type for event in (await world.events(run)).items]
