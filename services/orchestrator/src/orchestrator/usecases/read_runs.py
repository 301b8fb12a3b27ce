"""What people read of runs: lists, steps, history and snapshots, always as far as who asks may see."""

from collections.abc import Sequence
from typing import Final, Protocol

import orjson
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
    StepRun,
    StepsQuery,
    StepStatus,
    StepText,
)
from flowloom_language.state import StepState
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.streams.cursor import START, Cursor
from flowloom_servicekit.streams.errors import StreamLostError, StreamMovedError, StreamTrimmedError
from flowloom_servicekit.streams.frame import Frame
from flowloom_servicekit.streams.reader import StreamPage
from orchestrator.domain.errors import InvalidCursorError, RunNotFoundError
from orchestrator.domain.records import RunRecord
from orchestrator.domain.views import run_view, step_view
from orchestrator.ports.archive import ArchiveStore
from orchestrator.ports.streams import Streams
from orchestrator.ports.views import RunMark, RunViews
from orchestrator.usecases.kept_snapshots import KeptSnapshots

PAGE: Final = 2_000

MAX_ANSWER_BYTES: Final = 6_000_000
"""A page that would be larger ends sooner: answers pass two sidecars, which take 16 MiB."""
ITEM_BYTES: Final = 500
"""What an item has beside its value."""

MAX_STEPS: Final = 1_000
"""Steps in a snapshot; the others are read page by page."""
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
        query.model_copy(update={"limit": query.limit + 1}),
    )
    page = list(items[: query.limit])
    return RunList(items=page, next_cursor=page[-1].id if len(items) > query.limit else None)


async def list_steps(query: StepsQuery, *, views: RunViews) -> StepList:
    """Return a page of steps in the order of the document, by items; raises `RunNotFoundError`."""
    record = await _record(query, views)
    after = tuple(int(part) for part in query.cursor.split(".")) if query.cursor else ()
    items, last = await step_page(record, views=views, inside=query.inside, after=after, limit=query.limit)
    return StepList(items=items, next_cursor=last)


async def step_page(
    record: RunRecord, *, views: RunViews, inside: str | None = None, after: tuple[int, ...] = (), limit: int
) -> tuple[list[StepRun], str | None]:
    """Return steps after a place, and the cursor behind them when there are more.

    Steps of the run itself that nothing has happened to have no row: they are put in where they stand.
    """
    prefix = inside or ""
    rows = await views.steps(record.id, inside=prefix, after=after, limit=limit + 1)
    placed = {row.place: row.state for row in rows}
    if inside is None:
        end = rows[-1].place if len(rows) > limit else None
        for position, planned in enumerate(record.plan.steps):
            place = (0, position)
            if place > after and (end is None or place < end):
                placed.setdefault(place, record.state.steps[planned.path])
    page = sorted(placed.items(), key=lambda item: item[0])
    fitting = _fitting([len(orjson.dumps(state.output)) for _, state in page[:limit]])
    items = [_step_view(record, state) for _, state in page[:fitting]]
    if len(page) <= fitting:
        return items, None
    return items, ".".join(str(part) for part in page[fitting - 1][0])


def _fitting(sizes: Sequence[int]) -> int:
    """Return how many of a page's items fit into one answer, at least one."""
    whole = 0
    for count, size in enumerate(sizes):
        whole += size + ITEM_BYTES
        if whole > MAX_ANSWER_BYTES and count:
            return count
    return len(sizes)


def _step_view(record: RunRecord, step: StepState) -> StepRun:
    item = record.approvals.get(step.path)
    return step_view(record.plan, step, approval_id=None if item is None else item.id)


class History:
    """Reads a run's events from the live stream or the archive, or across both: the cursors are the same."""

    def __init__(
        self, *, views: RunViews, streams: Streams, archive: ArchiveStore, keeper: StreamKeeper
    ) -> None:
        self._views = views
        self._streams = streams
        self._archive = archive
        self._keeper = keeper
        self._kept = KeptSnapshots(views)

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
        frames = page.frames[: _fitting([len(frame.text) for frame in page.frames])]
        is_last = page.is_last and len(frames) == len(page.frames)
        last = None if is_last else str(frames[-1].cursor)
        return RunEventList(items=_parsed(frames), next_cursor=last)

    async def snapshot(self, query: RunQuery) -> bytes:
        """Return a run as it is, as the JSON of a `RunSnapshot`, with the cursor from which to follow it.

        Raises `RunNotFoundError`. The stream is read first: what happens in between is in the run and comes
        again as an event. Of a run that has ended, what was sent is kept and sent again.
        """
        kept = await self._kept.find(query)
        if kept is not None:
            return kept
        record = await _record(query, self._views)
        archived, texts = None, dict[str, StepText]()
        if record.state.status.is_terminal:
            archived = await self._archive.head(record.id)
            cursor = archived or (await self._page(record, START, 1)).head
        else:
            cursor, texts = await self._texts(record)
            record = await _record(query, self._views)
        steps, steps_cursor = await step_page(record, views=self._views, limit=MAX_STEPS)
        running = {path for path, step in record.state.steps.items() if step.status is StepStatus.RUNNING}
        snapshot = RunSnapshot(
            cursor=str(cursor),
            run=run_view(record),
            steps=steps,
            steps_cursor=steps_cursor,
            texts={path: text for path, text in texts.items() if path in running},
        )
        said = snapshot.model_dump_json(by_alias=True).encode()
        if archived is not None and archived.epoch == record.epoch:
            self._kept.keep(record.id, RunMark(record.revision, record.epoch), said)
        return said

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
        try:
            return await self._streams.read(run_stream(record.id), after, limit)
        except StreamTrimmedError as trimmed:
            begin = Cursor(trimmed.head.epoch, after.seq)
            frames = await self._archive.beginning(record.id, begin, limit)
            return StreamPage(frames, trimmed.head, sealed=False)


async def _record(query: RunQuery, views: RunViews) -> RunRecord:
    record = await views.get(query.actor, query.run_id)
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
