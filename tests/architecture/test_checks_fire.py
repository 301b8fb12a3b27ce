"""Each own lint on small bad samples: a check that cannot fail proves nothing."""

from pathlib import Path

import pytest

from scripts.checks.registry import checks
from scripts.checks.tree import Tree

CHECKS = checks()
MEMORY = "services/memory/src/memory"
DRIVER = "services/orchestrator/src/orchestrator/workflow.py"
TOPICS = "packages/contracts/src/flowloom_contracts/topics.py"
TOPICS_TEXT = """
class AppId(StrEnum):
    MEMORY = "memory"
class Component(StrEnum):
    CACHE = "cache"
class Topic(StrEnum):
    RUN_EVENTS = "run-events"
"""
COMPONENT = """
kind: Component
metadata: {{name: {name}}}
spec: {{metadata: [{item}]}}
scopes: [{scope}]
"""


def findings(name: str, folder: Path, files: dict[str, str]) -> str:
    for where, text in files.items():
        path = folder / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return "\n".join(CHECKS[name](Tree(folder)))


def lines(count: int, line: str = "x = 1") -> str:
    return "\n".join([line] * count) + "\n"


def function(name: str, length: int, *, head: str = "") -> str:
    return f"{head}def {name}():\n" + lines(length - 1, "    x = 1")


@pytest.mark.parametrize(
    ("name", "where", "text", "expected"),
    [
        ("sizes", f"{MEMORY}/a.py", lines(401), "401 lines, at most 400"),
        ("sizes", "services/memory/tests/test_a.py", lines(601), "601 lines, at most 600"),
        ("sizes", f"{MEMORY}/a.py", function("f", 51), "'f' has 51 lines, at most 50"),
        (
            "sizes",
            f"{MEMORY}/a.py",
            function("r", 21, head="@router.post('/')\n"),
            "'r' has 21 lines, at most 20",
        ),
        ("sizes", "tests/test_a.py", function("test_f", 61), "'test_f' has 61 lines, at most 60"),
        ("sizes", f"{MEMORY}/a.py", "def f(a, b, c, d, e): ...", "5 positional parameters"),
        ("sizes", "packages/language/src/flowloom_language/steps/a.py", lines(101), "at most 100"),
        ("sizes", "services/agent-qa/src/agent_qa/main.py", lines(101), "extend agentkit"),
        ("sizes", "Makefile", lines(201), "at most 200"),
        ("sizes", "frontend/src/a.tsx", lines(301), "at most 300"),
        ("rooms", f"{MEMORY}/utils.py", '"""Bits."""', "'utils' says nothing"),
        ("rooms", f"{MEMORY}/helpers/x.py", '"""Bits."""', "'helpers' says nothing"),
        ("docstrings", f"{MEMORY}/a.py", "x = 1\n", "begin with one sentence"),
        ("docstrings", f"{MEMORY}/a.py", '"""No full stop"""', "full stop"),
        ("suppressions", "a.py", "x = 1  # noqa\n", "name the rule"),
        ("suppressions", "a.py", "x = 1  # noqa: S608\n", "name the rule"),
        ("suppressions", "a.py", "x = 1  # type: ignore\n", "name the rule"),
        ("suppressions", "a.py", "x = 1  # type: ignore[arg-type]\n", "name the rule"),
        ("suppressions", "a.py", "x = 1  # noqa: C901 - too lazy today\n", "sizes have no exceptions"),
        ("broad_excepts", f"{MEMORY}/a.py", "try: ...\nexcept Exception: ...", "catch the error"),
        ("broad_excepts", f"{MEMORY}/a.py", "try: ...\nexcept: ...", "catch the error"),
        ("broad_excepts", f"{MEMORY}/a.py", "try: ...\nexcept (OSError, BaseException): ...", "catch the"),
        ("sleeps", "tests/test_a.py", "import time\ntime.sleep(1)", "wait_until"),
        ("sleeps", "tests/test_a.py", "async def test_a():\n    await asyncio.sleep(0.1)", "wait_until"),
        ("boundaries", f"{MEMORY}/a.py", "def f(a: Any): ...", "'f' passes Any"),
        ("boundaries", f"{MEMORY}/a.py", "def f() -> dict[str, Any] | None: ...", "passes dict[str, Any]"),
        ("boundaries", f"{MEMORY}/a.py", "def f(*, a: list[dict[str, Any]]): ...", "passes list[dict"),
        ("environment", f"{MEMORY}/a.py", "import os\nos.environ['X']", "settings.py only"),
        ("environment", f"{MEMORY}/a.py", "import os\nos.getenv('X')", "settings.py only"),
        ("environment", f"{MEMORY}/a.py", "class Mine(BaseSettings): ...", "move 'Mine' to settings.py"),
        ("environment", f"{MEMORY}/settings.py", "x = 'FLOWLOOM_NEW_THING'", "explain FLOWLOOM_NEW_THING"),
        ("environment", ".env.example", "FLOWLOOM_OLD_THING=1\n", "nothing mentions FLOWLOOM_OLD_THING"),
        ("replay", DRIVER, "import random", "'random' has no place"),
        ("replay", DRIVER, "from orchestrator.adapters import x", "has no place"),
        ("replay", DRIVER, "from datetime import datetime\ndatetime.now()", "another answer at replay"),
        ("replay", DRIVER, "open('x')", "another answer at replay"),
        ("replay", DRIVER, "async def f(): ...", "plain generator"),
        ("replay", DRIVER, "for x in {1, 2}: ...", "order of a set"),
        ("addresses", "a.md", "see https://pypi" + ".org/simple", "no address of a package registry"),
        ("addresses", "a.toml", "path = '/ro" + "ot/things'", "no path of one machine"),
        ("commands", "README.md", "Type `make magic`.", "no target 'magic'"),
        ("commands", "README.md", "```\nmake magic\n```", "no target 'magic'"),
        ("commands", "Makefile", ".PHONY: ghost\n", "'ghost' is phony"),
        ("floors", "requirements/a.txt", "starlette==0.49.0 \\\n    --hash=sha256:0", "is older than 1.0.1"),
        ("floors", "requirements/a.txt", "litellm==1.90 \\\n    --hash=sha256:0", "litellm is not allowed"),
        ("floors", "requirements/a.txt", "fastapi==1.0\n", "has no hash"),
        ("floors", "tools/dapr/go.mod", "\tgithub.com/dapr/dapr v1.17.9\n", "is older than 1.18.2"),
        ("floors", "deploy/compose/a.yml", "    image: redis:7.2.1\n", "is older than 7.4.9"),
        ("floors", "deploy/compose/a.yml", "    image: kong:3.9.1\n", "is older than 3.9.3"),
        ("floors", "deploy/compose/a.yml", "    image: kong/kong-gateway:3.9.3\n", "is not allowed"),
        (
            "floors",
            "requirements/a.txt",
            "Python_Jose==3.3 \\\n    --hash=sha256:0",
            "python-jose is not allowed",
        ),
        ("decisions", "docs/decisions/first.md", "", "call it NNNN"),
        ("decisions", "docs/decisions/0001-a.md", "Context Decision", "part 'Alternatives' is missing"),
        (
            "imports_allowed",
            "packages/contracts/src/flowloom_contracts/a.py",
            "import httpx",
            "may not import",
        ),
        ("imports_allowed", "packages/language/src/flowloom_language/a.py", "import time", "is pure"),
        ("imports_allowed", f"{MEMORY}/a.py", "import requests", "flowloom_servicekit.outbound"),
        ("imports_allowed", f"{MEMORY}/a.py", "import httpx", "flowloom_servicekit.outbound"),
        ("imports_allowed", f"{MEMORY}/a.py", "import socket", "flowloom_servicekit.outbound"),
        ("imports_allowed", f"{MEMORY}/a.py", "from http import client", "flowloom_servicekit.outbound"),
        ("imports_allowed", f"{MEMORY}/a.py", "from urllib.request import urlopen", "servicekit.outbound"),
        ("imports_allowed", f"{MEMORY}/a.py", "def f(): import aiohttp", "flowloom_servicekit.outbound"),
        (
            "imports_allowed",
            f"{MEMORY}/a.py",
            "x = loop.create_connection(y)",
            "flowloom_servicekit.outbound",
        ),
        (
            "imports_allowed",
            "packages/modelkit/src/flowloom_modelkit/a.py",
            "import httpx",
            "servicekit.outb",
        ),
        (
            "imports_allowed",
            "packages/servicekit/src/flowloom_servicekit/outbound/a.py",
            "import httpx",
            "flowloom_servicekit.outbound",
        ),
        ("imports_allowed", f"{MEMORY}/a.py", "from memory.testing.x import y", "does not import fakes"),
        ("imports_allowed", f"{MEMORY}/domain/a.py", "import sqlalchemy", "decides without the world"),
        ("imports_allowed", f"{MEMORY}/domain/a.py", "from uuid import uuid4", "decides without the world"),
        ("names", "services/memory/x", "", "has nothing for service 'memory'"),
        ("names", "requirements/ghost.txt", "", "'ghost' is no folder in services/"),
        ("names", "dapr.yaml", "apps: [{appID: ghost}]", "dapr.yaml: 'ghost' is no folder in services/"),
    ],
)
def test_finds_what_is_wrong(tmp_path: Path, *, name: str, where: str, text: str, expected: str) -> None:
    assert expected in findings(name, tmp_path, {TOPICS: TOPICS_TEXT, where: text})


@pytest.mark.parametrize(
    ("name", "where", "text"),
    [
        ("sizes", f"{MEMORY}/a.py", "def f(self, a, b, c, d, *, e): ...\n" + function("g", 50)),
        ("suppressions", "a.py", "x = 1  # noqa: S608 - only constants of ours\n"),
        ("suppressions", "a.py", "x = 1  # type: ignore[arg-type]  # the library says wrong\n"),
        ("suppressions", "a.py", 'x = "# noqa"\n'),
        (
            "broad_excepts",
            "packages/servicekit/src/flowloom_servicekit/a.py",
            "try: ...\nexcept Exception: ...",
        ),
        ("sleeps", "tests/test_a.py", "async def wait_until_it_is():\n    await asyncio.sleep(0.1)"),
        ("sleeps", "tests/test_a.py", "async def f():\n    await asyncio.sleep(0)"),
        ("boundaries", f"{MEMORY}/a.py", "def f(a: JsonObject) -> dict[str, JsonValue]: ..."),
        ("boundaries", f"{MEMORY}/a.py", "def f(a: Any) -> None: ...  # the library's own signature"),
        ("environment", f"{MEMORY}/settings.py", "import os\nx = os.environ['HOME']"),
        ("replay", DRIVER, "from datetime import timedelta\nx = [1 for _ in (1, 2)]"),
        ("addresses", "a.md", "see docs/root/things and /rooted/x"),
        (
            "imports_allowed",
            f"{MEMORY}/domain/a.py",
            "from urllib.parse import urlsplit\nfrom uuid import UUID",
        ),
        ("imports_allowed", "packages/cli/src/flowloom_cli/a.py", "import httpx"),
        (
            "imports_allowed",
            "packages/servicekit/src/flowloom_servicekit/outbound/a.py",
            "import httptools, ssl",
        ),
        ("imports_allowed", f"{MEMORY}/a.py", "from http import HTTPStatus"),
    ],
)
def test_lets_the_rest_pass(tmp_path: Path, name: str, where: str, text: str) -> None:
    assert findings(name, tmp_path, {TOPICS: TOPICS_TEXT, where: text}) == ""


@pytest.mark.parametrize(
    ("stem", "component", "expected"),
    [
        ("cache", {"name": "cash", "item": "", "scope": "memory"}, "the component 'cash'"),
        ("cache", {"name": "cache", "item": "", "scope": ""}, "list in scopes"),
        ("cache", {"name": "cache", "item": "", "scope": "stranger"}, "scope 'stranger' is no app-id"),
        ("extra", {"name": "extra", "item": "", "scope": "memory"}, "'extra' is not in topics.py"),
        ("extra", {"name": "extra", "item": "", "scope": "memory"}, "'cache' of topics.py has no file"),
        (
            "cache",
            {"name": "cache", "item": "{name: redisPassword, value: x}", "scope": "memory"},
            "secret store",
        ),
        (
            "pubsub",
            {"name": "pubsub", "item": "{name: allowedTopics, value: old}", "scope": "memory"},
            "'old' is no",
        ),
    ],
)
def test_components_are_compared_with_topics(
    tmp_path: Path, stem: str, component: dict[str, str], expected: str
) -> None:
    text = COMPONENT.format(**component)
    assert expected in findings(
        "components", tmp_path, {TOPICS: TOPICS_TEXT, f"dapr/components/{stem}.yaml": text}
    )


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("memory: {}", "neither image nor build"),
        ("memory: {image: redis}", "pin image 'redis'"),
        ("memory: {image: 'redis:latest'}", "pin image"),
        ("memory: {build: ., ports: ['80:80']}", "publish no ports"),
        (
            "memory: {build: ., depends_on: {ghost: {condition: service_healthy}}}",
            "'ghost', which does not exist",
        ),
        ("memory: {build: ., depends_on: [memory]}", "say the condition"),
        ("memory: {build: .}", "include deploy/compose/a.yml"),
    ],
)
def test_compose_files_are_judged_without_docker(tmp_path: Path, service: str, expected: str) -> None:
    assert expected in findings("compose", tmp_path, {"deploy/compose/a.yml": f"services:\n  {service}\n"})


@pytest.mark.parametrize(
    ("linter", "expected"),
    [
        ("root_packages = []", "differ in 'memory'"),
        (
            '[[tool.importlinter.contracts]]\nname="c"\ntype="forbidden"\nignore_imports=["a -> b"]',
            "ignores imports",
        ),
        (
            '[[tool.importlinter.contracts]]\nname="c"\ntype="independence"\nmodules=["x"]',
            "folders of services/",
        ),
    ],
)
def test_import_contracts_are_complete(tmp_path: Path, linter: str, expected: str) -> None:
    files = {"pyproject.toml": f"[tool.importlinter]\n{linter}", "services/memory/x": ""}
    assert expected in findings("import_contracts", tmp_path, files)


def test_a_step_type_is_complete_or_says_what_is_missing(tmp_path: Path) -> None:
    contracts = "packages/contracts/src/flowloom_contracts"
    files = {
        f"{contracts}/workflow.py": 'Step = Annotated[LoopStep, Tag("<loop>")]',
        f"{contracts}/steps/old.py": "",
    }
    found = findings("step_types", tmp_path, files)
    assert "loop: write its configuration" in found
    assert "loop: write its execution" in found
    assert "loop: write at least one passing and one failing case" in found
    assert "'old' is no step type" in found
