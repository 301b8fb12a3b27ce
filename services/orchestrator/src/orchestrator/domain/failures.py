"""Records how an attempt failed: another one follows, a question, or the step has failed."""

from dataclasses import replace

from flowloom_language.events import StepFailed
from flowloom_language.retries import settle_failure
from orchestrator.domain.draft import Draft
from orchestrator.domain.working_time import elapsed_ms, is_used_up, out_of_time, seconds_left


def record_failure(draft: Draft, failed: StepFailed, *, jitter: float) -> None:
    """Every failed attempt of a slow step goes through here."""
    failed = _named(draft, failed)
    draft.apply(settle_failure(draft.record.plan, draft.state, failed, jitter=jitter))


def _named(draft: Draft, failed: StepFailed) -> StepFailed:
    """A deadline that a budget has set is the budget's, not the step's own."""
    if failed.error.code != "timeout":
        return failed
    worked = elapsed_ms(draft.execution(failed.path), failed.at)
    if not is_used_up(seconds_left(draft.record, failed.path, plus_ms=worked)):
        return failed
    return replace(failed, error=out_of_time(draft.record, failed.path))
