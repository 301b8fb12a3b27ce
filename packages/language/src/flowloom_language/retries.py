"""Decides what becomes of a failed attempt: another one after a wait, or the end of the step."""

from datetime import timedelta

from flowloom_contracts.runs import RunStatus
from flowloom_language.events import StepFailed, StepRetrying
from flowloom_language.plan import Plan, RetryPolicy
from flowloom_language.state import RunState

_CLASSES = {"auth": ("401", "403"), "rate_limit": ("429",)}


def settle_failure(
    plan: Plan, state: RunState, failed: StepFailed, *, jitter: float
) -> StepFailed | StepRetrying:
    """Return what to record for a failed attempt; `jitter` is a random number from 0 to 1.

    Every failure of a slow step goes through here, before `apply`.
    """
    policy = plan.step(failed.path).retry
    may_go_on = state.status in (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.PAUSED)
    if (
        policy is None
        or not may_go_on
        or failed.attempt > policy.max
        or not covers(policy.on, failed.error.code)
    ):
        return failed
    return StepRetrying(
        path=failed.path,
        attempt=failed.attempt + 1,
        wake_at=failed.at + timedelta(seconds=_back_off(policy, failed.attempt, jitter)),
        error=failed.error,
        usage=failed.usage,
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
