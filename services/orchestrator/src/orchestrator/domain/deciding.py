"""Who may decide an item of the inbox, what may be said, and when enough people have said it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flowloom_contracts.approvals import Approval, Decide, Decision
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.preferences import WorkspacePolicy
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.runs import Actor
from flowloom_language.inputs import InputError, resolve_inputs
from flowloom_servicekit.errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from orchestrator.domain.inbox import voted
from orchestrator.domain.records import RunRecord

BELOW: Final = {"owner": ("admin", "editor", "operator")}
"""The owner may decide what is asked of any role, so that nothing waits for a role that nobody has."""

DECIDERS: Final = frozenset({"operator", "editor", "admin", "owner"})
"""Roles that may decide an item that is addressed to nobody in particular."""

_REFUSALS: Final = frozenset({"reject", "fail"})
_MOST_TOKENS: Final = 10**12
_MOST_USD: Final = 1_000_000


class ApprovalNotFoundError(NotFoundError):
    """No such item in this workspace."""

    title = "Approval not found"


class AlreadyDecidedError(ConflictError):
    """Somebody, or the end of the time, was first; the detail says who and when."""

    title = "Already decided"


class NotYourDecisionError(ForbiddenError):
    """The item is addressed to others, or it is about a run of their own."""

    title = "This decision is not yours"


class InvalidDecisionError(InvalidRequestError):
    """The item does not allow this decision, or its data does not fit."""

    title = "Invalid decision"


@dataclass(frozen=True)
class Outcome:
    """What becomes of an item: enough was said (`decision`), or it waits for more votes (`item`)."""

    item: Approval
    decision: Decision | None


def name_of(actor: Actor) -> str:
    """Return how a person is called in decisions and votes."""
    return actor.email or actor.user_id or "an API client"


def asked_of(to: Iterable[str]) -> frozenset[str]:
    """Return who is asked, in lower case; nobody in particular are all who work with runs."""
    return frozenset(one.casefold() for one in to) or frozenset(f"role:{role}" for role in DECIDERS)


def names_of(actor: Actor) -> frozenset[str]:
    """Return how a person can be asked, in lower case."""
    users = (f"user:{name}" for name in (actor.email, actor.user_id) if name)
    roles = (f"role:{role}" for given in actor.roles for role in (given, *BELOW.get(given, ())))
    return frozenset(name.casefold() for name in (*roles, *users))


def may_decide(to: Iterable[str], actor: Actor) -> bool:
    """Whether a person is among those who are asked."""
    return not asked_of(to).isdisjoint(names_of(actor))


def check_decider(item: Approval, actor: Actor) -> None:
    """Raise `NotYourDecisionError` unless the person is asked."""
    if not may_decide(item.to, actor):
        asked = ", ".join(item.to) or ", ".join(f"role:{role}" for role in sorted(DECIDERS))
        raise NotYourDecisionError(f"{name_of(actor)} is not asked here; {asked} may decide.")


def own_decision(
    item: Approval, request: Decide, record: RunRecord, policy: WorkspacePolicy
) -> NotYourDecisionError | None:
    """Return why somebody may not let their own run go on; to refuse it, or to tell what was, they may."""
    starter = record.origin.actor.user_id if record.origin.actor else None
    if policy.self_approval == "allow" or starter is None or starter != request.actor.user_id:
        return None
    if item.kind == "uncertain" or request.decision in _REFUSALS:
        return None
    return NotYourDecisionError("You started this run, and in this workspace somebody else has to decide.")


def check_decision(item: Approval, request: Decide) -> None:
    """Raise `InvalidDecisionError` for a decision that the item does not allow, or data that does not fit."""
    if request.decision not in item.allow:
        allowed = ", ".join(item.allow)
        raise _invalid("decision", f"{request.decision!r} is not allowed here; allowed are {allowed}.")
    if item.kind == "approval":
        _check_form(item, request)
    elif item.kind == "budget" and request.decision == "raise":
        _check_raise(request.data)
    elif item.kind == "budget" and request.decision == "cheaper":
        _check_model(request.data)


def say(item: Approval, request: Decide, *, now: datetime) -> Outcome:
    """Count what a person says: a refusal decides at once, everything else when enough have said so.

    An edit is another text: those who approved the one before have to look again.
    """
    by = name_of(request.actor)
    said = Decision(decision=request.decision, by=by, at=now, comment=request.comment, data=request.data)
    if item.kind != "approval" or item.quorum <= 1 or request.decision in _REFUSALS:
        return Outcome(item, said)
    before = next((vote for vote in item.votes if vote.by == by), None)
    if before is not None and request.decision != "edit":
        if before.decision == "edit" or before.decision == request.decision:
            return Outcome(item, None)
        raise AlreadyDecidedError(f"{by} has said {before.decision!r} at {before.at.isoformat()}.")
    if request.decision == "edit":
        item = item.model_copy(update={"values": request.data, "votes": []})
    item = voted(item, said)
    if len(item.votes) < item.quorum:
        return Outcome(item, None)
    is_edited = any(vote.decision == "edit" for vote in item.votes)
    final = {"decision": "edit", "data": item.values} if is_edited else {"decision": "approve"}
    return Outcome(item, said.model_copy(update=final))


def already(item: Approval) -> AlreadyDecidedError:
    """Return the refusal for an item that is not open any more; it names who and when."""
    decided = item.decision
    if item.status == "withdrawn":
        return AlreadyDecidedError("The step is not waiting any more: its run went on or ended without it.")
    if decided is None or decided.by is None:
        when = f" at {decided.at.isoformat()}" if decided else ""
        what = f": {decided.decision}" if decided else ""
        return AlreadyDecidedError(f"Its time ran out{when}{what}.")
    return AlreadyDecidedError(f"{decided.by} decided {decided.decision!r} at {decided.at.isoformat()}.")


def _check_form(item: Approval, request: Decide) -> None:
    if request.decision == "edit" and request.data is None:
        raise _invalid("data", "An edit says what is changed.")
    if item.form is None or request.data is None:
        return
    if not isinstance(request.data, dict):
        raise _invalid("data", "Data for the form is a map of its fields.", code="wrong_type")
    try:
        resolve_inputs(item.form, request.data)
    except InputError as error:
        problems = [
            FieldProblem(
                path="data" + problem.path.removeprefix("inputs"), code=problem.code, message=problem.message
            )
            for problem in error.errors
        ]
        raise InvalidDecisionError("The data does not fit the form.", errors=problems) from error


def _check_raise(data: JsonValue) -> None:
    """A raise without numbers gives as much again; with numbers they are the new limits."""
    for name, value in _fields(data, ("tokens", "usd")).items():
        most = _MOST_TOKENS if name == "tokens" else _MOST_USD
        is_number = isinstance(value, int if name == "tokens" else (int, float)) and not isinstance(
            value, bool
        )
        if not is_number or not 0 < float(str(value)) <= most:
            raise _invalid(f"data.{name}", f"{name} is a number above 0 and at most {most}.")


def _check_model(data: JsonValue) -> None:
    model = _fields(data, ("model",)).get("model")
    if model is not None and (not isinstance(model, str) or not 0 < len(model) <= 128):
        raise _invalid("data.model", "model is the name of a model.")


def _fields(data: JsonValue, known: tuple[str, ...]) -> JsonObject:
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise _invalid("data", "Data is a map.", code="wrong_type")
    unknown = next((name for name in data if name not in known), None)
    if unknown is not None:
        hint = f"{unknown!r} means nothing here; known: {', '.join(known)}."
        raise _invalid(f"data.{unknown}", hint, code="unknown_field")
    return {name: value for name, value in data.items() if value is not None}


def _invalid(path: str, message: str, *, code: str = "invalid_value") -> InvalidDecisionError:
    return InvalidDecisionError(message, errors=[FieldProblem(path=path, code=code, message=message)])
