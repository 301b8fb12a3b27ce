"""The pipeline's own files: valid for actionlint, pinned to commits, and without checks of their own."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from scripts.go_tools import tool

ROOT: Final = Path(__file__).resolve().parents[2]
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED: Final = re.compile(r"(\./\.github/workflows/[a-z]+\.yml|[\w./-]+@[0-9a-f]{40})")


def test_actionlint_finds_nothing() -> None:
    command = (str(tool("actionlint")), "-shellcheck=", "-pyflakes=", *map(str, WORKFLOWS))
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_pin_what_they_use_and_ask_for_little(path: Path) -> None:
    workflow: dict[str, Any] = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert "timeout-minutes" in job or "uses" in job
        used = [job["uses"]] if "uses" in job else [step["uses"] for step in job["steps"] if "uses" in step]
        assert all(PINNED.fullmatch(one) for one in used), used
        for step in job.get("steps", []):
            # What a pull request names itself must not become part of a command.
            assert "${{" not in step.get("run", ""), step
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_the_pipeline_runs_the_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in WORKFLOWS:
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            for step in job.get("steps", []):
                if (words := step.get("run", "").split())[:1] == ["make"]:
                    assert {word for word in words[1:] if "=" not in word and word.isalpha()} <= targets
