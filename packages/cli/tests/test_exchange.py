"""Importing, exporting and signing in, against a gateway in this process."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from flowloom_cli.app import app
from flowloom_cli.formats import format_of

OURS = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: hello}\nsteps: {a: {transform: 1}}\n"
WORKFLOW = {
    "id": "w1",
    "name": "hello",
    "title": "Hello",
    "draft_valid": True,
    "updated_at": "2026-11-22T12:00:00Z",
    "source": OURS,
    "layout": {},
    "tests": "",
    "etag": '"r1"',
}


class Gateway(BaseHTTPRequestHandler):
    """Answers as the real one does, and remembers what it was asked."""

    asked: ClassVar[list[tuple[str, dict[str, object]]]] = []
    is_valid: ClassVar[bool] = True

    def do_GET(self) -> None:
        found = {"file_name": "hello.yaml", "source": OURS, "tests": "", "layout": {}, "secrets": []}
        self._answer(200, found) if self.path == "/v1/workflows/w1/export" else self._refuse(404, "not-found")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        Gateway.asked.append((self.path, body))
        if self.path == "/v1/import":
            made = {"workflow": {**WORKFLOW, "draft_valid": Gateway.is_valid}, "notes": ["Tell: look at it."]}
            self._answer(201, made)
        elif self.path == "/v1/api-keys":
            self._answer(201, {"id": "k1", "key": "flk_made"})
        elif body.get("totp") == "123456":
            user = {"id": "u1", "email": "ada@example.org"}
            self._answer(200, {"access_token": "t", "expires_in": 300, "user": user})
        else:
            self._refuse(401, "wrong-code" if "totp" in body else "second-factor-required")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _refuse(self, status: int, name: str) -> None:
        fields = {"title": name, "status": status, "detail": "", "instance": self.path, "trace_id": "t"}
        self._answer(status, {"type": f"/problems/{name}", **fields})

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("FLOWLOOM_HOME", str(tmp_path / "home"))
    for name in ("FLOWLOOM_URL", "FLOWLOOM_API_KEY", "FLOWLOOM_PARTS"):
        monkeypatch.delenv(name, raising=False)
    Gateway.asked, Gateway.is_valid = [], True
    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        serving.join()


def invoke(*arguments: str, text: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments), input=text)
    return result.exit_code, result.stdout, result.stderr


def test_imports_a_file_and_says_what_it_lacks(url: str, tmp_path: Path) -> None:
    file = tmp_path / "flow.json"
    file.write_text('{"nodes": [], "connections": {}}')
    code, said, _ = invoke("import", str(file), "--url", url, "--key", "flk_x", "--name", "mine")
    assert (code, said.splitlines()) == (0, ["stored 'hello' as w1", "  Tell: look at it."])
    assert Gateway.asked[0][1]["format"] == "n8n"
    assert Gateway.asked[0][1]["name"] == "mine"
    Gateway.is_valid = False
    code, said, _ = invoke("import", str(file), "--url", url, "--key", "flk_x", "--json")
    assert (code, json.loads(said)["workflow"]["draft_valid"]) == (1, False)


def test_needs_to_know_the_program(url: str, tmp_path: Path) -> None:
    file = tmp_path / "flow.txt"
    file.write_text("hello")
    code, _, why = invoke("import", str(file), "--url", url, "--key", "flk_x")
    assert (code, "--format" in why, Gateway.asked) == (2, True, [])
    assert invoke("import", str(tmp_path / "none"), "--url", url, "--key", "flk_x")[0] == 2


def test_exports_to_the_terminal_and_to_a_file(url: str, tmp_path: Path) -> None:
    assert invoke("export", "w1", "--url", url, "--key", "flk_x")[:2] == (0, OURS)
    shown = invoke("export", "w1", "--url", url, "--key", "flk_x", "--json")
    assert json.loads(shown[1])["file_name"] == "hello.yaml"
    file = tmp_path / "out.yaml"
    assert invoke("export", "w1", "--url", url, "--key", "flk_x", "-o", str(file))[:2] == (0, "")
    assert file.read_text() == OURS
    assert invoke("export", "../w1", "--url", url, "--key", "flk_x")[0] == 2
    assert invoke("export", "w1", "--url", url, "--key", "flk_x", "-o", str(tmp_path / "no" / "x"))[0] == 1


def test_signs_in_with_a_code_that_is_asked_for(url: str, tmp_path: Path) -> None:
    code, _, asked = invoke("login", "--url", url, "--email", "ada@example.org", text="secret\n123456\n")
    assert (code, "Code of the authenticator" in asked) == (0, True)
    kept = json.loads((tmp_path / "home" / "owner.json").read_text())
    assert (kept["api_key"], kept["base_url"]) == ("flk_made", url)


def test_signs_in_from_a_script(url: str) -> None:
    who = ("login", "--url", url, "--email", "ada@example.org", "--password-stdin")
    code, said, _ = invoke(*who, "--totp", "123456", "--json", text="secret\n")
    assert (code, json.loads(said)["email"]) == (0, "ada@example.org")
    assert "flk_made" not in said
    code, _, why = invoke(*who, text="secret\n")
    assert (code, "--totp" in why) == (1, True)
    assert invoke(*who, "--totp", "000000", text="secret\n")[0] == 1
    assert invoke(*who, text="")[0] == 2


@pytest.mark.parametrize(
    ("text", "program"),
    [
        (OURS, "flowloom"),
        ('{"nodes": [], "connections": {}}', "n8n"),
        ('{"nodes": [], "edges": []}', "flowise"),
        ('{"data": {"nodes": []}}', "langflow"),
        ("app: {name: x}\nkind: app\nversion: 0.5.0\n", "dify"),
        ("[]", None),
        ("text", None),
    ],
)
def test_tells_the_program_of_a_file(text: str, program: str | None) -> None:
    assert format_of(text, is_crew=False) == program
    assert format_of(text, is_crew=True) == "crewai"
