"""The client of the public interface, against a scripted gateway."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from flowloom_cli import client as client_module
from flowloom_cli.client import GatewayClient, InvalidDocumentError
from flowloom_cli.credentials import Credentials
from flowloom_cli.errors import CliError, UsageError
from flowloom_cli.owner import Owner, ensure_owner, owner_file, read_owner
from flowloom_cli.sse import ServerSentEvent, events_of

Reply = Callable[[httpx.Request], httpx.Response]
NOW = "2026-11-22T12:00:00Z"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "RECONNECT_PAUSES_S", (0.0,) * 5)


def a_client(reply: Reply) -> GatewayClient:
    return GatewayClient(Credentials("http://gateway.test", "flk_key"), transport=httpx.MockTransport(reply))


def a_run(status: str = "running") -> dict[str, object]:
    return {
        "id": "r1",
        "workflow": {"id": "w1", "name": "brief"},
        "version": "draft",
        "status": status,
        "inputs": {},
        "created_at": NOW,
    }


def a_document(**changes: object) -> dict[str, object]:
    return {
        "id": "w1",
        "name": "brief",
        "title": "Brief",
        "draft_valid": True,
        "updated_at": NOW,
        "source": "new",
        "layout": {},
        "tests": "",
        "etag": '"7"',
        **changes,
    }


def an_event(seq: int, type: str = "run.started.v1", status: str = "running") -> str:
    envelope = {
        "stream": "run:r1",
        "epoch": 1,
        "seq": seq,
        "type": type,
        "at": NOW,
        "run_id": "r1",
        "data": {"status": status},
    }
    return f"id: 1:{seq}\nevent: {type}\ndata: {json.dumps(envelope)}\n\n"


async def test_saves_over_the_workflow_of_the_same_name() -> None:
    seen: list[tuple[str, str, str | None]] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.url.path, request.headers.get("if-match")))
        match request.method, request.url.path:
            case "POST", "/v1/workflows":
                return httpx.Response(
                    409, json={"type": "/problems/name-taken", "title": "Taken", "status": 409}
                )
            case "GET", "/v1/workflows":
                others = [a_document(id="w0", name="other"), a_document()]
                return httpx.Response(200, json={"items": others, "next_cursor": None})
            case _:
                return httpx.Response(200, json=a_document())

    async with a_client(reply) as client:
        saved = await client.save("new", "brief")
    assert saved.id == "w1"
    assert seen[-1] == ("PUT", "/v1/workflows/w1", '"7"')


async def test_repeats_a_start_with_the_same_key_when_the_connection_breaks() -> None:
    keys: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            raise httpx.ReadError("broken")
        if len(keys) == 2:
            return httpx.Response(503, json={"type": "/problems/storage", "title": "Later", "status": 503})
        return httpx.Response(202, json=a_run())

    async with a_client(reply) as client:
        assert (await client.start("w1", {}, version="draft")).id == "r1"
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_takes_a_stream_up_where_it_broke() -> None:
    asked: list[str | None] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("last-event-id"))
        if len(asked) == 1:
            return httpx.Response(200, stream=Broken(an_event(1) + an_event(2) + "data: half"))
        return httpx.Response(200, text=": heartbeat\n\n" + an_event(3, "run.finished.v1", "succeeded"))

    async with a_client(reply) as client:
        types = [event.type async for event in client.follow("r1")]
    assert types == ["run.started.v1", "run.started.v1", "run.finished.v1"]
    assert asked == [None, "1:2"]


async def test_passes_over_events_of_a_newer_server() -> None:
    unknown = 'data: {"type": "run.dreamt.v9"}\n\n'

    def reply(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=unknown + an_event(1, "run.finished.v1", "succeeded"))

    async with a_client(reply) as client:
        assert [event.type async for event in client.follow("r1")] == ["run.finished.v1"]


@pytest.mark.parametrize(
    ("status", "kind", "exit_code"), [(404, UsageError, 2), (401, UsageError, 2), (409, CliError, 1)]
)
async def test_turns_problems_into_sentences(status: int, kind: type[CliError], exit_code: int) -> None:
    problem = {
        "type": "/problems/x",
        "title": "Run not found",
        "status": status,
        "detail": "There is no run 'r1'.",
    }

    async with a_client(lambda _: httpx.Response(status, json=problem)) as client:
        with pytest.raises(kind, match="Run not found: There is no run 'r1'") as caught:
            await client.run("r1")
    assert caught.value.exit_code == exit_code


async def test_keeps_the_problems_of_a_refused_document() -> None:
    wrong = {
        "code": "cycle",
        "severity": "error",
        "path": "steps.a",
        "line": 3,
        "column": 1,
        "end_line": 3,
        "end_column": 2,
        "message": "a needs itself",
    }
    body = {"type": "/problems/invalid-document", "title": "Invalid", "status": 422, "problems": [wrong]}

    async with a_client(lambda _: httpx.Response(422, json=body)) as client:
        with pytest.raises(InvalidDocumentError) as caught:
            await client.start("w1", {}, version="draft")
    assert caught.value.problems[0].message == "a needs itself"


async def test_says_that_nobody_answers() -> None:
    def reply(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async with a_client(reply) as client:
        with pytest.raises(CliError, match=r"http://gateway\.test does not answer"):
            await client.run("r1")


async def test_is_not_confused_by_another_kind_of_server() -> None:
    async with a_client(lambda _: httpx.Response(200, text="<html>")) as client:
        with pytest.raises(CliError, match="something else than a Flowloom gateway"):
            await client.run("r1")


async def test_reads_events_as_the_standard_says() -> None:
    text = ":hello\n\nid: 1:1\nevent: a\ndata: x\ndata:y\n\n\ndata: z\nretry: 5\n\nid: 9\n\n"

    async def lines() -> AsyncIterator[str]:
        for line in text.splitlines():
            yield line

    found = [event async for event in events_of(lines())]
    assert found == [ServerSentEvent("a", "x\ny", "1:1"), ServerSentEvent("message", "z", "")]


async def test_signs_in_when_a_start_was_cut_between_claim_and_file(tmp_path: Path) -> None:
    session = {"access_token": "t", "expires_in": 300, "user": {"id": "u", "email": "owner@flowloom.local"}}

    def reply(request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/v1/auth/setup":
                return httpx.Response(409, json={"type": "/problems/done", "title": "Done", "status": 409})
            case "/v1/auth/login":
                return httpx.Response(200, json=session)
            case _:
                return httpx.Response(201, json={"id": "k", "key": "flk_new"})

    owner = await ensure_owner(
        tmp_path,
        base_url="http://gateway.test",
        setup_token="s",
        password="p",
        transport=httpx.MockTransport(reply),
    )
    assert owner.api_key == "flk_new"
    assert read_owner(tmp_path) == owner
    assert owner_file(tmp_path).stat().st_mode & 0o777 == 0o600


async def test_keeps_an_owner_whose_key_works_and_notes_a_new_address(tmp_path: Path) -> None:
    known = Owner(base_url="http://old.test", email="e@x", password="p", api_key="flk_old")
    owner_file(tmp_path).write_text(known.model_dump_json())
    owner = await ensure_owner(
        tmp_path,
        base_url="http://gateway.test",
        setup_token="s",
        password="p",
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={})),
    )
    assert owner == known.model_copy(update={"base_url": "http://gateway.test"})
    assert read_owner(tmp_path) == owner


class Broken(httpx.AsyncByteStream):
    """A body that ends in a broken connection."""

    def __init__(self, text: str) -> None:
        self._text = text

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._text.encode()
        raise httpx.ReadError("reset")
