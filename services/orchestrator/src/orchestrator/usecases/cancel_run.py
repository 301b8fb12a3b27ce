"""Cancels a run: its steps are stopped, fenced and told in one transaction, and nothing follows its end."""

import structlog

from flowloom_contracts.runs import Run, RunCommand, RunStatus
from flowloom_language.events import CancelRequested
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from orchestrator.domain.draft import Draft
from orchestrator.domain.errors import RunFinishedError, RunNotFoundError
from orchestrator.domain.records import RunRecord
from orchestrator.domain.rounds import settle
from orchestrator.domain.verdicts import Verdict
from orchestrator.domain.views import run_view
from orchestrator.ports import CancelChannel, RunViews
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.stops import StopRegistry

log = structlog.get_logger(__name__)


async def cancel_run(
    command: RunCommand,
    *,
    views: RunViews,
    gate: RunGate,
    stops: StopRegistry,
    channel: CancelChannel,
    clock: Clock,
) -> Run:
    """Cancel a run of the caller's workspace; a run that is cancelled already stays so.

    Raises `RunNotFoundError` and `RunFinishedError`.
    """
    if await views.get(command.actor.workspace_id, command.run_id) is None:
        raise RunNotFoundError(f"There is no run {command.run_id!r}.")

    def decide(record: RunRecord) -> Verdict[Run]:
        if record.state.status is RunStatus.CANCELLED:
            return Verdict(run_view(record))
        if record.state.status.is_terminal:
            raise RunFinishedError(f"The run is {record.state.status}.")
        draft, now = Draft(record), clock.now()
        draft.apply(CancelRequested(reason=command.reason, at=now))
        settle(draft, now=now)
        draft.wake_driver()
        return Verdict(run_view(draft.record), draft.stored())

    run = await gate.change(command.run_id, decide)
    stops.stop(command.run_id)
    try:
        await channel.publish_cancel(command.run_id)
    except UpstreamError as error:
        # Workers learn it from their next heartbeat.
        log.warning("a cancel did not reach the control channel", run_id=command.run_id, error=repr(error))
    return run
