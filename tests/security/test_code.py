"""S34: nothing of ours loads objects from bytes, runs text as code, or hands a line to a shell."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.checks.tree import PythonFile, Tree

MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "jsonpickle", "joblib"}
NAMES = {"eval", "exec", "compile", "__import__", "execfile"}
CALLS = {
    "yaml.load",
    "yaml.load_all",
    "yaml.full_load",
    "yaml.unsafe_load",
    "os.system",
    "os.popen",
    "os.spawnl",
    "os.spawnv",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell",
    "tempfile.mktemp",
    "builtins.eval",
    "builtins.exec",
    "torch.load",
    "numpy.load",
}
OURS = [
    file for file in Tree().python if file.is_production or file.where.startswith(("scripts/", "benchmarks/"))
]
# The sandbox compiles what a user wrote with the parser alone: the result is a tree, it never runs.
ONLY_PARSED = ("compile", "packages/sandboxkit/")


def findings(file: PythonFile) -> Iterator[str]:
    for node in ast.walk(file.syntax):
        if isinstance(node, ast.Import):
            yield from (file.at(node, alias.name) for alias in node.names if _root(alias.name) in MODULES)
        elif isinstance(node, ast.ImportFrom):
            yield from [file.at(node, str(node.module))] if _root(node.module or "") in MODULES else []
        elif isinstance(node, ast.Call):
            yield from _in_call(file, node)


def _in_call(file: PythonFile, call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    if name in CALLS or (name in NAMES and not _is_only_parsed(file, call)):
        yield file.at(call, name)
    for keyword in call.keywords:
        is_false = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        if keyword.arg == "shell" and not is_false:
            yield file.at(call, "shell=True")
        if keyword.arg == "allow_pickle" and not is_false:
            yield file.at(call, "allow_pickle")


def _is_only_parsed(file: PythonFile, call: ast.Call) -> bool:
    name, folder = ONLY_PARSED
    is_tree = any(keyword.arg == "flags" for keyword in call.keywords) or "PyCF_ONLY_AST" in ast.unparse(call)
    return ast.unparse(call.func) == name and file.where.startswith(folder) and is_tree


def _root(module: str) -> str:
    return module.partition(".")[0]


def test_s34_finds_nothing_in_our_code() -> None:
    assert len(OURS) > 200
    found = [finding for file in OURS for finding in findings(file)]
    assert not found, found


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from marshal import loads",
        "eval(text)",
        "exec(text)",
        "yaml.load(text, Loader=yaml.Loader)",
        "subprocess.run(text, shell=True)",
        "subprocess.run(text, shell=flag)",
        "os.system(text)",
        "numpy.load(path, allow_pickle=True)",
    ],
)
def test_s34_would_find(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(text)
    assert list(findings(PythonFile(path=path, where="packages/x/src/x/a.py")))


def test_s34_sockets_speak_json_only() -> None:
    for file in OURS:
        for node in ast.walk(file.syntax):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
                ("AsyncServer", "AsyncRedisManager")
            ):
                named = {keyword.arg for keyword in node.keywords}
                assert not named & {"serializer", "client_manager"}, file.at(
                    node, "the default serializer is JSON"
                )
