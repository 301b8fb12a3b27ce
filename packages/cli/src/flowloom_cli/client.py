"""The public interface as the command uses it: JSON over HTTP, problems turned into errors."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Final, Literal, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from flowloom_cli.credentials import Credentials
from flowloom_cli.errors import CliError, UsageError
from flowloom_cli.sse import ServerSentEvent, events_of
from flowloom_contracts.api import SaveWorkflow, Validation, WorkflowDocument, WorkflowList
from flowloom_contracts.base import JsonObject
from flowloom_contracts.document import DocumentProblem
from flowloom_contracts.events import RunEvent
from flowloom_contracts.exchange import Imported, ImportWorkflow, WorkflowExport
from flowloom_contracts.problem import Problem
from flowloom_contracts.runs import Run, StartRunBody
from flowloom_contracts.sign_in import (
    ApiClient,
    ApiClientCreated,
    ApiClientList,
    CreateApiClient,
    RotateApiClient,
)

Answer = TypeVar("Answer", bound=BaseModel)

TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
STREAM_SILENCE_S: Final = 45.0
"""Three missed heartbeats of the stream."""

RECONNECT_PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
TRIES: Final = 4
STREAM_TRIES: Final = 20
"""Connections in a row without an event: more than a minute and a half of an absent gateway."""

END_OF_RUN: Final = "run.finished.v1"
RETRYABLE: Final = frozenset({502, 503, 504})

_EVENT: Final[TypeAdapter[RunEvent]] = TypeAdapter(RunEvent)


class InvalidDocumentError(CliError):
    """The server refused to run a document; carries the list of what is wrong with it."""

    def __init__(self, problems: list[DocumentProblem]) -> None:
        super().__init__(f"the workflow has {len(problems)} problem(s)")
        self.problems = problems


class GatewayClient:
    """One signed-in connection to a gateway."""

    def __init__(
        self, credentials: Credentials, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.base_url = credentials.base_url
        try:
            self._http = httpx.AsyncClient(
                base_url=credentials.base_url,
                headers={"X-API-Key": credentials.api_key},
                timeout=TIMEOUT,
                transport=transport,
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            raise UsageError(f"{credentials.base_url!r} and its key cannot be used: {error}") from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def validate(self, source: str) -> list[DocumentProblem]:
        """Return the problems of a document as this server sees them."""
        answer = await self._send("POST", "/v1/validate", json={"source": source})
        return _read(Validation, answer).problems

    async def save(self, source: str, name: str) -> WorkflowDocument:
        """Save a document under its name, new or over the one of that name."""
        body = SaveWorkflow(source=source).model_dump(mode="json", exclude_none=True)
        answer = await self._raw("POST", "/v1/workflows", json=body)
        if answer.status_code == httpx.codes.CONFLICT:
            known = await self._find(name)
            answer = await self._raw(
                "PUT", f"/v1/workflows/{known.id}", json=body, headers={"If-Match": known.etag}
            )
        return _read(WorkflowDocument, self._checked(answer))

    async def _find(self, name: str) -> WorkflowDocument:
        cursor: str | None = None
        while True:
            query = {"limit": "200", **({"cursor": cursor} if cursor else {})}
            page = _read(WorkflowList, await self._send("GET", "/v1/workflows", params=query))
            for item in page.items:
                if item.name == name:
                    return _read(WorkflowDocument, await self._send("GET", f"/v1/workflows/{item.id}"))
            cursor = page.next_cursor
            if cursor is None:
                raise CliError(f"the name {name!r} is taken, but no workflow of that name is listed")

    async def start(
        self, workflow_id: str, inputs: JsonObject, *, version: int | Literal["draft"] | None = None
    ) -> Run:
        """Start a run; asking again after a broken connection starts no second one.

        Without `version` it is the published one, else the draft.
        """
        body = StartRunBody(inputs=inputs, version=version)
        answer = await self._send(
            "POST",
            f"/v1/workflows/{workflow_id}/runs",
            json=body.model_dump(mode="json", exclude_none=True),
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        return _read(Run, answer)

    async def import_workflow(self, body: ImportWorkflow) -> Imported:
        """Store a file as a new workflow."""
        answer = await self._raw("POST", "/v1/import", json=body.model_dump(mode="json", exclude_none=True))
        return _read(Imported, self._checked(answer))

    async def export_workflow(self, workflow_id: str) -> WorkflowExport:
        """Return a workflow as it can be published."""
        path = f"/v1/workflows/{quote(workflow_id, safe='')}/export"
        return _read(WorkflowExport, await self._send("GET", path))

    async def api_clients(self) -> list[ApiClient]:
        """Return the API clients of the workspace, newest first."""
        found: list[ApiClient] = []
        query = {"limit": "200"}
        while True:
            page = _read(ApiClientList, await self._send("GET", "/v1/api-clients", params=query))
            found += page.items
            if page.next_cursor is None:
                return found
            query["cursor"] = page.next_cursor

    async def create_api_client(self, body: CreateApiClient) -> ApiClientCreated:
        """Make an API client; the answer alone has its secret."""
        return await self._made_once("/v1/api-clients", body)

    async def rotate_api_client(self, client_id: str, body: RotateApiClient) -> ApiClientCreated:
        """Give an API client a new secret, which the answer alone has."""
        return await self._made_once(f"/v1/api-clients/{quote(client_id, safe='')}/rotate", body)

    async def revoke_api_client(self, client_id: str) -> None:
        """End an API client and its tokens."""
        await self._send("DELETE", f"/v1/api-clients/{quote(client_id, safe='')}")

    async def _made_once(self, path: str, body: BaseModel) -> ApiClientCreated:
        # Never repeated: a secret whose answer was lost would work, and nobody would know it.
        answer = await self._raw("POST", path, json=body.model_dump(mode="json", exclude_none=True), tries=1)
        return _read(ApiClientCreated, self._checked(answer))

    async def run(self, run_id: str) -> Run:
        """Return a run as it is now."""
        return _read(Run, await self._send("GET", f"/v1/runs/{run_id}"))

    async def follow(self, run_id: str) -> AsyncIterator[RunEvent]:
        """Yield every event of a run from its first to its last, over as many connections as it takes."""
        last = "0"
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                async for event in self._stream(run_id, last):
                    last = event.id or last
                    failures = 0
                    parsed = _event(event)
                    if parsed is None:
                        continue
                    yield parsed
                    if parsed.type == END_OF_RUN:
                        return
            except httpx.TransportError as error:
                if failures >= STREAM_TRIES:
                    raise _unreachable(self.base_url, error) from error
            if failures >= STREAM_TRIES:
                raise CliError(f"the stream of run {run_id} ends again and again without an event")
            if asyncio.get_running_loop().time() - began > STREAM_SILENCE_S:
                failures = 0
            # A stream that ends early, by a fault or in good order, is taken up where it stopped.
            await asyncio.sleep(RECONNECT_PAUSES_S[min(failures, len(RECONNECT_PAUSES_S) - 1)])
            failures += 1

    async def _stream(self, run_id: str, last: str) -> AsyncIterator[ServerSentEvent]:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last != "0" else {})
        timeout = httpx.Timeout(TIMEOUT.read, connect=TIMEOUT.connect, read=STREAM_SILENCE_S)
        async with self._http.stream(
            "GET", f"/v1/runs/{run_id}/stream", headers=headers, timeout=timeout
        ) as answer:
            if answer.status_code in RETRYABLE:
                return
            if not answer.is_success:
                await answer.aread()
                self._checked(answer)
            async for event in events_of(answer.aiter_lines()):
                yield event

    async def _send(
        self,
        method: str,
        path: str,
        *,
        json: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send with a few tries; only for calls that may be repeated."""
        for attempt in range(TRIES):
            answer = await self._raw(method, path, json=json, headers=headers, params=params)
            if answer.status_code not in RETRYABLE or attempt == TRIES - 1:
                break
            await asyncio.sleep(RECONNECT_PAUSES_S[attempt])
        return self._checked(answer)

    async def _raw(
        self,
        method: str,
        path: str,
        *,
        json: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        tries: int = TRIES,
    ) -> httpx.Response:
        for attempt in range(tries):
            try:
                return await self._http.request(method, path, json=json, headers=headers, params=params)
            except httpx.TransportError as error:
                if attempt == tries - 1 or isinstance(error, httpx.UnsupportedProtocol):
                    raise _unreachable(self.base_url, error) from error
                await asyncio.sleep(RECONNECT_PAUSES_S[attempt])
        raise AssertionError("the loop returns or raises")

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        raise _refusal(answer)


def _read(model: type[Answer], answer: httpx.Response) -> Answer:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise CliError(
            f"{answer.request.url} answered something else than a Flowloom gateway would",
            hint="check the address; is another program listening there?",
        ) from error


def _event(event: ServerSentEvent) -> RunEvent | None:
    """Parse an event; kinds that this version does not know are left out."""
    try:
        return _EVENT.validate_json(event.data)
    except ValidationError:
        return None


def _refusal(answer: httpx.Response) -> CliError:
    """Turn a failure of the server into a sentence."""
    try:
        problem = Problem.model_validate_json(answer.content)
    except ValidationError:
        return CliError(f"{answer.request.url} answered {answer.status_code}: {answer.text[:200]}")
    if problem.problems:
        return InvalidDocumentError([DocumentProblem.model_validate(item) for item in problem.problems])
    unsaid = [item for item in problem.errors or [] if item.message not in problem.detail]
    details = "".join(f"\n  {item.path or 'body'}: {item.message}" for item in unsaid)
    text = f"{problem.title}{': ' if problem.detail else ''}{problem.detail}{details}"
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return UsageError(text, hint="check --key or FLOWLOOM_API_KEY, or sign in with `flowloom login`")
    if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY):
        return UsageError(text)
    return CliError(text)


def _unreachable(base_url: str, error: httpx.TransportError) -> CliError:
    return CliError(
        f"{base_url} does not answer ({type(error).__name__}: {error})",
        hint="`flowloom status` shows whether a platform runs here, `flowloom up` starts one",
    )
