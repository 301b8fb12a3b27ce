"""Log files: appended, rotated, read from the end."""

from pathlib import Path

import pytest

from flowloom_cli.supervision import logs
from flowloom_cli.supervision.logs import LogFile, last_lines


def test_appends_over_restarts(tmp_path: Path) -> None:
    for text in (b"one\n", b"two\n"):
        log = LogFile(tmp_path / "part.log")
        log.write(text)
        log.close()
    assert list(last_lines(tmp_path / "part.log")) == ["one", "two"]


def test_keeps_a_few_old_files_when_a_log_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 10)
    log = LogFile(tmp_path / "part.log")
    for number in range(6):
        log.write(f"line number {number}\n".encode())
    log.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["part.log", "part.log.1", "part.log.2", "part.log.3"]
    assert (tmp_path / "part.log.1").read_text() == "line number 5\n"


def test_has_no_last_lines_when_there_is_no_log(tmp_path: Path) -> None:
    assert list(last_lines(tmp_path / "none.log")) == []
