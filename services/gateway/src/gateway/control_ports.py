"""What the gateway asks the orchestrator beside starting and reading: control, decisions, schedules."""

from typing import Protocol

from flowloom_contracts.approvals import Approval, ApprovalList, ApprovalQuery, ApprovalRef, Decide
from flowloom_contracts.automation import (
    PauseSchedule,
    Schedule,
    ScheduleList,
    ScheduleQuery,
    SyncSchedules,
)
from flowloom_contracts.files import RunFileList, RunFilePart, RunFilePartQuery, RunFilesQuery
from flowloom_contracts.forks import ForkAnswer, ForkRun
from flowloom_contracts.run_records import RunRecordExport
from flowloom_contracts.runs import Run, RunCommand, SavedTest
from flowloom_contracts.values import ValuePart, ValuePartQuery
from flowloom_servicekit.errors import ForbiddenError


class NotYourDecisionError(ForbiddenError):
    """The item is addressed to others; the detail says to whom."""

    title = "This decision is not yours"


class RunControl(Protocol):
    """What people can do with a run; the orchestrator refuses what does not fit its state."""

    async def pause(self, command: RunCommand) -> Run:
        """Let nothing new start."""

    async def resume(self, command: RunCommand) -> Run:
        """Go on."""

    async def retry(self, command: RunCommand) -> Run:
        """Start again from what failed."""

    async def kill(self, command: RunCommand) -> Run:
        """End at once, without undo and on_failure."""

    async def fork(self, request: ForkRun) -> ForkAnswer:
        """Start a run that reuses what an old one did, or say what that would mean."""

    async def save_as_test(self, command: RunCommand) -> SavedTest:
        """Return the run as a test of its document."""

    async def record(self, command: RunCommand) -> RunRecordExport:
        """Return the run as one document."""

    async def value_part(self, query: ValuePartQuery) -> ValuePart:
        """Return a piece of the JSON of a large value of the run."""

    async def files(self, query: RunFilesQuery) -> RunFileList:
        """Return a page of the files of the run."""

    async def file_part(self, query: RunFilePartQuery) -> RunFilePart:
        """Return a piece of a file of the run."""


class Approvals(Protocol):
    """What waits for people."""

    async def page(self, query: ApprovalQuery) -> ApprovalList:
        """Return a page of the inbox, newest first."""

    async def get(self, ref: ApprovalRef) -> Approval:
        """Return one item."""

    async def decide(self, decision: Decide) -> Approval:
        """Decide an item, or vote where several have to."""


class Schedules(Protocol):
    """Schedules that are switched on."""

    async def sync(self, request: SyncSchedules) -> ScheduleList:
        """Replace the schedules of a workflow; an older version than the known one changes nothing."""

    async def page(self, query: ScheduleQuery) -> ScheduleList:
        """Return the schedules of a workspace."""

    async def pause(self, command: PauseSchedule) -> Schedule:
        """Pause a schedule or let it go on."""
