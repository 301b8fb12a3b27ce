"""A client of the public interface, as a stranger would write it from the OpenAPI page."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from types import TracebackType
from typing import Self

import httpx
from pydantic import TypeAdapter

from flowloom_contracts.api import WorkflowDocument, WorkflowList
from flowloom_contracts.base import JsonObject
from flowloom_contracts.events import RunEvent, RunEventList, StreamHead, StreamResync
from flowloom_contracts.runs import Run, RunSnapshot, StepList, StepRun
from tests.integration.waiting import until

TOLD_WITHIN_S = 15.0
"""A run's end is stored first and told in its stream after; what could not be told at once is found again."""

_EVENT: TypeAdapter[RunEvent] = TypeAdapter(RunEvent)


class PublicApi:
    """Raw answers by `get` and `post`, parsed ones by the named methods."""

    def __init__(self, url: str, api_key: str) -> None:
        self.url = url
        headers = {"X-API-Key": api_key}
        limits = httpx.Limits(max_connections=200)
        self.http = httpx.AsyncClient(
            base_url=url, headers=headers, timeout=30, limits=limits, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def save(self, source: str) -> WorkflowDocument:
        """Store a document, or a new text of the one that has its name."""
        answer = await self.http.post("/v1/workflows", json={"source": source})
        if answer.status_code == httpx.codes.CONFLICT:
            return await self._replace(source)
        return WorkflowDocument.model_validate_json(_content(answer, 201))

    async def _replace(self, source: str) -> WorkflowDocument:
        listed = _content(await self.http.get("/v1/workflows", params={"limit": 200}), 200)
        summaries = WorkflowList.model_validate_json(listed).items
        named = re.search(r"\bname: ([a-z0-9-]+)", source)
        found = next(item for item in summaries if named is not None and item.name == named[1])
        path = f"/v1/workflows/{found.id}"
        etag = (await self.http.get(path)).headers["etag"]
        answer = await self.http.put(path, json={"source": source}, headers={"If-Match": etag})
        return WorkflowDocument.model_validate_json(_content(answer, 200))

    async def request_start(
        self, workflow_id: str, inputs: JsonObject, *, key: str | None = None
    ) -> httpx.Response:
        """Ask for a run and return the answer as it came."""
        headers = {"Idempotency-Key": key} if key else {}
        body = {"inputs": inputs, "version": "draft"}
        return await self.http.post(f"/v1/workflows/{workflow_id}/runs", json=body, headers=headers)

    async def start(self, workflow_id: str, inputs: JsonObject, *, key: str | None = None) -> Run:
        """Start a run."""
        return Run.model_validate_json(_content(await self.request_start(workflow_id, inputs, key=key), 202))

    async def run(self, run_id: str) -> Run:
        return Run.model_validate_json(_content(await self.http.get(f"/v1/runs/{run_id}"), 200))

    async def cancel(self, run_id: str) -> Run:
        answer = await self.http.post(f"/v1/runs/{run_id}/cancel", json={"reason": "test"})
        return Run.model_validate_json(_content(answer, 202))

    async def pause(self, run_id: str) -> Run:
        answer = await self.http.post(f"/v1/runs/{run_id}/pause", json={"reason": "test"})
        return Run.model_validate_json(_content(answer, 202))

    async def resume(self, run_id: str) -> Run:
        return Run.model_validate_json(_content(await self.http.post(f"/v1/runs/{run_id}/resume"), 202))

    async def steps(self, run_id: str) -> dict[str, StepRun]:
        answer = await self.http.get(f"/v1/runs/{run_id}/steps", params={"limit": 200})
        return {step.path: step for step in StepList.model_validate_json(_content(answer, 200)).items}

    async def snapshot(self, run_id: str) -> RunSnapshot:
        return RunSnapshot.model_validate_json(
            _content(await self.http.get(f"/v1/runs/{run_id}/snapshot"), 200)
        )

    async def finished(self, run_id: str, *, within_s: float = 60) -> Run:
        """Wait until a run has ended, however it ended."""

        async def ended() -> Run | None:
            run = await self.run(run_id)
            return run if run.status.is_terminal else None

        run = await until(ended, within_s=within_s, what=f"the end of run {run_id}")
        assert run is not None
        return run

    async def all_finished(self, run_ids: list[str], *, within_s: float) -> list[Run]:
        """Wait until all runs have ended."""
        return list(await asyncio.gather(*(self.finished(run_id, within_s=within_s) for run_id in run_ids)))

    async def history(self, run_id: str, *, limit: int = 5000) -> list[RunEvent]:
        """Return all events of a run, page by page."""
        events: list[RunEvent] = []
        after: str | None = "0"
        while after is not None:
            params: dict[str, str | int] = {"after": after, "limit": limit}
            answer = await self.http.get(f"/v1/runs/{run_id}/events", params=params)
            page = RunEventList.model_validate_json(_content(answer, 200))
            events.extend(page.items)
            after = page.next_cursor if page.items else None
        return events

    async def told(self, run_id: str) -> list[RunEvent]:
        """Return the events of a run that is over; all that there are when its end is not told in time."""
        events: list[RunEvent] = []

        async def to_the_end() -> bool:
            events[:] = await self.history(run_id)
            return any(event.type == "run.finished.v1" for event in events)

        try:
            await until(to_the_end, within_s=TOLD_WITHIN_S, every_s=0.25, what=f"the told end of {run_id}")
        except AssertionError:
            return events
        return events

    async def stream(
        self, run_id: str, *, after: str | None = None
    ) -> AsyncGenerator[tuple[str, RunEvent], None]:
        """Follow a run by server-sent events: cursor and event, until the server ends the stream."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        timeout = httpx.Timeout(30, read=40)
        async with self.http.stream(
            "GET", f"/v1/runs/{run_id}/stream", headers=headers, timeout=timeout
        ) as answer:
            assert answer.status_code == httpx.codes.OK, await answer.aread()
            async for fields in _frames(answer.aiter_lines()):
                if "data" in fields:
                    yield fields.get("id", ""), _EVENT.validate_json(fields["data"])


async def _frames(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, str]]:
    fields: dict[str, str] = {}
    async for line in lines:
        if not line:
            if fields:
                yield fields
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")


def cursor_of(event: RunEvent) -> str:
    """Return the cursor of an event that has a number of its own."""
    assert not isinstance(event, StreamHead | StreamResync)
    return f"{event.epoch}:{event.seq}"


def _content(answer: httpx.Response, status: int) -> bytes:
    if answer.status_code != status:
        raise AssertionError(
            f"{answer.request.method} {answer.request.url}: {answer.status_code}, expected {status}: "
            f"{json.dumps(answer.text[:600])}"
        )
    return answer.content
