"""Which calls are replayed, which are made, and which nobody can decide."""

import hashlib
from dataclasses import dataclass

from flowloom_contracts.agents import BeginCall, CallBegun
from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import Usage
from orchestrator.domain.budgets import Crowded, Reached
from orchestrator.domain.records import Committed


@dataclass(frozen=True)
class KnownCall:
    """What the journal has of a call's number, in the branch that holds there."""

    request_hash: str
    has_ended: bool
    response: JsonValue
    usage: Usage
    effect: str


@dataclass(frozen=True)
class BegunCall:
    """A call that was announced: under which branch and name it is kept."""

    branch: int
    name: str
    effect: str


@dataclass(frozen=True)
class CappedCall:
    """What becomes of a call that counts against budgets: an answer, or the budget that has no room for it.

    `committed`: events that were stored with it.
    """

    answer: CallBegun | None = None
    refused: Crowded | Reached | None = None
    committed: Committed | None = None


@dataclass(frozen=True)
class Judgement:
    """The answer, and whether the journal goes on in a new branch from this call."""

    answer: CallBegun
    new_branch: bool = False


def judge(call: BeginCall, known: KnownCall | None) -> Judgement:
    """Decide about a call that is announced; a different request at a known number starts a new branch."""
    key = effect_key(call.run_id, call.step, call.call)
    go = CallBegun(outcome="go", effect_key=key)
    if known is None:
        return Judgement(go)
    if known.effect == "once" and not known.has_ended:
        return Judgement(CallBegun(outcome="uncertain", effect_key=key))
    if known.request_hash != call.request_hash:
        return Judgement(go, new_branch=True)
    if known.has_ended:
        return Judgement(
            CallBegun(outcome="replay", response=known.response, usage=known.usage, effect_key=key)
        )
    return Judgement(go)


def effect_key(run_id: str, step: str, call: int) -> str:
    """Return what outside systems get as idempotency key: the same for every attempt."""
    return hashlib.sha256(f"{run_id}\n{step}\n{call}".encode()).hexdigest()
