"""Lets a step take what it has without running, in the place where it would begin."""

import re
from typing import Final

from flowloom_contracts.runs import StepError, Usage
from flowloom_language.events import StepRecovering, StepReused
from flowloom_language.plan import PlanStep
from flowloom_language.round import Round
from flowloom_language.state import Reuse, RunState

_INDEX: Final = re.compile(r"\[\d+\]")


def without_numbers(path: str) -> str:
    """Return a path as it stands for the step in every item of its loops."""
    return _INDEX.sub("", path) if "[" in path else path


def reuse_of(state: RunState, path: str) -> Reuse | None:
    """Return what a step has without running, at its path or at the path without item numbers."""
    if not state.reuse:
        return None
    return state.reuse.get(path) or state.reuse.get(without_numbers(path))


def take(run: Round, planned: PlanStep, path: str, known: Reuse) -> bool:
    """End a pending step with what it has, or let its `on_error` take over; False: it begins as usual."""
    if known.error is None:
        run.record(reused(path, known, run))
        return True
    if planned.recovery is None:
        return False
    origin = None if known.error.step in (None, path) else known.error.step
    run.record(
        StepRecovering(
            path=path,
            attempt=run.step(path).attempt + 1,
            error=StepError(code=known.error.code, message=known.error.message),
            origin=origin,
            steps=planned.recovery.block.new_steps,
            at=run.now,
        )
    )
    return True


def reused(path: str, known: Reuse, run: Round) -> StepReused:
    """Return the event of a step or item that takes what it has."""
    usage = Usage(tokens_saved=known.tokens)
    return StepReused(path=path, output=known.output, usage=usage, run_id=known.run_id, at=run.now)
