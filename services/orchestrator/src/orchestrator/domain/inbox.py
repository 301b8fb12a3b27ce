"""The inbox of a run: items as steps begin to wait for people, and as that ends."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime

from flowloom_contracts.approvals import Approval, ApprovalStatus, Decision, Vote
from flowloom_contracts.runs import StepStatus
from flowloom_language.events import Change, StepCancelled, StepDecided, StepEscalated, StepWaiting
from flowloom_language.state import RunState
from orchestrator.domain.milestones import step_event
from orchestrator.domain.records import NewEvent, RunRecord


def approval_id(run_id: str, path: str, at: datetime) -> str:
    """Return the id of the item that a step asks for at a moment: a UUIDv7, the same whoever computes it."""
    moment = int(at.timestamp() * 1000)
    digest = hashlib.sha256(f"{run_id}\n{path}\n{at.isoformat()}".encode()).hexdigest()
    text = f"{moment:012x}7{digest[:3]}{8 + int(digest[3], 16) % 4:x}{digest[4:19]}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Inbox:
    """The open items of a run by the path of their step, on the way from one revision to the next."""

    def __init__(self, record: RunRecord) -> None:
        self._run_id = record.id
        self._workflow = record.workflow
        self._open: dict[str, Approval] = dict(record.approvals)
        self._changed: dict[str, Approval] = {}

    @property
    def open(self) -> Mapping[str, Approval]:
        """What waits for people now."""
        return self._open

    @property
    def changed(self) -> tuple[Approval, ...]:
        """Every item that has to be written, as it is now."""
        return tuple(self._changed.values())

    def keep(self, path: str, item: Approval) -> None:
        """Change an open item, because somebody has voted."""
        self._open[path] = self._changed[item.id] = item

    def note(self, state: RunState, event: Change) -> Iterator[NewEvent]:
        """Follow an event of a step, after it was applied; yield what people are told of the inbox."""
        if not self._open and not (isinstance(event, StepWaiting) and event.decision):
            return
        path: str | None = getattr(event, "path", None)
        if path is not None:
            yield from self._note_step(state, event, path)
        if state.status.is_terminal:
            for left in list(self._open):
                yield self._close(state, left, status="withdrawn", at=event.at)

    def _note_step(self, state: RunState, event: Change, path: str) -> Iterator[NewEvent]:
        item = self._open.get(path)
        if isinstance(event, StepWaiting) and event.decision is not None:
            if item is not None:
                yield self._close(state, path, status="withdrawn", at=event.at)
            self.keep(path, self._asked(event))
            yield self._told(state, path, "approval.requested.v1", event.at)
        elif item is None:
            return
        elif isinstance(event, StepDecided):
            yield from self._decided(state, event, item)
        elif isinstance(event, StepEscalated):
            request = state.steps[path].decision
            self.keep(path, item.model_copy(update={"to": request.to if request else [*item.to, *event.to]}))
            yield self._told(state, path, "approval.requested.v1", event.at)
        elif (step := state.steps.get(path)) is None or step.status is not StepStatus.WAITING:
            yield self._left(state, event, path)

    def _asked(self, event: StepWaiting) -> Approval:
        request = event.decision
        if request is None:
            raise ValueError("the step asks nobody")
        return Approval(
            id=approval_id(self._run_id, event.path, event.at),
            run_id=self._run_id,
            workflow_id=self._workflow.id,
            workflow_name=self._workflow.name,
            step=event.path,
            kind=request.kind,
            status="open",
            title=request.title,
            message=request.message,
            message_ref=request.message_ref,
            to=request.to,
            allow=request.allow,
            form=request.form,
            values=request.values,
            quorum=request.quorum,
            rule=request.rule,
            requested_at=event.at,
            expires_at=request.expires_at,
        )

    def _decided(self, state: RunState, event: StepDecided, item: Approval) -> Iterator[NewEvent]:
        decision = Decision(
            decision=event.decision, by=event.by, at=event.at, comment=event.comment, data=event.data
        )
        if event.by is not None:
            self._open[event.path] = voted(item, decision)
        status: ApprovalStatus = "decided" if event.by is not None else "expired"
        yield self._close(state, event.path, status=status, decision=decision, at=event.at)

    def _left(self, state: RunState, event: Change, path: str) -> NewEvent:
        """The step goes on, or has ended, and nobody has decided: its run or its time has ended."""
        if isinstance(event, StepCancelled):
            return self._close(state, path, status="withdrawn", at=event.at)
        failed = Decision(decision="fail", at=event.at)
        return self._close(state, path, status="expired", decision=failed, at=event.at)

    def _close(
        self,
        state: RunState,
        path: str,
        *,
        status: ApprovalStatus,
        at: datetime,
        decision: Decision | None = None,
    ) -> NewEvent:
        item = self._open[path].model_copy(update={"status": status, "decision": decision})
        self.keep(path, item)
        told = self._told(state, path, "approval.decided.v1", at)
        del self._open[path]
        return told

    def _told(self, state: RunState, path: str, kind: str, at: datetime) -> NewEvent:
        step = state.steps.get(path)
        attempt = step.attempt if step is not None else 1
        return step_event(self._run_id, path, kind, self._open[path], at=at, attempt=attempt)


def voted(item: Approval, decision: Decision) -> Approval:
    """Return an item with what somebody said; one person has one vote."""
    if decision.by is None or any(vote.by == decision.by for vote in item.votes):
        return item
    vote = Vote(decision=decision.decision, by=decision.by, at=decision.at, comment=decision.comment)
    return item.model_copy(update={"votes": [*item.votes, vote]})
