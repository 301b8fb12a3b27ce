"""Hands a run over: as one document, or as a test of its workflow."""

from typing import Final

from flowloom_contracts.run_records import RunRecordExport
from flowloom_contracts.runs import RunCommand, SavedTest, StepRun
from flowloom_language.large_values import refs_in, with_values
from flowloom_language.saved_tests import save_as_test
from flowloom_language.state import StepState
from flowloom_servicekit.clock import Clock
from orchestrator.domain.errors import RunNotFoundError, RunNotInThatStateError
from orchestrator.domain.records import RunRecord
from orchestrator.domain.views import run_view
from orchestrator.ports.views import RunViews
from orchestrator.usecases.keep_values import ValueKeeper
from orchestrator.usecases.read_runs import step_page

MAX_STEPS: Final = 50_000
"""Steps of a run that fit into one document."""

PAGE: Final = 1_000
EVENTS_PAGE: Final = 5_000


async def record_run(command: RunCommand, *, views: RunViews, clock: Clock) -> RunRecordExport:
    """Return a run with all its steps, its document, and where its events and large values are read."""
    record = await _found(command, views)
    document = await views.source(record.id)
    steps = await _steps(record, views)
    base = f"/v1/runs/{record.id}"
    return RunRecordExport(
        exported_at=clock.now(),
        run=run_view(record),
        steps=steps,
        source=document.source,
        document_hash=document.hash,
        event_pages=[f"{base}/events?after=0&limit={EVENTS_PAGE}"],
        values=[f"{base}/values/{step.output_ref}" for step in steps if step.output_ref],
    )


async def save_run_as_test(command: RunCommand, *, views: RunViews, values: ValueKeeper) -> SavedTest:
    """Return a run as a test that passes; raises `RunNotInThatStateError` while it is not over."""
    record = await _found(command, views)
    if not record.state.status.is_terminal:
        raise RunNotInThatStateError("The run goes on; it can be saved as a test when it has ended.")
    states = [await _whole(record.id, state, values) for state in await _states(record, views)]
    return save_as_test(record.plan, record.state, states)


async def _whole(run_id: str, state: StepState, values: ValueKeeper) -> StepState:
    refs = refs_in(state.output)
    if not refs:
        return state
    found = await values.loaded(run_id, refs)
    return state.changed({"output": with_values(state.output, found)})


async def _found(command: RunCommand, views: RunViews) -> RunRecord:
    record = await views.get(command.actor, command.run_id)
    if record is None:
        raise RunNotFoundError(f"There is no run {command.run_id!r}.")
    return record


async def _steps(record: RunRecord, views: RunViews) -> list[StepRun]:
    found, cursor = list[StepRun](), ""
    while len(found) < MAX_STEPS:
        after = tuple(int(part) for part in cursor.split(".")) if cursor else ()
        page, following = await step_page(record, views=views, after=after, limit=PAGE)
        found += page
        if following is None:
            break
        cursor = following
    return found


async def _states(record: RunRecord, views: RunViews) -> list[StepState]:
    found, after = list[StepState](), tuple[int, ...]()
    while len(found) < MAX_STEPS:
        page = await views.steps(record.id, inside="", after=after, limit=PAGE)
        found += [row.state for row in page]
        if len(page) < PAGE:
            break
        after = page[-1].place
    return found
