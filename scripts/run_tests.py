"""Run every test in seven passes and close with one line that counts them.

The first pass is that of the browser application (skipped, and said so, where there is no Node), the second
its flows in a browser against a fake gateway (skipped, and said so, where there is no Chromium). The third
runs in parallel (unit, architecture, contract, workflow cases); the fourth is what measures processor time,
alone, because two workers on two cores slow each other down. The last three start the whole platform and have
the machine to themselves; in the very last one people use it in a browser (left out, and said so, where there
is none). What needs the history of the repository is left out, and said so, where that is not there. What
failed is listed at the end. A skipped test fails the run unless its name contains a word of `ALLOW_SKIP`
(comma-separated), and then it is listed too.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARKS = "not docker and not llm" + ("" if shutil.which("kong") else " and not kong")
PYTEST = [sys.executable, "-m", "pytest", "-q"]
UNAVAILABLE = 3
NO_NODE = "frontend (no Node here; see the message above)"
NO_BROWSER = "browser (no Chromium or no Node here; see the message above)"
# They read the version before out of the repository's history, which a shallow checkout has not.
OF_HISTORY = tuple(
    "tests.contract.test_previous_version."
    f"test_the_stores_of_the_version_before_work_on_the_schema_of_this_one[{service}]"
    for service in ("gateway", "memory", "orchestrator")
)
NOT_HERE = (NO_NODE, NO_BROWSER, *OF_HISTORY)
PASSES = {
    "parallel": [
        *("-m", f"{MARKS} and not alone"),
        # Three on two cores: a third of what these tests do is wait.
        *("-n", "3"),
        "packages",
        "services",
        "tests/architecture",
        "tests/chaos",
        "tests/contract",
        "tests/security",
        "tests/workflows",
    ],
    "alone": ["-m", f"{MARKS} and alone", "packages/language", "tests/security"],
    "platform": ["-m", MARKS, "-p", "no:randomly", "--durations=30", "tests/integration"],
    "observed platform": ["-m", MARKS, "-p", "no:randomly", "tests/observability"],
}
REAL_BROWSER = ["-m", MARKS, "-p", "no:randomly", "-n", "0", "tests/e2e"]


@dataclass(frozen=True)
class Outcome:
    """What one pass counted; `unseen` says why its count cannot be trusted."""

    passed: int
    failed: tuple[str, ...]
    skipped: tuple[str, ...]
    unseen: str = ""


def main() -> int:
    """Run all passes, whatever the first one says, and print the sum."""
    allowed = [word for word in os.environ.get("ALLOW_SKIP", "").split(",") if word]
    with tempfile.TemporaryDirectory() as folder:
        outcomes = [run_frontend(Path(folder) / "frontend.xml")]
        browser = run_browser(Path(folder) / "browser.xml")
        outcomes += [
            browser,
            *(run_pass(name, arguments, Path(folder)) for name, arguments in PASSES.items()),
        ]
        # Without a browser nothing of it could be proved.
        if NO_BROWSER not in browser.skipped:
            outcomes.append(run_pass("browser on the platform", REAL_BROWSER, Path(folder)))
    skipped = [name for outcome in outcomes for name in outcome.skipped]
    refused = [name for name in skipped if name not in NOT_HERE and not any(word in name for word in allowed)]
    for outcome in outcomes:
        if outcome.unseen:
            print(outcome.unseen)
    for name in skipped:
        print(f"skipped{' and not allowed to be' if name in refused else ''}: {name}")
    passed = sum(outcome.passed for outcome in outcomes)
    failed = [name for outcome in outcomes for name in outcome.failed]
    for name in failed:
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped", flush=True)
    return 1 if failed or refused or any(outcome.unseen for outcome in outcomes) else 0


def run_pass(name: str, arguments: list[str], folder: Path) -> Outcome:
    """Run pytest once and read what it counted."""
    started = time.monotonic()
    report = folder / f"{name}.xml"
    code = subprocess.run([*PYTEST, f"--junitxml={report}", *arguments], cwd=ROOT, check=False).returncode
    return outcome_of(name, code, report, time.monotonic() - started)


def run_frontend(report: Path) -> Outcome:
    """Check the browser application once: lint, types, unit tests, build, sizes."""
    started = time.monotonic()
    reporters = ["--reporter=default", "--reporter=junit", f"--outputFile.junit={report}"]
    command = [sys.executable, str(ROOT / "scripts" / "frontend.py"), "check", *reporters]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    if code == UNAVAILABLE:
        return Outcome(0, (), (NO_NODE,))
    return outcome_of("frontend", code, report, time.monotonic() - started)


def run_browser(report: Path) -> Outcome:
    """Let people's flows happen in a browser, against the fake gateway."""
    started = time.monotonic()
    command = [sys.executable, str(ROOT / "scripts" / "frontend.py"), "flows"]
    env = {**os.environ, "FLOWLOOM_E2E_REPORT": str(report)}
    code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    if code == UNAVAILABLE:
        return Outcome(0, (), (NO_BROWSER,))
    return outcome_of("browser", code, report, time.monotonic() - started)


def outcome_of(name: str, code: int, report: Path, seconds: float) -> Outcome:
    """Read what a pass counted."""
    print(f"({name} pass: {seconds:.0f} s)", flush=True)
    if not report.exists():
        return Outcome(0, (), (), f"the {name} pass ended with code {code} before it counted")
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    failed = tuple(names_with(cases, "failure", "error"))
    skipped = tuple(names_with(cases, "skipped"))
    unseen = f"the {name} pass ended with code {code} but counted no failure" if code and not failed else ""
    return Outcome(len(cases) - len(failed) - len(skipped), failed, skipped, unseen)


def names_with(cases: list[ElementTree.Element], *marks: str) -> Iterator[str]:
    """Yield the name of every test that bears one of the marks."""
    for case in cases:
        if any(case.find(mark) is not None for mark in marks):
            yield f"{case.get('classname')}.{case.get('name')}"


if __name__ == "__main__":
    sys.exit(main())
