"""Files of the operator: whoever can write one decides what runs, so others may not."""

import os
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from flowloom_servicekit.operator_files import OperatorFileError, OperatorPath, read_operator_file


class Shape(BaseModel):
    """What the file says."""

    number: int


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o644, 0o440])
def test_reads_what_only_its_owner_can_write(tmp_path: Path, mode: int) -> None:
    assert read_operator_file(written(tmp_path / "f", '{"number": 3}', mode), Shape) == Shape(number=3)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_refuses_what_others_can_write(tmp_path: Path, mode: int) -> None:
    with pytest.raises(OperatorFileError, match=r"can be written by others.*chmod go-w"):
        read_operator_file(written(tmp_path / "f", '{"number": 3}', mode), Shape)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_refuses_what_somebody_else_owns(tmp_path: Path) -> None:
    path = written(tmp_path / "f", '{"number": 3}')
    os.chown(path, 12_345, 12_345)
    with pytest.raises(OperatorFileError, match="can be written by others"):
        read_operator_file(path, Shape)


@pytest.mark.parametrize(
    ("text", "why"),
    [("{", "JSON"), ('{"number": "canary"}', "number: "), ("x" * 1_000_001, "more than 1,000,000 bytes")],
)
def test_says_where_and_what_is_wrong_without_the_content(tmp_path: Path, text: str, why: str) -> None:
    path = written(tmp_path / "f", text)
    with pytest.raises(OperatorFileError, match=why) as raised:
        read_operator_file(path, Shape)
    assert str(path) in str(raised.value)
    assert "canary" not in str(raised.value)


def test_says_that_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OperatorFileError, match="cannot be read: No such file"):
        read_operator_file(tmp_path / "none", Shape)


def test_an_empty_variable_names_no_file() -> None:
    paths = TypeAdapter[Path | None](OperatorPath)
    assert (paths.validate_python(""), paths.validate_python("/a")) == (None, Path("/a"))


def test_a_path_that_depends_on_the_folder_is_refused_in_words() -> None:
    paths = TypeAdapter[Path | None](OperatorPath)
    with pytest.raises(ValidationError, match=r"must be an absolute path, such as /etc/flowloom/") as refused:
        paths.validate_python("servers.json")
    assert "pattern" not in str(refused.value)
