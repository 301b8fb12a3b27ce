"""The transition tables over their full product."""

import itertools

import pytest

from flowloom_contracts.runs import (
    RUN_TRANSITIONS,
    STEP_TRANSITIONS,
    TERMINAL_RUN_STATUSES,
    TERMINAL_STEP_STATUSES,
    RunStatus,
    StepStatus,
)


def test_every_status_has_a_row() -> None:
    assert set(RUN_TRANSITIONS) == set(RunStatus)
    assert set(STEP_TRANSITIONS) == set(StepStatus)


@pytest.mark.parametrize(("source", "target"), list(itertools.product(RunStatus, RunStatus)))
def test_a_run_leaves_its_end_only_to_be_retried_and_never_stays_put(
    source: RunStatus, target: RunStatus
) -> None:
    allowed = target in RUN_TRANSITIONS[source]
    is_retry = target is RunStatus.QUEUED and source in (RunStatus.FAILED, RunStatus.CANCELLED)
    if source in TERMINAL_RUN_STATUSES or source is target:
        assert allowed is is_retry
    if source is RunStatus.CANCELLING:
        assert allowed is (target is RunStatus.CANCELLED)
    if target is RunStatus.CANCELLED:
        assert allowed is (source is RunStatus.CANCELLING)


@pytest.mark.parametrize(("source", "target"), list(itertools.product(StepStatus, StepStatus)))
def test_a_step_never_leaves_its_end_or_returns_to_pending(source: StepStatus, target: StepStatus) -> None:
    allowed = target in STEP_TRANSITIONS[source]
    if source in TERMINAL_STEP_STATUSES or source is target or target is StepStatus.PENDING:
        assert not allowed
    if target in {StepStatus.SKIPPED, StepStatus.REUSED} and allowed:
        assert source is StepStatus.PENDING
    if target is StepStatus.CANCELLED and source not in TERMINAL_STEP_STATUSES:
        assert allowed


def test_every_status_but_the_first_can_be_reached() -> None:
    assert set(RunStatus) - {RunStatus.QUEUED} == set().union(*RUN_TRANSITIONS.values()) - {RunStatus.QUEUED}
    assert set(StepStatus) - {StepStatus.PENDING} == set().union(*STEP_TRANSITIONS.values())
