"""The inbox: what waits for people, and what follows from what they say."""

from dataclasses import replace
from typing import Final

from flowloom_contracts.approvals import (
    Approval,
    ApprovalList,
    ApprovalQuery,
    ApprovalRef,
    Decide,
    Decision,
)
from flowloom_contracts.audit import AuditAction, AuditTarget
from flowloom_language.events import StepDecided
from flowloom_language.large_values import defused
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.ids import is_id
from orchestrator.domain.audits import write_down
from orchestrator.domain.caps import cheaper_model, owners_around
from orchestrator.domain.deciding import (
    AlreadyDecidedError,
    ApprovalNotFoundError,
    already,
    check_decider,
    check_decision,
    own_decision,
    say,
)
from orchestrator.domain.draft import Draft
from orchestrator.domain.errors import InvalidCursorError
from orchestrator.domain.records import LedgerChange, RunRecord
from orchestrator.domain.sight import check_reach
from orchestrator.domain.verdicts import Verdict
from orchestrator.domain.working_time import overtime
from orchestrator.ports.approvals import ApprovalStore
from orchestrator.ports.policies import PolicyStore
from orchestrator.usecases.gate import RunGate

_OPEN: Final = "open"


async def list_approvals(query: ApprovalQuery, *, approvals: ApprovalStore) -> ApprovalList:
    """Return a page of the inbox; raises `InvalidCursorError`."""
    if query.cursor is not None and not is_id(query.cursor):
        raise InvalidCursorError(f"{query.cursor!r} is not a cursor of this list.")
    if query.run_id is not None and not is_id(query.run_id):
        return ApprovalList(items=[])
    found = await approvals.inbox(
        query.actor,
        status=query.status,
        run_id=query.run_id,
        mine=query.mine,
        before=query.cursor,
        limit=query.limit + 1,
    )
    page = list(found[: query.limit])
    return ApprovalList(items=page, next_cursor=page[-1].id if len(found) > query.limit else None)


async def get_approval(ref: ApprovalRef, *, approvals: ApprovalStore) -> Approval:
    """Return one item; raises `ApprovalNotFoundError`."""
    item = None
    if is_id(ref.approval_id):
        item = await approvals.item(ref.actor, ref.approval_id)
    if item is None:
        raise ApprovalNotFoundError(f"There is no approval {ref.approval_id!r}.")
    return item


async def decide_approval(
    request: Decide, *, approvals: ApprovalStore, policies: PolicyStore, gate: RunGate, clock: Clock
) -> Approval:
    """Take what a person says; the first decision wins.

    Raises `ApprovalNotFoundError`, `NotYourDecisionError`, `InvalidDecisionError`, and `AlreadyDecidedError`
    that names who was first.
    """
    ref = ApprovalRef(actor=request.actor, approval_id=request.approval_id)
    known = await get_approval(ref, approvals=approvals)
    check_reach(request.actor, known.workflow_id)
    check_decider(known, request.actor)
    if known.status != _OPEN:
        raise already(known)
    policy = await policies.get(request.actor.workspace_id)
    said = request.model_copy(update={"data": defused(request.data)})

    def judge(record: RunRecord) -> Verdict[Approval | FlowloomError]:
        refusal = own_decision(known, request, record, policy)
        return Verdict(refusal) if refusal else _decide(record, known, said, clock)

    answer = await gate.change(known.run_id, judge)
    if isinstance(answer, Approval):
        return answer
    if isinstance(answer, AlreadyDecidedError):
        # Said again with what is stored now: whoever was first is named.
        now = await get_approval(ref, approvals=approvals)
        raise already(now) if now.status != _OPEN else answer
    raise answer


def _decide(
    record: RunRecord, known: Approval, request: Decide, clock: Clock
) -> Verdict[Approval | FlowloomError]:
    """Judge on the stored run; a refusal is an answer, because it may come with a change."""
    draft, now = Draft(record), clock.now()
    item = draft.inbox.open.get(known.step)
    if item is None or item.id != known.id:
        return Verdict(AlreadyDecidedError("The step is not waiting for this any more."))
    if item.expires_at is not None and item.expires_at <= now:
        # The driver's timer is late; whoever comes after the end of the time is too late all the same.
        draft.wake_driver()
        when = item.expires_at.isoformat()
        return Verdict(AlreadyDecidedError(f"Its time ran out at {when}."), draft.stored())
    try:
        check_decider(item, request.actor)
        check_decision(item, request)
        said = say(item, request, now=now)
    except FlowloomError as refusal:
        return Verdict(refusal)
    if said.item is not item:
        draft.vote(said.item)
    if said.decision is None:
        return Verdict(draft.inbox.open[item.step], draft.stored() if said.item is not item else None)
    decision = said.decision
    event = StepDecided(
        path=item.step,
        attempt=draft.state.steps[item.step].attempt,
        decision=decision.decision,
        by=decision.by,
        comment=decision.comment,
        data=decision.data,
        at=now,
    )
    draft.apply(event)
    _follow(draft, item, decision)
    _release_others(draft, item, event)
    draft.wake_driver()
    write_down(
        draft,
        AuditAction.APPROVAL_DECIDED,
        request.actor,
        target=AuditTarget(kind="approval", id=item.id),
        at=now,
        details={"decision": decision.decision, "step": item.step},
    )
    decided = next(one for one in draft.inbox.changed if one.id == item.id)
    return Verdict(decided, draft.stored())


def _release_others(draft: Draft, item: Approval, event: StepDecided) -> None:
    """Branches that have reached the same budget go on together; what is still too little asks again."""
    if item.kind != "budget" or event.decision == "fail":
        return
    for other in list(draft.inbox.open.values()):
        if other.kind == "budget" and event.decision in other.allow:
            attempt = draft.state.steps[other.step].attempt
            draft.apply(replace(event, path=other.step, attempt=attempt))


def _follow(draft: Draft, item: Approval, decision: Decision) -> None:
    """Write what a decision means for budgets and calls, in the same change."""
    if item.kind == "uncertain" and decision.decision == "repeat":
        draft.reopen_calls(item.step)
    if item.kind != "budget" or decision.decision == "fail":
        return
    owners = owners_around(draft.record, item.step, at=decision.at)
    if decision.decision == "cheaper":
        model = cheaper_model(draft.record.plan, decision.data)
        draft.settle_budgets(LedgerChange(owners=owners, model=model))
        return
    data = decision.data if isinstance(decision.data, dict) else {}
    tokens, usd = data.get("tokens"), data.get("usd")
    change = LedgerChange(
        owners=owners,
        raised=True,
        tokens=tokens if isinstance(tokens, int) else None,
        usd_micro=None if usd is None else round(float(str(usd)) * 1_000_000),
        overtime=overtime(draft.record, item.step),
    )
    draft.settle_budgets(change)
