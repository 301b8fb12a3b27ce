"""Ask an advisory database about every pin of every lock: python -m scripts.audit.

Ends with 0 when it was asked about everything and knows no hole, 1 when it knows one, and 3 when the audit
was not run or left something out, which is said and never counts as passed.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.sbom import LOCKS, pins

AUDITOR = [sys.executable, "-m", "uv", "tool", "run", "--quiet", "pip-audit==2.10.0"]
OPTIONS = ["--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
LIMIT_S = 600
CLEAN, HOLES, NOT_RUN = 0, 1, 3


def main(auditor: Sequence[str] = AUDITOR) -> int:
    """Run the auditor over all pins and say what came of it."""
    wanted = {(pin.name, pin.version) for lock in LOCKS.glob("*.txt") for pin in pins(lock)}
    asked: list[dict[str, object]] = []
    for together in rounds(sorted(wanted)):
        try:
            asked += ask(auditor, together)
        except AuditError as error:
            return not_run(str(error))
    return judged(asked, wanted)


class AuditError(Exception):
    """The auditor gave no answer that can be read."""


def rounds(wanted: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Divide pins so that no name comes twice: a lock may pin two versions for two kinds of machine."""
    found: list[list[tuple[str, str]]] = []
    for pin in wanted:
        free = next((one for one in found if all(name != pin[0] for name, _ in one)), None)
        if free is None:
            free = []
            found.append(free)
        free.append(pin)
    return found


def ask(auditor: Sequence[str], wanted: list[tuple[str, str]]) -> list[dict[str, object]]:
    """Return what the auditor says about each pin."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pins.txt"
        listed.write_text("".join(f"{name}=={version}\n" for name, version in wanted))
        command = [*auditor, *OPTIONS, "--requirement", str(listed)]
        try:
            answer = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise AuditError(str(error)) from error
    try:
        found: list[dict[str, object]] = json.loads(answer.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        last = answer.stderr.strip().rpartition("\n")[2]
        raise AuditError(last or f"it ended with {answer.returncode}") from error
    return found


def judged(asked: list[dict[str, object]], wanted: set[tuple[str, str]]) -> int:
    """Say what is known about each pin, and which were left out."""
    holes = [entry for entry in asked if entry.get("vulns")]
    for entry in holes:
        print(f"{entry['name']} {entry['version']}: {json.dumps(entry['vulns'])[:400]}")
    answered = {(str(entry["name"]), str(entry["version"])) for entry in asked if "skip_reason" not in entry}
    left_out = sorted(wanted - answered)
    for name, version in left_out:
        print(f"left out: {name} {version}")
    if holes:
        return HOLES
    if left_out:
        return not_run(f"{len(left_out)} of {len(wanted)} packages were left out")
    print(f"{len(wanted)} packages, no known hole")
    return CLEAN


def not_run(reason: str) -> int:
    """Say that nothing was proved."""
    print(f"The audit was not run: {reason}")
    return NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
