"""What `advance` tells the driver; it goes through the engine's history, so it stays small."""

from typing import TypedDict


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
