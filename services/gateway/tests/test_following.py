"""One viewer of one run while parts of the platform are away: it ends where the run ends and nowhere else."""

import asyncio
from dataclasses import dataclass, field
from typing import Final, Self

import pytest

from flowloom_contracts.events import RunEventList, run_stream
from flowloom_contracts.runs import Actor, Run, RunEventsQuery, RunQuery, RunStatus, WorkflowRef
from flowloom_contracts.starts import StartRun
from flowloom_servicekit.errors import RemoteProblemError, UpstreamError
from flowloom_servicekit.streams.cursor import START
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.streams import InMemoryStreams
from flowloom_servicekit.testing.waiting import wait_until
from gateway.live.follow import Piece, RunFollower
from gateway.testing.runs import ScriptedRuns

FINISHED: Final = "run.finished.v1"
LONGEST_PAUSE_S: Final = 2.0
OWNER: Final = Actor(workspace_id="w")
REQUEST: Final = StartRun(
    actor=OWNER,
    workflow=WorkflowRef(id="hello", name="hello"),
    version="draft",
    source="",
    inputs={},
    request_hash="h",
)


class MoodyRuns(ScriptedRuns):
    """An orchestrator that is away, or has nothing to tell, as often as the test says."""

    def __init__(self, *, streams: InMemoryStreams, clock: FakeClock) -> None:
        super().__init__(streams=streams, clock=clock)
        self.away_for = 0
        self.empty_for = 0

    async def events(self, query: RunEventsQuery) -> RunEventList:
        """Return a page of the history, unless the mood is bad."""
        if self.away_for:
            self.away_for -= 1
            raise UpstreamError("the orchestrator is away")
        if self.empty_for:
            self.empty_for -= 1
            return RunEventList(items=[])
        return await super().events(query)


@dataclass
class Stage:
    """One run and whoever follows it; `seen` are the cursors and types that came."""

    clock: FakeClock = field(default_factory=FakeClock)
    streams: InMemoryStreams = field(default_factory=InMemoryStreams)
    runs: MoodyRuns = field(init=False)
    run: Run = field(init=False)
    seen: list[Piece] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runs = MoodyRuns(streams=self.streams, clock=self.clock)

    async def begun(self) -> Self:
        """Start the run and say a word."""
        self.run = await self.runs.start(REQUEST)
        await self.runs.happen(self.run.id, "run.started.v1", RunStatus.RUNNING)
        await self.runs.say(self.run.id, "one")
        return self

    async def finish(self) -> None:
        """End the run."""
        await self.runs.happen(self.run.id, FINISHED, RunStatus.SUCCEEDED)
        self.run = await self.runs.get(RunQuery(actor=OWNER, run_id=self.run.id))

    async def follow(self, actor: Actor = OWNER) -> None:
        """Follow from the beginning to wherever it ends."""
        follower = RunFollower(self.run, actor, runs=self.runs, streams=self.streams, clock=self.clock)
        async for batch in follower.follow(START):
            self.seen += batch

    async def pauses(self, count: int) -> None:
        """Let the viewer wait so often, however long each time."""
        for _ in range(count):
            await wait_until(lambda: self.clock.sleepers == 1)
            self.clock.advance(LONGEST_PAUSE_S)

    @property
    def cursors(self) -> list[str]:
        return [str(piece.cursor) for piece in self.seen]


async def test_waits_for_live_streams_that_are_away_and_then_misses_nothing() -> None:
    stage = await Stage().begun()
    stage.streams.is_away = True
    following = asyncio.create_task(stage.follow())
    await stage.pauses(40)
    assert stage.seen == []
    stage.streams.is_away = False
    await stage.finish()
    await asyncio.wait_for(following, 5)
    assert stage.cursors == ["1:1", "1:2", "1:3"]
    assert stage.seen[-1].type == FINISHED


async def test_waits_for_an_archive_that_is_away() -> None:
    stage = await Stage().begun()
    await stage.finish()
    stage.streams.lose(run_stream(stage.run.id))
    stage.runs.away_for = 3
    following = asyncio.create_task(stage.follow())
    await stage.pauses(3)
    await asyncio.wait_for(following, 5)
    assert stage.cursors == ["1:1", "1:2", "1:3"]


async def test_takes_a_snapshot_when_the_stream_of_an_ended_run_is_only_just_being_rebuilt() -> None:
    stage = await Stage().begun()
    await stage.finish()
    stage.streams.lose(run_stream(stage.run.id))
    stage.runs.empty_for = 1
    following = asyncio.create_task(stage.follow())
    await stage.pauses(1)
    await asyncio.wait_for(following, 5)
    assert [piece.type for piece in stage.seen] == ["stream.resync.v1"]
    assert '"status":"succeeded"' in stage.seen[0].text


async def test_gives_up_when_the_run_is_none_of_this_viewers() -> None:
    stage = await Stage().begun()
    stage.streams.lose(run_stream(stage.run.id))
    stage.run = stage.run.model_copy(update={"status": RunStatus.SUCCEEDED})
    with pytest.raises(RemoteProblemError):
        await stage.follow(Actor(workspace_id="another"))
