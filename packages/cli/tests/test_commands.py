"""The commands from outside: arguments, exit codes, JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flowloom_cli.app import app
from flowloom_cli.commands.run import parse_inputs
from flowloom_cli.errors import UsageError

VALID = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: hello}
steps:
  greet: {transform: "Hello"}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLOWLOOM_HOME", str(tmp_path / "home"))
    for name in ("FLOWLOOM_URL", "FLOWLOOM_API_KEY", "FLOWLOOM_PARTS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def test_reads_inputs_as_json_where_they_parse() -> None:
    pairs = ["n=3", "on=true", 'o={"a": [1]}', "text=bees = insects", "id=007", "empty="]
    assert parse_inputs(pairs) == {
        "n": 3,
        "on": True,
        "o": {"a": [1]},
        "text": "bees = insects",
        "id": "007",
        "empty": "",
    }


@pytest.mark.parametrize("pair", ["topic", "=bees"])
def test_refuses_inputs_of_another_form(pair: str) -> None:
    with pytest.raises(UsageError, match="not of the form k=v"):
        parse_inputs([pair])


@pytest.mark.usefixtures("home")
def test_validates_files_without_a_server(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(VALID)
    bad.write_text(VALID + "  next: {needs: [gret], transform: 1}\n")
    runner = CliRunner()
    assert runner.invoke(app, ["validate", str(good)]).exit_code == 0
    result = runner.invoke(app, ["validate", str(good), str(bad), "--json"])
    assert result.exit_code == 1
    problems = json.loads(result.stdout)["problems"]
    assert [(item["code"], item["line"], item["file"]) for item in problems] == [
        ("unknown_step", 6, str(bad))
    ]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_says_in_one_line_that_a_file_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "file.yaml"
    if content is not None:
        file.write_bytes(content)
    result = CliRunner().invoke(app, ["validate", str(file)])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")


@pytest.mark.usefixtures("home")
def test_needs_a_platform_to_run_on(tmp_path: Path) -> None:
    file = tmp_path / "hello.yaml"
    file.write_text(VALID)
    result = CliRunner().invoke(app, ["run", str(file)])
    assert result.exit_code == 2
    assert "no platform to talk to" in result.stderr


@pytest.mark.usefixtures("home")
def test_status_is_a_document_also_when_nothing_runs() -> None:
    result = CliRunner().invoke(app, ["status", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"ready": False, "processes": [], "url": ""}


@pytest.mark.usefixtures("home")
def test_down_is_content_when_nothing_runs() -> None:
    result = CliRunner().invoke(app, ["down"])
    assert result.exit_code == 0
    assert "nothing is running" in result.stdout


TESTS = """\
tests:
  - {name: greets, expect: {status: succeeded, steps: {greet: {output: Hello}}}}
  - {name: greets otherwise, expect: {steps: {greet: {output: Goodbye}}}}
"""


@pytest.mark.usefixtures("home")
def test_runs_the_tests_beside_a_workflow_offline(tmp_path: Path) -> None:
    workflow, tests = tmp_path / "hello.yaml", tmp_path / "hello.tests.yaml"
    workflow.write_text(VALID)
    tests.write_text(TESTS)
    for named in (workflow, tests):
        result = CliRunner().invoke(app, ["test", str(named)])
        assert result.exit_code == 1
        assert "passed hello: greets" in result.stdout
        assert "FAILED hello: greets otherwise" in result.stdout
        assert "1 passed, 1 failed" in result.stdout
    shown = json.loads(CliRunner().invoke(app, ["test", str(workflow), "--json"]).stdout)
    (first, second) = shown["files"][0]["results"]
    assert first == {"name": "greets", "passed": True, "differences": []}
    assert "Goodbye" in second["differences"][0]


@pytest.mark.usefixtures("home")
def test_says_what_is_wrong_with_a_document_instead_of_testing_it(tmp_path: Path) -> None:
    workflow, tests = tmp_path / "hello.yaml", tmp_path / "hello.tests.yaml"
    workflow.write_text(VALID.replace("transform", "transfrom"))
    tests.write_text(TESTS)
    result = CliRunner().invoke(app, ["test", str(workflow)])
    assert result.exit_code == 1
    assert "hello.yaml:5:" in result.stdout
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("home")
def test_says_where_tests_are_expected(tmp_path: Path) -> None:
    workflow = tmp_path / "hello.yaml"
    workflow.write_text(VALID)
    result = CliRunner().invoke(app, ["test", str(workflow)])
    assert result.exit_code == 2
    assert "hello.tests.yaml" in result.stderr
