"""`flowloom eval`: datasets, scores, intervals, and whole evaluations against a gateway in this process."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from flowloom_cli.app import app
from flowloom_cli.errors import UsageError
from flowloom_cli.evaluation.dataset import read_dataset
from flowloom_contracts.evaluation import Case, Dataset, Scored
from flowloom_contracts.runs import Run
from flowloom_language.evaluation.intervals import difference, interval
from flowloom_language.evaluation.report import lines
from flowloom_language.evaluation.scoring import likeness, score

NOW = "2026-11-22T12:00:00Z"
LATER = "2026-11-22T12:00:02Z"
DATASET = """\
answer: outputs.text
checks: ["run.status == 'succeeded'", "size(outputs.text) > 3"]
grader: grade
cases:
  - name: harbour
    inputs: {topic: harbour}
    checks: ["outputs.text.contains(inputs.topic)"]
    golden: the old harbour
  - {name: pier, inputs: {topic: pier}, golden: the pier}
  - {name: broken, inputs: {topic: fail}}
"""


def a_run(**changes: object) -> dict[str, object]:
    return {
        "id": "r1",
        "workflow": {"id": "w1", "name": "brief"},
        "version": 1,
        "status": "succeeded",
        "inputs": {},
        "outputs": {"text": "the harbour"},
        "usage": {"tokens": 12, "usd": 0.5},
        "created_at": NOW,
        "started_at": NOW,
        "finished_at": LATER,
        **changes,
    }


class Gateway(BaseHTTPRequestHandler):
    """Carries out at once: a version 2 answers with the topic, a version 1 always with the same."""

    runs: ClassVar[dict[str, dict[str, object]]] = {}
    grades: ClassVar[list[object]] = []
    score: ClassVar[object] = 0.5

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        run_id = f"r{len(self.runs) + 1}"
        outputs: dict[str, object] = {"text": "always the same"}
        if self.path.startswith("/v1/workflows/grade/"):
            self.grades.append(body["inputs"])
            outputs = {"score": self.score}
        elif body.get("version") == 2:
            outputs = {"text": f"the {body['inputs']['topic']}"}
        run = a_run(id=run_id, outputs=outputs)
        if body["inputs"].get("topic") == "fail":
            error = {"code": "model_failed", "message": "it broke"}
            run |= {"status": "failed", "outputs": None, "error": error}
        Gateway.runs[run_id] = run
        self._answer(202, json.dumps(run), "application/json")

    def do_GET(self) -> None:
        run_id = self.path.split("/")[3]
        if not self.path.endswith("/stream"):
            self._answer(200, json.dumps(self.runs[run_id]), "application/json")
            return
        data = {"status": self.runs[run_id]["status"]}
        envelope = {
            "stream": f"run:{run_id}",
            "epoch": 1,
            "seq": 1,
            "at": NOW,
            "run_id": run_id,
            "data": data,
        }
        event = json.dumps({**envelope, "type": "run.finished.v1"})
        self._answer(200, f"id: 1:1\nevent: run.finished.v1\ndata: {event}\n\n", "text/event-stream")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: str, kind: str) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("FLOWLOOM_HOME", str(tmp_path / "home"))
    for name in ("FLOWLOOM_URL", "FLOWLOOM_API_KEY", "FLOWLOOM_PARTS"):
        monkeypatch.delenv(name, raising=False)
    Gateway.runs, Gateway.grades, Gateway.score = {}, [], 0.5
    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        serving.join()


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    path = tmp_path / "cases.yaml"
    path.write_text(DATASET)
    return path


def invoke(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["eval", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_compares_two_versions_and_writes_a_page(url: str, dataset: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    to = ("--url", url, "--key", "flk_x")
    told = ("-w", "w1", "--version", "2", "--against", "1", "--report", str(page), "--json")
    code, said, aside = invoke(str(dataset), *told, *to)
    assert code == 0, aside
    answer = json.loads(said)
    cases = {one["case"]: one for one in answer["cases"]}
    figures = cases["harbour"]["figures"]
    assert [figures.pop(name) for name in ("checks", "golden", "graded", "succeeded")] == [1, 0.8, 0.5, 1]
    assert figures == {"seconds": 2.0, "tokens": 12.0, "usd": 0.5}
    assert cases["broken"]["figures"]["graded"] == 0
    assert cases["broken"]["failed"][-1] == "the run failed: it broke"
    golden = answer["metrics"]["golden"]
    assert golden["now"]["mean"] == pytest.approx(0.9)
    assert golden["verdict"] == "better"
    assert answer["metrics"]["graded"]["verdict"] == ""
    given = {"inputs": {"topic": "pier"}, "outputs": {"text": "the pier"}, "golden": "the pier"}
    assert given in Gateway.grades
    assert len(Gateway.grades) == 4, "the failed run of each version has nothing to grade"
    written = page.read_text()
    assert written.startswith("<!doctype html>")
    assert "better" in written
    assert "(was " in written


def test_prints_a_table_and_fails_below_the_least(url: str, dataset: Path) -> None:
    code, said, aside = invoke(
        str(dataset), "-w", "w1", "--url", url, "--key", "flk_x", "--least", "0.9", "--version", "draft"
    )
    assert code == 1
    assert "3 cases" in said
    assert "-- broken" in aside
    assert "0.9 is the least" in aside


def test_stops_at_a_grader_that_gives_no_score(url: str, dataset: Path) -> None:
    Gateway.score = "good"
    code, _, why = invoke(str(dataset), "-w", "w1", "--url", url, "--key", "flk_x")
    assert code == 1
    assert "gave no score: its output `score` is 'good'" in why


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cases: []", "cases"),
        ("cases: [{name: a}, {name: a}]", "two cases have the name 'a'"),
        ("cases: [{name: a, chekcs: []}]", "chekcs"),
        ("cases: [{name: a, checks: ['1 +']}]", "'1 +'"),
        ("cases: [", "is not YAML"),
    ],
)
def test_says_what_is_wrong_with_a_dataset(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as wrong:
        read_dataset(path)
    assert told in f"{wrong.value} {wrong.value.hint}"


def test_counts_a_check_that_cannot_be_computed_as_failed() -> None:
    checks = ["outputs.none == 1", "true", "outputs.text", "size(inputs) == 0"]
    found = score(Dataset(cases=[Case(name="a")], checks=checks), Case(name="a"), Run.model_validate(a_run()))
    assert found.figures["checks"] == 0.5
    assert [one.split(":")[0] for one in found.failed] == ["outputs.none == 1", "outputs.text"]


def test_likeness_is_the_f1_of_words() -> None:
    assert likeness("The harbour!", "the old harbour") == pytest.approx(0.8)
    assert likeness("", "the") == 0
    assert likeness("a b", "a b") == 1


def test_intervals_hold_the_mean_and_are_the_same_each_time() -> None:
    found = interval([0.0, 0.5, 1.0, 1.0])
    assert found == interval([0.0, 0.5, 1.0, 1.0])
    assert found.low <= found.mean <= found.high
    assert not found.is_certain or found.low > 0
    assert interval([0.3]).low == interval([0.3]).high == 0.3


def test_differences_are_paired_and_judged_by_what_is_better() -> None:
    new = [Scored(case=f"c{n}", run_id="r", figures={"seconds": 1.0, "checks": n / 9}) for n in range(10)]
    old = [Scored(case=f"c{n}", run_id="r", figures={"seconds": 3.0, "checks": n / 9}) for n in range(10)]
    verdicts = {line.metric: line.verdict for line in lines(new, old)}
    assert verdicts == {"checks": "unclear", "seconds": "better"}
    assert difference({"a": 1.0}, {"b": 1.0}) is None
