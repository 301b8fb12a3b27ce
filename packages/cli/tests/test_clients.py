"""`flowloom clients` against a gateway in this process."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner, Result

from flowloom_cli.app import app

SECRET = "fls_shown-once"
CLIENT: dict[str, object] = {
    "id": "c1",
    "name": "nightly",
    "scopes": ["runs:start", "runs:read"],
    "created_by": "ada@example.org",
    "created_at": "2026-11-22T12:00:00Z",
    "expires_at": None,
    "last_used_at": None,
    "old_secret_until": None,
}


class Gateway(BaseHTTPRequestHandler):
    """Answers as the real one does, and remembers what it was asked."""

    asked: ClassVar[list[tuple[str, str, object]]] = []
    is_deaf: ClassVar[bool] = False

    def do_GET(self) -> None:
        self._note(None)
        is_first = "cursor" not in self.path
        other = CLIENT | {"id": "c0", "last_used_at": "2026-11-23T12:00:00Z"}
        self._answer(
            200, {"items": [CLIENT if is_first else other], "next_cursor": "n" if is_first else None}
        )

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._note(body)
        if Gateway.is_deaf:
            self.close_connection = True
            return
        if body.get("scopes") == ["no:such"]:
            self._answer(422, _problem(422, "The request is not valid", "no:such is not a scope"))
            return
        until = "2026-11-23T12:00:00Z" if self.path.endswith("/rotate") else None
        self._answer(201, CLIENT | {"client_secret": SECRET, "old_secret_until": until})

    def do_DELETE(self) -> None:
        self._note(None)
        is_known = self.path == "/v1/api-clients/c1"
        self._answer(
            204 if is_known else 404, None if is_known else _problem(404, "API client not found", "")
        )

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _note(self, body: object) -> None:
        Gateway.asked.append((self.command, self.path, body))

    def _answer(self, status: int, body: object) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _problem(status: int, title: str, detail: str) -> dict[str, object]:
    fields = {"title": title, "status": status, "detail": detail, "instance": "/", "trace_id": "t"}
    return {"type": "/problems/x", **fields}


@pytest.fixture(autouse=True)
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    Gateway.asked, Gateway.is_deaf = [], False
    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        monkeypatch.setenv("FLOWLOOM_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("FLOWLOOM_URL", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("FLOWLOOM_API_KEY", "flk_x")
        yield
        server.shutdown()
        serving.join()


def clients(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, ["clients", *arguments], input=text)


def test_lists_every_page_without_a_secret() -> None:
    shown = clients("list")
    assert shown.exit_code == 0
    first, second = shown.stdout.splitlines()
    assert first == "c1  nightly  runs:start runs:read  by ada@example.org, does not end, never used"
    assert second.startswith("c0  ") and second.endswith("used 2026-11-23")
    listed = json.loads(clients("list", "--json").stdout)
    assert [one["id"] for one in listed] == ["c1", "c0"] and "client_secret" not in listed[0]


def test_makes_a_client_and_shows_its_secret_once() -> None:
    made = clients("create", "nightly", "--scope", "runs:start", "--scope", "runs:read", "--days", "30")
    assert made.exit_code == 0
    assert made.stdout.splitlines() == ["client_id      c1", f"client_secret  {SECRET}"]
    assert "not shown again" in made.stderr
    ((method, path, body),) = Gateway.asked
    assert (method, path) == ("POST", "/v1/api-clients")
    assert isinstance(body, dict) and body["scopes"] == ["runs:start", "runs:read"] and body["expires_at"]
    said = json.loads(clients("create", "nightly", "--scope", "runs:read", "--json").stdout)
    assert (said["id"], said["client_secret"]) == ("c1", SECRET)


def test_keeps_the_secret_in_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    made = clients("create", "nightly", "--scope", "runs:read", "--secret-file", str(file))
    assert made.exit_code == 0 and SECRET not in made.output
    assert file.read_text() == f"{SECRET}\n" and file.stat().st_mode & 0o777 == 0o600
    again = clients("rotate", "c1", "--secret-file", str(file), "--json")
    assert (again.exit_code, len(Gateway.asked)) == (2, 1)
    assert "cannot be a new file" in again.stderr
    other = clients("rotate", "c1", "--secret-file", str(tmp_path / "other"), "--json")
    assert "client_secret" not in json.loads(other.stdout)


def test_rotates_with_a_grace() -> None:
    made = clients("rotate", "c1", "--grace-hours", "2")
    assert SECRET in made.stdout and "until 2026-11-23 12:00" in made.stderr
    assert Gateway.asked == [("POST", "/v1/api-clients/c1/rotate", {"grace_hours": 2.0})]


def test_revokes_after_asking() -> None:
    assert clients("revoke", "c1", text="n\n").exit_code == 1
    assert Gateway.asked == []
    revoked = clients("revoke", "c1", text="y\n")
    assert revoked.exit_code == 0 and revoked.stdout.endswith("revoked c1\n")
    unknown = clients("revoke", "../keys", "--yes")
    assert unknown.exit_code == 2 and "API client not found" in unknown.stderr
    assert Gateway.asked[-1][1] == "/v1/api-clients/..%2Fkeys"


def test_says_what_the_gateway_refuses() -> None:
    refused = clients("create", "nightly", "--scope", "no:such")
    assert refused.exit_code == 2 and "no:such is not a scope" in refused.stderr


def test_makes_no_second_client_when_the_answer_is_lost() -> None:
    Gateway.is_deaf = True
    lost = clients("create", "nightly", "--scope", "runs:read")
    assert lost.exit_code == 1 and "does not answer" in lost.stderr
    assert len(Gateway.asked) == 1
