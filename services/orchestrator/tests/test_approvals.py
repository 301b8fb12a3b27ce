"""What waits for people: who may decide, what counts, and that one decision has one effect."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from flowloom_contracts.approvals import Approval, ApprovalRef
from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import Actor, RunStatus, StepStatus
from flowloom_servicekit.testing.clock import FakeClock
from orchestrator.domain.deciding import (
    AlreadyDecidedError,
    ApprovalNotFoundError,
    InvalidDecisionError,
    NotYourDecisionError,
)
from orchestrator.domain.errors import InvalidCursorError
from orchestrator.testing.people import decide, inbox, person, told, waiting
from orchestrator.testing.world import Stores, a_world, workflow
from orchestrator.usecases import decide_approvals

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FORM = "allow: [approve, edit, reject], form: {type: object, properties: {text: {type: string}}}"
ASK = workflow('ask: {approval: {title: "Go?"}}', rest='outputs: {said: "${steps.ask.output}"}')


def asking(fields: str) -> str:
    return workflow(
        f"ask: {{approval: {{title: Go, {fields}}}}}", rest='outputs: {said: "${steps.ask.output}"}'
    )


async def test_waits_for_a_decision_and_goes_on_with_it(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, item = await waiting(world, ASK)
        assert (item.status, item.kind, item.title, item.step) == ("open", "approval", "Go?", "ask")
        assert (item.workflow_name, item.allow) == ("test", ["approve", "reject"])
        assert await world.status(run) is RunStatus.WAITING
        decided = await decide(world, item)
        assert (decided.status, decided.decision and decided.decision.by) == ("decided", "anna@example.com")
        assert (await world.advance(run))["finished"]
        ended = await world.get(run)
        assert ended.status is RunStatus.SUCCEEDED
        said = ended.outputs and ended.outputs["said"]
        assert isinstance(said, dict)
        assert (said["decision"], said["comment"]) == ("approve", "as discussed")
        seen = await told(world, run)
        assert [one for one in seen if one.startswith(("approval", "run.w", "run.res"))] == [
            "approval.requested.v1",
            "run.waiting.v1",
            "approval.decided.v1",
            "run.resumed.v1",
        ]


async def test_the_first_decision_wins_and_the_second_is_told_who(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, item = await waiting(world, ASK)
        await decide(world, item, "reject", by=person("ben", "owner"))
        with pytest.raises(AlreadyDecidedError, match=r"ben@example\.com decided 'reject' at 20"):
            await decide(world, item)
        await world.advance(run)
        with pytest.raises(AlreadyDecidedError, match=r"ben@example\.com"):
            await decide(world, item)
        kept = await decide_approvals.get_approval(
            ApprovalRef(actor=person(), approval_id=item.id), approvals=stores.approvals
        )
        assert (kept.status, [vote.by for vote in kept.votes]) == ("decided", ["ben@example.com"])


async def test_two_people_in_two_processes_have_one_effect(stores: Stores) -> None:
    async with a_world(stores) as world, a_world(stores) as other:
        run, item = await waiting(world, ASK)
        await other.gate.known(run.id)
        both = await asyncio.gather(
            decide(world, item, "approve", by=person("anna")),
            decide(other, item, "reject", by=person("ben")),
            return_exceptions=True,
        )
        refused = [one for one in both if isinstance(one, AlreadyDecidedError)]
        accepted = [one for one in both if isinstance(one, Approval)]
        assert (len(refused), len(accepted)) == (1, 1)
        winner = accepted[0].decision
        assert winner is not None
        assert str(winner.by) in refused[0].detail
        await world.advance(run)
        assert (await world.step(run, "ask")).status is StepStatus.SUCCEEDED
        assert (await told(world, run)).count("approval.decided.v1") == 1


@pytest.mark.parametrize(
    ("to", "who", "may"),
    [
        ("[]", person("anna", "operator"), True),
        ("[]", person("anna", "viewer"), False),
        ('["role:admin"]', person("anna", "editor"), False),
        ('["role:admin"]', person("anna", "admin"), True),
        ('["user:anna@example.com"]', person("anna", "viewer"), True),
        ('["user:Anna@Example.com", "role:admin"]', person("anna", "viewer"), True),
        ('["user:ben@example.com"]', person("anna", "owner"), False),
    ],
)
async def test_only_those_who_are_asked_may_decide(stores: Stores, to: str, who: Actor, may: bool) -> None:
    async with a_world(stores) as world:
        _, item = await waiting(world, asking(f"to: {to}"))
        own = [one.id for one in (await inbox(world, who, mine=True)).items]
        assert (item.id in own) is may
        if may:
            assert (await decide(world, item, by=who)).status == "decided"
        else:
            with pytest.raises(NotYourDecisionError, match="may decide"):
                await decide(world, item, by=who)


async def test_several_have_to_approve_and_one_person_counts_once(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, item = await waiting(world, asking("quorum: 2"))
        assert len((await decide(world, item)).votes) == 1
        assert len((await decide(world, item)).votes) == 1
        assert (await inbox(world)).items[0].votes[0].by == "anna@example.com"
        decided = await decide(world, item, by=person("ben"))
        assert (decided.status, len(decided.votes)) == ("decided", 2)
        assert (await world.advance(run))["finished"]


async def test_an_edit_is_approved_anew_where_several_decide(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, item = await waiting(world, asking(f"quorum: 2, {FORM}"))
        await decide(world, item)
        edited = await decide(world, item, "edit", by=person("ben"), data={"text": "new"})
        assert ([vote.by for vote in edited.votes], edited.values) == (["ben@example.com"], {"text": "new"})
        final = await decide(world, item)
        assert final.decision is not None
        assert (final.decision.decision, final.decision.data) == ("edit", {"text": "new"})
        assert (await world.advance(run))["finished"]


async def test_one_rejection_ends_what_several_decide(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, item = await waiting(world, asking("quorum: 3"))
        await decide(world, item)
        assert (await decide(world, item, "reject", by=person("ben"))).status == "decided"
        await world.advance(run)
        said = ((await world.get(run)).outputs or {})["said"]
        assert isinstance(said, dict)
        assert said["decision"] == "reject"


@pytest.mark.parametrize(
    ("decision", "data", "path"),
    [
        ("maybe", None, "decision"),
        ("edit", {"text": 3}, "data.text"),
        ("edit", {}, "data.text"),
        ("edit", ["text"], "data"),
        ("edit", None, "data"),
    ],
)
async def test_refuses_what_does_not_fit_the_form(
    stores: Stores, decision: str, data: JsonValue, path: str
) -> None:
    async with a_world(stores) as world:
        form = FORM.replace("type: object", "type: object, required: [text]")
        run, item = await waiting(world, asking(form))
        with pytest.raises(InvalidDecisionError) as refused:
            await decide(world, item, decision, data=data)
        assert [problem.path for problem in refused.value.errors] == [path]
        assert await world.status(run) is RunStatus.WAITING


async def test_time_runs_out_and_whoever_comes_later_is_told() -> None:
    clock = FakeClock(NOW)
    async with a_world(clock=clock) as world:
        run, item = await waiting(world, asking("expires: 1h, on_expire: approve"))
        clock.advance(3_601)
        with pytest.raises(AlreadyDecidedError, match=r"Its time ran out at 2026-03-01T13:00"):
            await decide(world, item)
        await world.advance(run)
        expired = (await inbox(world, status="expired")).items[0]
        assert expired.decision is not None
        assert (expired.decision.decision, expired.decision.by) == ("approve", None)
        assert await world.status(run) is RunStatus.SUCCEEDED


async def test_the_owner_decides_for_every_role() -> None:
    async with a_world() as world:
        _, item = await waiting(world, asking('to: ["role:operator"]'))
        with pytest.raises(NotYourDecisionError):
            await decide(world, item, by=person("eve", "editor"))
        mine = await inbox(world, person("olga", "owner"), mine=True)
        assert [one.id for one in mine.items] == [item.id]
        assert (await decide(world, item, by=person("olga", "owner"))).status == "decided"


async def test_asks_more_people_after_a_while() -> None:
    clock = FakeClock(NOW)
    async with a_world(clock=clock) as world:
        source = asking('to: ["role:editor"], escalate: {after: 1h, to: ["role:admin"]}')
        run, item = await waiting(world, source)
        with pytest.raises(NotYourDecisionError):
            await decide(world, item, by=person("carl", "admin"))
        clock.advance(3_601)
        await world.advance(run)
        assert (await inbox(world)).items[0].to == ["role:editor", "role:admin"]
        assert (await told(world, run)).count("approval.requested.v1") == 2
        assert (await decide(world, item, by=person("carl", "admin"))).status == "decided"


async def test_what_waits_is_withdrawn_when_its_run_ends(stores: Stores) -> None:
    async with a_world(stores) as world:
        run, item = await waiting(world, ASK)
        await world.cancel(run)
        await world.advance(run)
        assert (await inbox(world)).items == []
        assert (await inbox(world, status="withdrawn")).items[0].id == item.id
        with pytest.raises(AlreadyDecidedError, match="not waiting any more"):
            await decide(world, item)


async def test_the_inbox_is_paged_and_belongs_to_its_workspace(stores: Stores) -> None:
    clock, items = FakeClock(NOW), list[Approval]()
    async with a_world(stores, clock=clock) as world:
        for _ in range(3):
            items.append((await waiting(world, ASK))[1])
            clock.advance(1)
        stranger = person("zoe", "owner", workspace="ws-2")
        assert (await inbox(world, stranger)).items == []
        with pytest.raises(ApprovalNotFoundError):
            await decide(world, items[0], by=stranger)
        first = await inbox(world, limit=2)
        assert [one.id for one in first.items] == [items[2].id, items[1].id]
        rest = await inbox(world, limit=2, cursor=first.next_cursor)
        assert ([one.id for one in rest.items], rest.next_cursor) == ([items[0].id], None)
        with pytest.raises(InvalidCursorError):
            await inbox(world, cursor="page-2")
        with pytest.raises(ApprovalNotFoundError):
            await decide(world, items[0].model_copy(update={"id": "nothing"}))


async def test_a_paused_run_keeps_the_decision_for_later(stores: Stores) -> None:
    async with a_world(stores) as world:
        steps = ('ask: {approval: {title: "Go?"}}', 'then: {needs: [ask], transform: "done"}')
        run, item = await waiting(world, workflow(*steps))
        assert item.requested_at <= datetime.now(UTC) + timedelta(seconds=1)
        step = await world.step(run, "ask")
        assert (step.waits_for, step.approval_id) == ("approval", item.id)
        await decide(world, item)
        assert (await world.advance(run))["finished"]
