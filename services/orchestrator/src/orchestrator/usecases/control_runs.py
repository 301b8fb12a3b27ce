"""What people can do with a run: cancel, kill, pause, resume, retry."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from flowloom_contracts.audit import AuditAction, AuditTarget
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Run, RunCommand
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from orchestrator.domain import commanding
from orchestrator.domain.audits import write_down
from orchestrator.domain.draft import Draft
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.domain.records import RunRecord
from orchestrator.domain.sight import check_reach
from orchestrator.domain.verdicts import Verdict
from orchestrator.domain.views import run_view
from orchestrator.ports.channel import CancelChannel
from orchestrator.ports.views import RunViews
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.stops import StopRegistry

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Controls:
    """What commands on runs work with."""

    views: RunViews
    gate: RunGate
    stops: StopRegistry
    channel: CancelChannel
    clock: Clock

    async def carry_out(
        self, command: RunCommand, decide: Callable[[RunRecord], Draft], action: AuditAction
    ) -> Run:
        """Command a run that the caller may command, and have it written down; raises `RunNotFoundError`."""
        record = await self.views.get(command.actor, command.run_id)
        if record is None:
            raise RunNotFoundError(f"There is no run {command.run_id!r}.")
        check_reach(command.actor, record.workflow.id)
        return await self.gate.change(
            command.run_id, lambda record: self._verdict(decide(record), command, action)
        )

    def _verdict(self, draft: Draft, command: RunCommand, action: AuditAction) -> Verdict[Run]:
        if draft.is_empty:
            return Verdict(run_view(draft.record), None)
        target = AuditTarget(kind="run", id=draft.record.id, name=draft.record.workflow.name)
        details: JsonObject = {"reason": command.reason} if command.reason else {}
        write_down(draft, action, command.actor, target=target, at=self.clock.now(), details=details)
        return Verdict(run_view(draft.record), draft.stored())

    async def stop_workers(self, run_id: str) -> None:
        """Tell everybody who works on a run to stop, here and elsewhere."""
        self.stops.stop(run_id)
        try:
            await self.channel.publish_cancel(run_id)
        except UpstreamError as error:
            # Workers learn it from their next heartbeat.
            log.warning("a cancel did not reach the control channel", run_id=run_id, error=repr(error))


async def cancel_run(command: RunCommand, *, controls: Controls) -> Run:
    """Stop a run; one that is cancelled already stays so. Raises `RunFinishedError`."""
    now = controls.clock.now()
    run = await controls.carry_out(
        command,
        lambda record: commanding.cancel(record, reason=command.reason, now=now),
        AuditAction.RUN_CANCELLED,
    )
    await controls.stop_workers(command.run_id)
    return run


async def kill_run(command: RunCommand, *, controls: Controls) -> Run:
    """End a run at once, without `undo` and `on_failure`. Raises `RunFinishedError`."""
    now = controls.clock.now()
    run = await controls.carry_out(
        command,
        lambda record: commanding.kill(record, reason=command.reason, now=now),
        AuditAction.RUN_KILLED,
    )
    await controls.stop_workers(command.run_id)
    return run


async def pause_run(command: RunCommand, *, controls: Controls) -> Run:
    """Let nothing new start. Raises `RunFinishedError` and `RunNotInThatStateError`."""
    now = controls.clock.now()
    return await controls.carry_out(
        command,
        lambda record: commanding.pause(record, reason=command.reason, now=now),
        AuditAction.RUN_PAUSED,
    )


async def resume_run(command: RunCommand, *, controls: Controls) -> Run:
    """Go on. Raises `RunFinishedError` and `RunNotInThatStateError`."""
    now = controls.clock.now()
    return await controls.carry_out(
        command, lambda record: commanding.resume(record, now=now), AuditAction.RUN_RESUMED
    )


async def retry_run(command: RunCommand, *, controls: Controls) -> Run:
    """Start again from what failed. Raises `RunNotInThatStateError`."""
    now = controls.clock.now()
    return await controls.carry_out(
        command, lambda record: commanding.retry(record, now=now), AuditAction.RUN_RETRIED
    )
