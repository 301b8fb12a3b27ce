"""What people read of runs: lists, steps, history and snapshots, always within one workspace."""

from typing import Final, Protocol

from pydantic import TypeAdapter

from flowloom_contracts.events import RunEvent, RunEventList, StepDelta, run_stream
from flowloom_contracts.runs import (
    Run,
    RunEventsQuery,
    RunList,
    RunListQuery,
    RunQuery,
    RunSnapshot,
    StepList,
    StepStatus,
    StepText,
)
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.errors import StreamLostError, StreamMovedError
from flowloom_servicekit.streams.frame import Frame
from flowloom_servicekit.streams.reader import StreamPage
from orchestrator.domain.errors import InvalidCursorError, RunNotFoundError
from orchestrator.domain.records import RunRecord
from orchestrator.domain.views import run_view, step_views
from orchestrator.ports import ArchiveStore, RunViews, Streams

PAGE: Final = 2_000
_EVENTS: Final[TypeAdapter[list[RunEvent]]] = TypeAdapter(list[RunEvent])


class StreamKeeper(Protocol):
    """Brings back streams that Redis has lost."""

    async def restore(self, run_id: str) -> None:
        """Rebuild a stream under a new epoch."""


async def get_run(query: RunQuery, *, views: RunViews) -> Run:
    """Return a run; raises `RunNotFoundError`."""
    return run_view(await _record(query, views))


async def list_runs(query: RunListQuery, *, views: RunViews) -> RunList:
    """Return a page of runs, newest first; raises `InvalidCursorError`."""
    if query.cursor is not None and not is_id(query.cursor):
        raise InvalidCursorError("The cursor is not one that a list of runs gave.")
    items = await views.page(
        query.actor.workspace_id,
        workflow_id=query.workflow_id,
        status=query.status,
        before=query.cursor,
        limit=query.limit + 1,
    )
    page = list(items[: query.limit])
    return RunList(items=page, next_cursor=page[-1].id if len(items) > query.limit else None)


async def list_steps(query: RunQuery, *, views: RunViews) -> StepList:
    """Return the steps in the order of the document; raises `RunNotFoundError`."""
    return StepList(items=step_views(await _record(query, views)))


class History:
    """Reads a run's events from the live stream or the archive: the cursors are the same."""

    def __init__(
        self, *, views: RunViews, streams: Streams, archive: ArchiveStore, keeper: StreamKeeper
    ) -> None:
        self._views = views
        self._streams = streams
        self._archive = archive
        self._keeper = keeper

    async def events(self, query: RunEventsQuery) -> RunEventList:
        """Return the events after a cursor; of another epoch, those of the present one from its beginning.

        Raises `RunNotFoundError` and `InvalidCursorError`.
        """
        try:
            after = Cursor.parse(query.after)
        except ValueError as error:
            raise InvalidCursorError(str(error)) from error
        record = await _record(RunQuery(actor=query.actor, run_id=query.run_id), self._views)
        page = await self._page(record, after, query.limit)
        last = None if page.is_last else str(page.frames[-1].cursor)
        return RunEventList(items=_parsed(page.frames), next_cursor=last)

    async def snapshot(self, query: RunQuery) -> RunSnapshot:
        """Return a run as it is, with the cursor from which to follow it; raises `RunNotFoundError`.

        The stream is read first: what happens in between is in the run and comes again as an event.
        """
        record = await _record(query, self._views)
        cursor, texts = START, dict[str, StepText]()
        if record.state.status.is_terminal:
            cursor = (await self._page(record, START, 1)).head
        else:
            cursor, texts = await self._texts(record)
            record = await _record(query, self._views)
        running = {path for path, step in record.state.steps.items() if step.status is StepStatus.RUNNING}
        return RunSnapshot(
            cursor=str(cursor),
            run=run_view(record),
            steps=step_views(record),
            texts={path: text for path, text in texts.items() if path in running},
        )

    async def _texts(self, record: RunRecord) -> tuple[Cursor, dict[str, StepText]]:
        texts: dict[str, StepText] = {}
        page = await self._page(record, START, PAGE)
        while True:
            for event in _parsed([frame for frame in page.frames if frame.type == "step.delta.v1"]):
                if isinstance(event, StepDelta):
                    texts[event.step] = _joined(texts.get(event.step), event)
            if page.is_last:
                return page.frames[-1].cursor if page.frames else page.head, texts
            page = await self._page(record, page.frames[-1].cursor, PAGE)

    async def _page(self, record: RunRecord, after: Cursor, limit: int) -> StreamPage:
        try:
            page = await self._read(record, after, limit)
            if page is None:
                await self._keeper.restore(record.id)
                page = await self._read(record, after, limit)
        except StreamMovedError:
            page = await self._read(record, START, limit)
        if page is None:
            raise StreamLostError(f"the stream of run {record.id!r} is not there")
        return page

    async def _read(self, record: RunRecord, after: Cursor, limit: int) -> StreamPage | None:
        if record.state.status.is_terminal:
            page = await self._archive.read(record.id, after, limit)
            if page is not None:
                return page
        return await self._streams.read(run_stream(record.id), after, limit)


async def _record(query: RunQuery, views: RunViews) -> RunRecord:
    record = await views.get(query.actor.workspace_id, query.run_id)
    if record is None:
        raise RunNotFoundError(f"There is no run {query.run_id!r}.")
    return record


def _parsed(frames: list[Frame]) -> list[RunEvent]:
    return _EVENTS.validate_json(f"[{','.join(frame.text for frame in frames)}]")


def _joined(known: StepText | None, event: StepDelta) -> StepText:
    """Put a piece at its offset; the text of a newer execution replaces that of an older one."""
    data = event.data
    if known is None or known.exec < data.exec:
        return StepText(exec=data.exec, channels={data.channel: data.text})
    if known.exec > data.exec:
        return known
    text = known.channels.get(data.channel, "")[: data.offset] + data.text
    return StepText(exec=known.exec, channels={**known.channels, data.channel: text})
