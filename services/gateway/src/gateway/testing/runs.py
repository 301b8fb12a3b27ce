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
    StartRun,
    StepList,
)
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import RemoteProblemError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.frame import encode_body
from flowloom_servicekit.testing.streams import InMemoryStreams

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

    async def start(self, request: StartRun) -> Run:
        """Keep the run; the same key and hash give the same run."""
        for played in self._played.values():
            same_key = request.idempotency_key and (
                (played.request.idempotency_key, played.workspace_id)
                == (request.idempotency_key, request.actor.workspace_id)
            )
            if same_key and played.request.request_hash != request.request_hash:
                raise _refused("idempotency-conflict", 409)
            if same_key:
                return played.run
        run = Run(
            id=new_id(),
            workflow=request.workflow,
            version=request.version,
            status=RunStatus.QUEUED,
            inputs=request.inputs,
            created_at=self._clock.now(),
        )
        self._played[run.id] = _Played(run, request.actor.workspace_id, request)
        return run

    async def happen(self, run_id: str, type: str, status: RunStatus) -> Cursor:
        """Let a run reach a status: history, stream and run say so."""
        played = self._played[run_id]
        played.run = played.run.model_copy(update={"status": status})
        return await self._append(played, type, {"status": status.value}, step=None)

    async def say(self, run_id: str, text: str) -> Cursor:
        """Let the step `talk` of a run stream a piece of text."""
        data: JsonObject = {"exec": 1, "channel": "answer", "offset": 0, "text": text}
        return await self._append(self._played[run_id], "step.delta.v1", data, step="talk")

    async def archive(self, run_id: str) -> None:
        """Let the stream expire, so that only the history is left."""
        self._streams.lose(run_stream(run_id))

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
            if played.workspace_id == query.actor.workspace_id
            and query.status in (None, played.run.status)
            and query.workflow_id in (None, played.run.workflow.id)
        ]
        return RunList(items=mine[: query.limit])

    async def get(self, query: RunQuery) -> Run:
        """Return a run of the asking workspace."""
        return self._of(query.actor, query.run_id).run

    async def steps(self, query: RunQuery) -> StepList:
        """Return no steps: nothing here runs any."""
        self._of(query.actor, query.run_id)
        return StepList(items=[])

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
        self.commands.append(command)
        await self.happen(command.run_id, "run.cancelling.v1", RunStatus.CANCELLING)
        return played.run

    def _of(self, actor: Actor, run_id: str) -> _Played:
        played = self._played.get(run_id)
        if played is None or played.workspace_id != actor.workspace_id:
            raise _refused("run-not-found", 404)
        return played

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


def _refused(name: str, status: int) -> RemoteProblemError:
    title = name.replace("-", " ").capitalize()
    return RemoteProblemError(Problem(type=f"/problems/{name}", title=title, status=status))
