"""What people do with runs that exist: the questions the orchestrator is asked, checked at the door."""

import hashlib
from collections.abc import AsyncIterator

from flowloom_contracts.approvals import ApprovalRef, Decide, DecisionBody
from flowloom_contracts.forks import ForkAnswer, ForkBody, ForkRun
from flowloom_contracts.runs import RunCommand
from flowloom_contracts.values import ValuePart, ValuePartQuery
from flowloom_servicekit.errors import ConflictError, ForbiddenError, NotFoundError
from gateway.control_ports import RunControl
from gateway.domain.json_values import canonical
from gateway.domain.principals import Principal
from gateway.usecases.idempotency import check_key
from gateway.usecases.runs import run_query

MAX_ID_CHARS = 200


class ApprovalNotFoundError(NotFoundError):
    """There is no such item in this workspace."""

    title = "Approval not found"


class AlreadyDecidedError(ConflictError):
    """Somebody was first; the detail names them."""

    title = "Already decided"


class NotYourDecisionError(ForbiddenError):
    """The item is addressed to others, or it is about a run of their own."""

    title = "This decision is not yours"


class ValueNotFoundError(NotFoundError):
    """The run has no such value."""

    title = "Value not found"


class RunNotInThatStateError(ConflictError):
    """The command does not fit the state of the run."""

    title = "The run cannot do that now"


def command(run_id: str, principal: Principal, reason: str | None = None) -> RunCommand:
    """Return a command on a run; what cannot be an id is not found."""
    known = run_query(run_id, principal)
    return RunCommand(actor=known.actor, run_id=known.run_id, reason=reason)


async def open_value(
    run_id: str, ref: str, principal: Principal, *, control: RunControl
) -> AsyncIterator[bytes]:
    """Return a value of a run as JSON, piece by piece: it may be larger than what a process should hold."""
    known = run_query(run_id, principal)
    query = ValuePartQuery(actor=known.actor, run_id=known.run_id, ref=ref)
    # The first piece is asked for here, so that a refusal becomes an answer.
    return _written(await control.value_part(query), query, control)


async def _written(part: ValuePart, query: ValuePartQuery, control: RunControl) -> AsyncIterator[bytes]:
    yield f'{{"ref":"{part.ref}","size":{part.size},"value":{part.text}'.encode()
    while part.next_offset is not None:
        part = await control.value_part(query.model_copy(update={"offset": part.next_offset}))
        yield part.text.encode()
    yield b"}"


async def fork_run(
    run_id: str, body: ForkBody, principal: Principal, *, idempotency_key: str | None, control: RunControl
) -> ForkAnswer:
    """Start a fork, or report what it would do."""
    check_key(idempotency_key)
    known = run_query(run_id, principal)
    given = canonical(body.model_dump(mode="json"), "overrides")
    return await control.fork(
        ForkRun(
            actor=known.actor,
            run_id=known.run_id,
            body=body,
            idempotency_key=idempotency_key,
            request_hash=hashlib.sha256(known.run_id.encode() + b"\nfork\n" + given).hexdigest(),
        )
    )


def approval_ref(approval_id: str, principal: Principal) -> ApprovalRef:
    """Return the question for one item of the inbox."""
    if len(approval_id) > MAX_ID_CHARS or not approval_id.isprintable():
        raise ApprovalNotFoundError(f"No approval {approval_id[:80]!r} here.")
    return ApprovalRef(actor=principal.actor, approval_id=approval_id)


def decision(approval_id: str, body: DecisionBody, principal: Principal) -> Decide:
    """Return the decision of a person on an item."""
    known = approval_ref(approval_id, principal)
    canonical(body.data, "data")
    return Decide(
        actor=known.actor,
        approval_id=known.approval_id,
        decision=body.decision,
        comment=body.comment,
        data=body.data,
    )
