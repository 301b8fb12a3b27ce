"""Bring a version to a stage: canary of the agents, everything, a smoke test, and back when it fails.

Usage: python3 scripts/promote.py --stage staging --version v1.2.3 [--namespace flowloom]. Needs `helm` on
PATH, KUBECONFIG, and FLOWLOOM_URL with FLOWLOOM_API_KEY of a workspace that is there for smoke tests. The
stage's own values lie in deploy/kubernetes/stages/<stage>.yaml.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.package_chart import package  # noqa: E402 - the script is started by its path

RELEASE: Final = "flowloom"
WAIT: Final = "10m"
SMOKE: Final = "examples/workflows/first-brief.yaml"
SMOKE_RUNS: Final = 3

Run = Callable[[Sequence[str]], str]
"""Runs a command, returns what it printed, raises subprocess.CalledProcessError when it fails."""


class PromotionError(Exception):
    """What failed, and that the stage is back on what it had."""


def main(arguments: Sequence[str]) -> int:
    """Promote, print each step, and return 1 when the stage went back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stage", required=True, choices=("staging", "production"))
    parser.add_argument("--version", required=True)
    parser.add_argument("--namespace", default="flowloom")
    given = parser.parse_args(arguments)
    values = ROOT / "deploy" / "kubernetes" / "stages" / f"{given.stage}.yaml"
    with tempfile.TemporaryDirectory() as folder:
        chart = package(Path(folder) / "flowloom")
        try:
            promote(_run, chart=chart, values=values, version=given.version, namespace=given.namespace)
        except PromotionError as error:
            print(f"not promoted: {error}", file=sys.stderr)
            return 1
    print(f"{given.stage} runs {given.version}")
    return 0


def promote(run: Run, *, chart: Path, values: Path, version: str, namespace: str) -> None:
    """Change the stage in two steps, each tried; raises PromotionError after going back."""
    before = revision(run, namespace)
    steps = {"one agent of each kind": ("--set", "canary=true"), "everything": ("--set", "canary=false")}
    for name, options in steps.items():
        print(f"{version}: {name}", flush=True)
        try:
            run((*upgrade(chart, values, namespace), "--set", f"image.tag={version}", *options))
            smoke(run)
        except (subprocess.CalledProcessError, PromotionError) as error:
            go_back(run, before, namespace)
            raise PromotionError(f"{name}: {error}; the stage is back on revision {before}") from error


def revision(run: Run, namespace: str) -> int:
    """Return the revision that the stage is on, 0 before its first installation."""
    listed = json.loads(run(("helm", "list", "--namespace", namespace, "--output", "json")))
    found = [int(one["revision"]) for one in listed if one["name"] == RELEASE]
    return found[0] if found else 0


def upgrade(chart: Path, values: Path, namespace: str) -> tuple[str, ...]:
    """Return the command that changes the stage; Helm itself goes back when pods do not become ready."""
    where = (RELEASE, str(chart), "--namespace", namespace, "--values", str(values))
    return ("helm", "upgrade", "--install", *where, "--atomic", "--timeout", WAIT)


def smoke(run: Run) -> None:
    """Carry out the first example as a user would, several times; raises PromotionError when one fails."""
    for _ in range(SMOKE_RUNS):
        ended = json.loads(run((sys.executable, "-m", "flowloom_cli", "run", SMOKE, "--json")))
        if ended["status"] != "succeeded":
            raise PromotionError(f"the smoke run {ended['id']} ended as {ended['status']}")


def go_back(run: Run, before: int, namespace: str) -> None:
    """Return to the revision that worked. Schemas serve both versions, so only programs go back."""
    if before:
        run(("helm", "rollback", RELEASE, str(before), "--namespace", namespace, "--wait", "--timeout", WAIT))


def _run(command: Sequence[str]) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
