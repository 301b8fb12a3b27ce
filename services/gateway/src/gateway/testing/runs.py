"""An orchestrator that plays runs by hand: a test says what happens, streams and history follow."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.events import RunEvent, RunEventList, run_stream
from flowloom_contracts.problem import Problem
from flowloom_contracts.runs import (
    Actor,
    Run,
    RunCommand,
    RunEventsQuery,
    RunList,
    RunListQuery,
    RunQuery,
    RunSnapshot,
    RunStatus,
    StepList,
    StepRun,
    StepsQuery,
)
from flowloom_contracts.starts import StartRun
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import FlowloomError, RemoteProblemError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.frame import encode_body
from flowloom_servicekit.testing.streams import InMemoryStreams
from flowloom_servicekit.tracing import current

_EVENT: Final[TypeAdapter[RunEvent]] = TypeAdapter(RunEvent)


@dataclass(slots=True)
class _Played:
    run: Run
    workspace_id: str
    request: StartRun
    epoch: int = 1
    milestones: int = 0
    history: list[RunEvent] = field(default_factory=list)


class ScriptedRuns:
    """See `Runs`; a foreign or unknown run is refused as the orchestrator does it."""

    def __init__(self, *, streams: InMemoryStreams, clock: Clock) -> None:
        self._streams = streams
        self._clock = clock
        self._played: dict[str, _Played] = {}
        self.commands: list[RunCommand] = []
        self.pages_read = 0
        self.done_steps: list[StepRun] = []
        self.refusals: list[FlowloomError] = []
        self.new: dict[str, Run] = {}
        self.asked_for: list[str] = []

    @property
    def started(self) -> list[StartRun]:
        """What was asked for, one request a run."""
        return [played.request for played in self._played.values()]

    @property
    def requests(self) -> dict[str, StartRun]:
        """The same by the runs that were started."""
        return {run_id: played.request for run_id, played in self._played.items()}

    def has_ended(self, run_id: str) -> bool:
        """Whether nothing follows."""
        return self._played[run_id].run.status.is_terminal

    async def start(self, request: StartRun) -> Run:
        """Keep the run; the same key and hash give the same run. What `refusals` holds is raised first."""
        if self.refusals:
            raise self.refusals.pop(0)
        for played in self._played.values():
            same_key = request.idempotency_key and (
                (played.request.idempotency_key, played.workspace_id)
                == (request.idempotency_key, request.actor.workspace_id)
            )
            if same_key and played.request.request_hash != request.request_hash:
                raise refused("idempotency-conflict", 409)
            if same_key:
                return played.run
        run = Run(
            id=new_id(),
            workflow=request.workflow,
            version=request.version,
            status=RunStatus.QUEUED,
            inputs=request.inputs,
            trace_id=place.trace_id if (place := current()) else None,
            created_at=self._clock.now(),
        )
        self._played[run.id] = _Played(run, request.actor.workspace_id, request)
        return run

    async def happen(self, run_id: str, type: str, status: RunStatus) -> Cursor:
        """Let a run reach a status: history, stream and run say so."""
        played = self._played[run_id]
        played.run = played.run.model_copy(update={"status": status})
        return await self._append(played, type, {"status": status.value}, step=None)

    async def say(self, run_id: str, text: str, *, step: str = "talk") -> Cursor:
        """Let a step of a run stream a piece of text."""
        data: JsonObject = {"exec": 1, "channel": "answer", "offset": 0, "text": text}
        return await self._append(self._played[run_id], "step.delta.v1", data, step=step)

    def answer(self, run_id: str, outputs: JsonObject) -> None:
        """Let a run have ended well, with these outputs."""
        played = self._played[run_id]
        ended = {"status": RunStatus.SUCCEEDED, "outputs": outputs}
        played.run = played.run.model_copy(update=ended)

    async def archive(self, run_id: str) -> None:
        """Let the stream expire, so that only the history is left."""
        self._streams.lose(run_stream(run_id))

    async def seal(self, run_id: str) -> None:
        """Let the stream of a run that has ended be archived."""
        await self._streams.seal(run_stream(run_id))

    def retry(self, run_id: str) -> None:
        """Let somebody set a run going again; its stream is opened again with `rebuild`."""
        played = self._played[run_id]
        played.run = played.run.model_copy(update={"status": RunStatus.RUNNING})

    async def shorten(self, run_id: str, last: int) -> None:
        """Let the beginning of the stream be in the history only."""
        played = self._played[run_id]
        await self._streams.trim(run_stream(run_id), Cursor(played.epoch, last))

    async def rebuild(self, run_id: str) -> None:
        """Let the stream begin again in the next epoch, with its milestones only."""
        played = self._played[run_id]
        kept, played.history = played.history, []
        played.epoch += 1
        played.milestones = 0
        self._streams.lose(run_stream(run_id))
        for event in kept:
            if event.type != "step.delta.v1":
                await self._append(played, event.type, event.data.model_dump(mode="json"), step=None)

    async def page(self, query: RunListQuery) -> RunList:
        """Return the workspace's runs."""
        mine = [
            played.run
            for played in self._played.values()
            if self._is_seen(query.actor, played)
            and (not query.only.statuses or played.run.status in query.only.statuses)
            and (query.only.text or "") in played.run.workflow.name
            and query.workflow_id in (None, played.run.workflow.id)
        ]
        return RunList(items=mine[: query.limit])

    async def get(self, query: RunQuery) -> Run:
        """Return a run of the asking workspace."""
        self.asked_for.append(query.run_id)
        return self._of(query.actor, query.run_id).run

    def newly_started(self, query: RunQuery) -> Run | None:
        """Return what the test has put into `new`."""
        return self.new.get(query.run_id)

    async def steps(self, query: StepsQuery) -> StepList:
        """Return a page of what the test has put into `done_steps`; its cursors count."""
        self._of(query.actor, query.run_id)
        steps = [step for step in self.done_steps if step.path.startswith(query.inside or "")]
        first = int(query.cursor or 0)
        last = first + query.limit
        return StepList(items=steps[first:last], next_cursor=str(last) if last < len(steps) else None)

    async def events(self, query: RunEventsQuery) -> RunEventList:
        """Return a page of the history."""
        self.pages_read += 1
        played = self._of(query.actor, query.run_id)
        after = Cursor.parse(query.after)
        if after.epoch != played.epoch:
            after = START
        return RunEventList(items=played.history[after.seq : after.seq + query.limit])

    async def snapshot(self, query: RunQuery) -> RunSnapshot:
        """Return the run with the cursor of its last event."""
        played = self._of(query.actor, query.run_id)
        cursor = Cursor(played.epoch, len(played.history))
        return RunSnapshot(cursor=str(cursor), run=played.run, steps=[], texts={})

    async def cancel(self, command: RunCommand) -> Run:
        """Remember the command and let the run be cancelling."""
        played = self._of(command.actor, command.run_id)
        check_reach(command.actor, played.request.workflow.id)
        self.commands.append(command)
        await self.happen(command.run_id, "run.cancelling.v1", RunStatus.CANCELLING)
        return played.run

    def _of(self, actor: Actor, run_id: str) -> _Played:
        played = self._played.get(run_id)
        if played is None or not self._is_seen(actor, played):
            raise refused("run-not-found", 404)
        return played

    def _is_seen(self, actor: Actor, played: _Played) -> bool:
        request = played.request
        if played.workspace_id != actor.workspace_id or not actor.reaches(request.workflow.id, "view"):
            return False
        return not request.is_private or actor.user_id == request.actor.user_id

    async def _append(self, played: _Played, type: str, data: JsonObject, *, step: str | None) -> Cursor:
        stream = run_stream(played.run.id)
        at: datetime = self._clock.now()
        envelope: dict[str, JsonValue] = {"type": type, "at": at.isoformat(), "run_id": played.run.id}
        if step is not None:
            envelope.update({"step": step, "attempt": 1})
        envelope["data"] = data
        body = encode_body(envelope)
        if step is None:
            played.milestones += 1
            await self._streams.append_milestone(stream, played.milestones, body, epoch_hint=played.epoch)
        else:
            await self._streams.append_deltas(stream, step, 1, [body])
        cursor = Cursor(played.epoch, len(played.history) + 1)
        placed = {**envelope, "stream": stream, "epoch": cursor.epoch, "seq": cursor.seq}
        played.history.append(_EVENT.validate_python(placed))
        return cursor


def check_reach(actor: Actor, workflow_id: str) -> None:
    """Refuse a command on what is only shown to somebody, as the orchestrator does it."""
    if not actor.reaches(workflow_id, "run"):
        raise refused("workflow-not-shared", 403)


def refused(name: str, status: int, detail: str = "") -> RemoteProblemError:
    """Return a refusal as the orchestrator words it."""
    title = name.replace("-", " ").capitalize()
    return RemoteProblemError(Problem(type=f"/problems/{name}", title=title, status=status, detail=detail))
