"""Decides what becomes of a failed attempt: another one, a question, a recovery, or the end of the step."""

from datetime import timedelta
from typing import Final, TypeAlias

from flowloom_contracts.approvals import ALLOWED, DecisionKind, DecisionRequest
from flowloom_contracts.document_parts import CheaperModel
from flowloom_contracts.runs import RunStatus, StepStatus
from flowloom_language.errors import IllegalTransitionError
from flowloom_language.events import StepFailed, StepRecovering, StepReplaced, StepRetrying, StepWaiting
from flowloom_language.plan import Plan, PlanStep, RetryPolicy
from flowloom_language.state import RunState, StepState

Settled: TypeAlias = StepFailed | StepRetrying | StepRecovering | StepWaiting | StepReplaced

_CLASSES: Final = {"auth": ("401", "403"), "rate_limit": ("429",)}
_GOES_ON: Final = (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.PAUSED, RunStatus.CANCELLING)
_DECIDED_BY_PEOPLE: Final[dict[str, DecisionKind]] = {"uncertain": "uncertain", "budget": "budget"}
_ASKED: Final[dict[DecisionKind, str]] = {
    "uncertain": "Nobody knows whether the step had its effect.",
    "budget": "The step has reached its budget.",
}


def settle_failure(
    plan: Plan,
    state: RunState,
    failed: StepFailed,
    *,
    jitter: float,
    ask: bool = True,
    on_reach: str | None = None,
) -> Settled:
    """Return what to record for a failed attempt; `jitter` is a random number from 0 to 1.

    Every failure of a step that a worker carries out goes through here, before `apply`; so does a child run
    that cannot be started. With `ask` false nobody is asked about the codes `uncertain` and `budget`: they
    have decided. `on_reach` is what the budget that is reached says (`ask`, `fail` or a model's name), where
    it is not one of the document's. Raises IllegalTransitionError when the attempt has ended already.
    """
    planned, step = plan.at(failed.path), state.steps.get(failed.path)
    if step is None or step.recovering is not None or step.status.is_terminal:
        raise IllegalTransitionError(f"The attempt of {failed.path!r} has ended already.")
    if state.status not in _GOES_ON or (state.ending is not None and state.ending.stage == "stopping"):
        return failed
    asked = _question(step, failed, on_reach or written_on_reach(plan)) if ask else None
    if asked is not None:
        return asked
    policy = planned.retry
    if policy is not None and step.status is not StepStatus.PENDING and _repeats(policy, step, failed):
        return StepRetrying(
            path=failed.path,
            attempt=failed.attempt + 1,
            wake_at=failed.at + timedelta(seconds=_back_off(policy, failed.attempt - step.tried, jitter)),
            error=failed.error,
            usage=failed.usage,
            at=failed.at,
        )
    return _recovered(planned, failed) or failed


def written_on_reach(plan: Plan) -> str:
    """Return what a document says of its budget: `ask`, `fail` or the name of a cheaper model."""
    budget = plan.limits.budget
    on_reach = budget.on_reach if budget else "ask"
    return on_reach.model if isinstance(on_reach, CheaperModel) else on_reach


def _question(step: StepState, failed: StepFailed, on_reach: str) -> StepWaiting | StepReplaced | None:
    code = _DECIDED_BY_PEOPLE.get(failed.error.code)
    if code is None or step.status is StepStatus.PENDING:
        return None
    if code == "budget":
        if on_reach not in ("ask", "fail") and step.model_override != on_reach:
            return StepReplaced(
                path=failed.path,
                attempt=failed.attempt,
                model=on_reach,
                usage=failed.usage,
                at=failed.at,
            )
        if on_reach != "ask":
            return None
    request = DecisionRequest(
        kind=code, title=_ASKED[code], message=failed.error.message, allow=list(ALLOWED[code])
    )
    return StepWaiting(
        path=failed.path,
        attempt=failed.attempt,
        decision=request,
        error=failed.error,
        usage=failed.usage,
        at=failed.at,
    )


def _repeats(policy: RetryPolicy, step: StepState, failed: StepFailed) -> bool:
    return failed.attempt - step.tried <= policy.max and covers(policy.on, failed.error.code)


def _recovered(planned: PlanStep, failed: StepFailed) -> StepRecovering | None:
    recovery = planned.recovery
    code = failed.error.code
    if recovery is None or not (code != "cancelled" if recovery.on is None else covers(recovery.on, code)):
        return None
    return StepRecovering(
        path=failed.path,
        attempt=failed.attempt,
        error=failed.error,
        usage=failed.usage,
        origin=failed.origin,
        steps=recovery.block.new_steps,
        at=failed.at,
    )


def covers(codes: list[str], code: str) -> bool:
    """Whether an error code is one of the written codes or belongs to one of the written classes."""
    return any(_matches(written, code) for written in codes)


def _matches(written: str, code: str) -> bool:
    if written == code or code in _CLASSES.get(written, ()):
        return True
    is_status = len(code) == 3 and code.isdigit()
    if written == "upstream":
        return is_status and code[0] == "5"
    return is_status and written == f"{code[0]}xx"


def _back_off(policy: RetryPolicy, attempt: int, jitter: float) -> float:
    longest = min(policy.cap, policy.first * policy.factor ** (attempt - 1))
    return longest * (0.5 + jitter / 2) if policy.jitter else longest
