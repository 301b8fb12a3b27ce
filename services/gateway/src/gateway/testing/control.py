"""The orchestrator's control of runs, inbox and schedules, played by hand."""

import hashlib
from collections.abc import Callable

from flowloom_contracts.approvals import Approval, ApprovalList, ApprovalQuery, ApprovalRef, Decide, Decision
from flowloom_contracts.automation import (
    PauseSchedule,
    Schedule,
    ScheduleList,
    ScheduleQuery,
    SyncSchedules,
)
from flowloom_contracts.files import RunFile, RunFileList, RunFilePart, RunFilePartQuery, RunFilesQuery
from flowloom_contracts.forks import ForkAnswer, ForkReport, ForkRun
from flowloom_contracts.run_records import RunRecordExport
from flowloom_contracts.runs import Run, RunCommand, RunQuery, RunStatus, SavedTest
from flowloom_contracts.starts import StartRun
from flowloom_contracts.values import ValuePart, ValuePartQuery
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.ids import new_id
from gateway.testing.runs import ScriptedRuns, check_reach, refused


class ScriptedControl:
    """See `RunControl`; what cannot be done in a status is refused, as the orchestrator does it."""

    def __init__(self, runs: ScriptedRuns, clock: Clock) -> None:
        self._runs = runs
        self._clock = clock
        self.commands: list[tuple[str, RunCommand]] = []
        self.forks: list[ForkRun] = []
        self.values: dict[str, str] = {}
        self.contents: dict[str, list[bytes]] = {}

    async def pause(self, command: RunCommand) -> Run:
        """See `RunControl.pause`."""
        return await self._move("pause", command, RunStatus.PAUSED, {RunStatus.QUEUED, RunStatus.RUNNING})

    async def resume(self, command: RunCommand) -> Run:
        """See `RunControl.resume`."""
        return await self._move("resume", command, RunStatus.RUNNING, {RunStatus.PAUSED})

    async def retry(self, command: RunCommand) -> Run:
        """See `RunControl.retry`."""
        return await self._move("retry", command, RunStatus.QUEUED, {RunStatus.FAILED, RunStatus.CANCELLED})

    async def kill(self, command: RunCommand) -> Run:
        """See `RunControl.kill`."""
        return await self._move("kill", command, RunStatus.CANCELLED, {RunStatus.RUNNING, RunStatus.PAUSED})

    async def fork(self, request: ForkRun) -> ForkAnswer:
        """See `RunControl.fork`."""
        origin = await self._runs.get(RunQuery(actor=request.actor, run_id=request.run_id))
        check_reach(request.actor, origin.workflow.id)
        report = ForkReport(reused=[], rerun=[request.body.from_step], effects=[], tokens_saved=0)
        self.forks.append(request)
        if request.body.dry_run:
            return ForkAnswer(report=report)
        start = StartRun(
            actor=request.actor,
            workflow=origin.workflow,
            version=origin.version,
            source="",
            inputs=request.body.inputs or origin.inputs,
            idempotency_key=request.idempotency_key,
            request_hash=request.request_hash,
        )
        return ForkAnswer(run=await self._runs.start(start), report=report)

    async def save_as_test(self, command: RunCommand) -> SavedTest:
        """See `RunControl.save_as_test`."""
        await self._runs.get(RunQuery(actor=command.actor, run_id=command.run_id))
        return SavedTest(tests="tests: []\n", removed=["inputs.token"])

    async def record(self, command: RunCommand) -> RunRecordExport:
        """See `RunControl.record`."""
        run = await self._runs.get(RunQuery(actor=command.actor, run_id=command.run_id))
        return RunRecordExport(
            exported_at=self._clock.now(),
            run=run,
            steps=[],
            source="",
            document_hash="",
            event_pages=[f"/v1/runs/{run.id}/events?after=0&limit=5000"],
        )

    async def value_part(self, query: ValuePartQuery) -> ValuePart:
        """See `RunControl.value_part`; a piece is five characters long."""
        await self._runs.get(RunQuery(actor=query.actor, run_id=query.run_id))
        if query.ref not in self.values:
            raise refused("value-not-found", 404)
        text, end = self.values[query.ref], query.offset + 5
        return ValuePart(
            ref=query.ref,
            size=len(text),
            text=text[query.offset : end],
            next_offset=end if end < len(text) else None,
        )

    async def files(self, query: RunFilesQuery) -> RunFileList:
        """See `RunControl.files`."""
        await self._runs.get(RunQuery(actor=query.actor, run_id=query.run_id))
        found = [self._file(path) for path in sorted(self.contents) if path > (query.cursor or "")]
        more = len(found) > query.limit
        return RunFileList(
            items=found[: query.limit], next_cursor=found[query.limit - 1].path if more else None
        )

    async def file_part(self, query: RunFilePartQuery) -> RunFilePart:
        """See `RunControl.file_part`; a piece is five bytes long."""
        await self._runs.get(RunQuery(actor=query.actor, run_id=query.run_id))
        versions = self.contents.get(query.path, [])
        number = query.version or len(versions)
        if not 1 <= number <= len(versions):
            raise refused("file-not-found-in-run", 404)
        content, end = versions[number - 1], query.offset + 5
        return RunFilePart(
            file=self._file(query.path, number),
            content=content[query.offset : end],
            next_offset=end if end < len(content) else None,
        )

    def _file(self, path: str, number: int | None = None) -> RunFile:
        version = number or len(self.contents[path])
        content = self.contents[path][version - 1]
        return RunFile(
            path=path,
            version=version,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            media_type="text/plain",
            step="write",
            at=self._clock.now(),
        )

    async def _move(self, verb: str, command: RunCommand, to: RunStatus, allowed: set[RunStatus]) -> Run:
        query = RunQuery(actor=command.actor, run_id=command.run_id)
        known = await self._runs.get(query)
        check_reach(command.actor, known.workflow.id)
        if known.status not in allowed:
            raise refused("run-not-in-that-state", 409, f"The run cannot {verb} now.")
        self.commands.append((verb, command))
        await self._runs.happen(command.run_id, "run.started.v1", to)
        return await self._runs.get(query)


class ScriptedApprovals:
    """See `Approvals`; `put` adds an item to the inbox of a workspace."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._items: dict[str, tuple[str, Approval]] = {}
        self.decisions: list[Decide] = []
        self.queries: list[ApprovalQuery] = []

    def put(self, workspace_id: str, **changes: object) -> Approval:
        """Add an item that anyone may decide."""
        fields: dict[str, object] = {
            "id": new_id(),
            "run_id": new_id(),
            "workflow_id": new_id(),
            "workflow_name": "hello",
            "step": "ask",
            "kind": "approval",
            "status": "open",
            "title": "May it go out?",
            "allow": ["approve", "reject"],
            "requested_at": self._clock.now(),
        }
        item = Approval.model_validate(fields | changes)
        self._items[item.id] = (workspace_id, item)
        return item

    async def page(self, query: ApprovalQuery) -> ApprovalList:
        """See `Approvals.page`."""
        self.queries.append(query)
        found = [
            item
            for workspace_id, item in self._items.values()
            if workspace_id == query.actor.workspace_id
            and query.actor.reaches(item.workflow_id, "view")
            and query.status in (None, item.status)
            and query.run_id in (None, item.run_id)
        ]
        return ApprovalList(items=found[: query.limit])

    async def get(self, ref: ApprovalRef) -> Approval:
        """See `Approvals.get`."""
        workspace_id, item = self._items.get(ref.approval_id, ("", None))
        if item is None or workspace_id != ref.actor.workspace_id:
            raise refused("approval-not-found", 404)
        if not ref.actor.reaches(item.workflow_id, "view"):
            raise refused("approval-not-found", 404)
        return item

    async def decide(self, decision: Decide) -> Approval:
        """See `Approvals.decide`."""
        item = await self.get(ApprovalRef(actor=decision.actor, approval_id=decision.approval_id))
        check_reach(decision.actor, item.workflow_id)
        if item.decision is not None:
            raise refused(
                "already-decided", 409, f"{item.decision.by} has decided: {item.decision.decision}."
            )
        if decision.decision not in item.allow:
            raise refused("invalid-request", 422, f"It allows {', '.join(item.allow)}.")
        self.decisions.append(decision)
        made = Decision(decision=decision.decision, by=decision.actor.email, at=self._clock.now())
        decided = item.model_copy(update={"status": "decided", "decision": made})
        self._items[item.id] = (decision.actor.workspace_id, decided)
        return decided


class ScriptedSchedules:
    """See `Schedules`; while `failure` is set the orchestrator is away."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[str, Schedule]] = {}
        self.synced: list[SyncSchedules] = []
        self.failure: FlowloomError | None = None

    async def sync(self, request: SyncSchedules) -> ScheduleList:
        """See `Schedules.sync`."""
        if self.failure is not None:
            raise self.failure
        self.synced.append(request)
        workspace_id = request.actor.workspace_id
        self._kept = {key: one for key, one in self._kept.items() if one[1].workflow != request.workflow}
        for spec in request.schedules:
            schedule = Schedule(
                id=new_id(),
                workflow=request.workflow,
                version=request.version,
                **spec.model_dump(),
            )
            self._kept[schedule.id] = (workspace_id, schedule)
        return ScheduleList(items=self._of(workspace_id, lambda one: one.workflow == request.workflow))

    async def page(self, query: ScheduleQuery) -> ScheduleList:
        """See `Schedules.page`."""
        wanted = query.workflow_id
        found = self._of(query.actor.workspace_id, lambda one: wanted in (None, one.workflow.id))
        return ScheduleList(items=[one for one in found if query.actor.reaches(one.workflow.id, "view")])

    async def pause(self, command: PauseSchedule) -> Schedule:
        """See `Schedules.pause`."""
        workspace_id, schedule = self._kept.get(command.schedule_id, ("", None))
        if schedule is None or workspace_id != command.actor.workspace_id:
            raise refused("schedule-not-found", 404)
        if not command.actor.reaches(schedule.workflow.id, "view"):
            raise refused("schedule-not-found", 404)
        check_reach(command.actor, schedule.workflow.id)
        paused = schedule.model_copy(update={"paused": command.paused})
        self._kept[schedule.id] = (workspace_id, paused)
        return paused

    def _of(self, workspace_id: str, matches: Callable[[Schedule], bool]) -> list[Schedule]:
        return [one for mine, one in self._kept.values() if mine == workspace_id and matches(one)]
