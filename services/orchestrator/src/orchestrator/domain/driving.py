"""What `advance` tells the driver; it goes through the engine's history, so it stays small."""

from typing import Final, TypedDict

from flowloom_language.plan import Plan

WAITING_KINDS: Final = frozenset({"agent", "approval", "loop", "wait", "workflow"})
"""Kinds that wait for other processes, people or time, or hold steps that may."""


class StepStart(TypedDict):
    """A step that waits for a worker; `dispatch` grows when an earlier hand-out was lost."""

    step: str
    attempt: int
    dispatch: int
    app_id: str | None


class AdvanceAnswer(TypedDict):
    """`start`: hand these out, each dispatch once. `wake_at`: look again at this time at the latest."""

    finished: bool
    start: list[StepStart]
    wake_at: str | None


def never_waits(plan: Plan) -> bool:
    """Whether one `advance` is likely to carry a run to its end: then the engine need not know of it."""
    return not any(step.kind in WAITING_KINDS for step in plan.steps)
