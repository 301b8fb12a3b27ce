"""Says which libraries each room may import, where import-linter cannot: allow-lists, parts of libraries."""

import sys
from collections.abc import Iterator
from typing import Final

from scripts.checks.tree import PythonFile, Tree, imports

ALLOW: Final = {
    "packages/contracts": frozenset({"pydantic", "pydantic_core", "annotated_types", "flowloom_contracts"}),
    "packages/language": frozenset(
        {"flowloom_contracts", "flowloom_language", "pydantic", "pydantic_core", "orjson", "ruamel", "yaml"}
        | {"jsonschema", "jsonschema_specifications", "referencing", "re2", "croniter"}
    ),
}
"""All that these members may import beside the standard library."""

PURE: Final = ("packages/language",)
IMPURE_MODULES: Final = frozenset(
    {"asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "selectors"}
    | {"shutil", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time"}
)
IMPURE_NAMES: Final = frozenset({"urllib.request", "uuid.uuid1", "uuid.uuid4", "uuid.uuid7", "datetime.now"})
"""What pure code has no use for: clocks, chance, input and output."""

DOMAIN_ALLOW: Final = ("flowloom_contracts", "flowloom_language", "flowloom_servicekit.errors")
OUTBOUND: Final = frozenset({"requests", "aiohttp", "urllib3", "urllib.request", "http.client", "websockets"})
"""Libraries that talk to the outside; ours is httpx, in the members below."""
MAY_HTTPX: Final = ("packages/servicekit", "packages/modelkit", "packages/cli")


def check(tree: Tree) -> list[str]:
    """Return imports that a room does not allow."""
    return [finding for file in tree.python if file.is_production for finding in _in_file(file)]


def _in_file(file: PythonFile) -> Iterator[str]:
    for node, name in imports(file.syntax):
        top = name.split(".")[0]
        allowed = ALLOW.get(file.member)
        if allowed is not None and top not in allowed and top not in sys.stdlib_module_names:
            yield file.at(node, f"{file.member} may not import {top!r}")
        if file.member in PURE and _is_impure(name):
            yield file.at(node, f"{file.member} is pure: {top!r} reaches the world")
        if _starts_with(name, OUTBOUND) or (top == "httpx" and file.member not in MAY_HTTPX):
            yield file.at(node, f"{name!r}: only servicekit, modelkit and cli speak HTTP, with httpx")
        if ".testing." in f"{name}." and "testing" in name.split(".")[1:2]:
            yield file.at(node, f"production code does not import fakes: {name!r}")
        if "/domain/" in file.where and not _fits_domain(file, name):
            yield file.at(node, f"domain/ decides without the world: {name!r} does not belong there")


def _starts_with(name: str, prefixes: frozenset[str]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def _fits_domain(file: PythonFile, name: str) -> bool:
    own = file.module.split(".")[0] + ".domain"
    top = name.split(".")[0]
    if top in sys.stdlib_module_names:
        return not _is_impure(name)
    return name.startswith((own, *DOMAIN_ALLOW))


def _is_impure(name: str) -> bool:
    return name.split(".")[0] in IMPURE_MODULES or _starts_with(name, IMPURE_NAMES)
