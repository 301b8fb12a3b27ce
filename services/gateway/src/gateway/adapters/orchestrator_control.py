"""The orchestrator's control of runs, its inbox and its schedules, through the sidecar."""

from typing import Final, TypeVar

from flowloom_contracts.approvals import Approval, ApprovalList, ApprovalQuery, ApprovalRef, Decide
from flowloom_contracts.automation import (
    PauseSchedule,
    Schedule,
    ScheduleList,
    ScheduleQuery,
    SyncSchedules,
)
from flowloom_contracts.base import Request, Response
from flowloom_contracts.files import RunFileList, RunFilePart, RunFilePartQuery, RunFilesQuery
from flowloom_contracts.forks import ForkAnswer, ForkRun
from flowloom_contracts.run_records import RunRecordExport
from flowloom_contracts.runs import Run, RunCommand, SavedTest
from flowloom_contracts.topics import AppId
from flowloom_contracts.values import ValuePart, ValuePartQuery
from flowloom_servicekit.dapr.invoke import Invoker
from flowloom_servicekit.errors import RemoteProblemError, problem_type
from gateway.control_ports import NotYourDecisionError

TIMEOUT_SECONDS: Final = 10.0
LONG_SECONDS: Final = 30.0
"""For answers that take in a whole run."""

R = TypeVar("R", bound=Response)


class _Orchestrator:
    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def _ask(
        self, method: str, request: Request, answer: type[R], *, timeout_s: float = TIMEOUT_SECONDS
    ) -> R:
        return await self._invoker.call(AppId.ORCHESTRATOR, method, request, answer, timeout_s=timeout_s)


class OrchestratorControl(_Orchestrator):
    """RunControl over service invocation."""

    async def pause(self, command: RunCommand) -> Run:
        """Let nothing new start."""
        return await self._ask("runs/pause", command, Run)

    async def resume(self, command: RunCommand) -> Run:
        """Go on."""
        return await self._ask("runs/resume", command, Run)

    async def retry(self, command: RunCommand) -> Run:
        """Start again from what failed."""
        return await self._ask("runs/retry", command, Run)

    async def kill(self, command: RunCommand) -> Run:
        """End at once, without undo and on_failure."""
        return await self._ask("runs/kill", command, Run)

    async def fork(self, request: ForkRun) -> ForkAnswer:
        """Start a run that reuses what an old one did, or say what that would mean."""
        return await self._ask("runs/fork", request, ForkAnswer, timeout_s=LONG_SECONDS)

    async def save_as_test(self, command: RunCommand) -> SavedTest:
        """Return the run as a test of its document."""
        return await self._ask("runs/save-as-test", command, SavedTest, timeout_s=LONG_SECONDS)

    async def record(self, command: RunCommand) -> RunRecordExport:
        """Return the run as one document."""
        return await self._ask("runs/record", command, RunRecordExport, timeout_s=LONG_SECONDS)

    async def value_part(self, query: ValuePartQuery) -> ValuePart:
        """Return a piece of the JSON of a large value of the run."""
        return await self._ask("runs/value-part", query, ValuePart, timeout_s=LONG_SECONDS)

    async def files(self, query: RunFilesQuery) -> RunFileList:
        """Return a page of the files of the run."""
        return await self._ask("runs/files", query, RunFileList)

    async def file_part(self, query: RunFilePartQuery) -> RunFilePart:
        """Return a piece of a file of the run."""
        return await self._ask("runs/file-part", query, RunFilePart, timeout_s=LONG_SECONDS)


class OrchestratorApprovals(_Orchestrator):
    """Approvals over service invocation."""

    async def page(self, query: ApprovalQuery) -> ApprovalList:
        """Return a page of the inbox, newest first."""
        return await self._ask("approvals/list", query, ApprovalList)

    async def get(self, ref: ApprovalRef) -> Approval:
        """Return one item."""
        return await self._ask("approvals/get", ref, Approval)

    async def decide(self, decision: Decide) -> Approval:
        """Decide an item, or vote where several have to."""
        try:
            return await self._ask("approvals/decide", decision, Approval)
        except RemoteProblemError as refused:
            if refused.remote.type == problem_type(NotYourDecisionError):
                raise NotYourDecisionError(refused.remote.detail) from refused
            raise


class OrchestratorSchedules(_Orchestrator):
    """Schedules over service invocation."""

    async def sync(self, request: SyncSchedules) -> ScheduleList:
        """Replace the schedules of a workflow."""
        return await self._ask("schedules/sync", request, ScheduleList)

    async def page(self, query: ScheduleQuery) -> ScheduleList:
        """Return the schedules of a workspace."""
        return await self._ask("schedules/list", query, ScheduleList)

    async def pause(self, command: PauseSchedule) -> Schedule:
        """Pause a schedule or let it go on."""
        return await self._ask("schedules/pause", command, Schedule)
