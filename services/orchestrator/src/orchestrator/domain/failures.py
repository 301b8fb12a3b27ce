"""Records how an attempt failed: another one follows, or the step has failed."""

from flowloom_language.events import StepFailed
from flowloom_language.retries import settle_failure
from orchestrator.domain.draft import Draft


def record_failure(draft: Draft, failed: StepFailed, *, jitter: float) -> None:
    """Every failed attempt of a slow step goes through here."""
    draft.apply(settle_failure(draft.record.plan, draft.state, failed, jitter=jitter))
