"""Says which libraries each room may import, where import-linter cannot: allow-lists, parts of libraries."""

import ast
import sys
from collections.abc import Iterator
from typing import Final

from scripts.checks.tree import PythonFile, Tree, imports

ALLOW: Final = {
    "packages/contracts": frozenset({"pydantic", "pydantic_core", "annotated_types", "flowloom_contracts"}),
    "packages/language": frozenset(
        {"flowloom_contracts", "flowloom_language", "pydantic", "pydantic_core", "orjson", "ruamel", "yaml"}
        | {"jsonschema", "jsonschema_specifications", "referencing", "re2", "cronsim"}
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

DOMAIN_ALLOW: Final = ("flowloom_contracts", "flowloom_language", "flowloom_servicekit.errors", "orjson")
"""`orjson` only turns values into bytes; sizes and previews of large values are decided on those bytes."""

OUTBOUND: Final = frozenset(
    {
        "httpx",
        "httpx2",
        "httpcore",
        "aiohttp",
        "requests",
        "urllib3",
        "urllib.request",
        "http.client",
        "h11",
        "h2",
    }
    | {"httptools", "websockets", "websocket", "pycurl", "xmlrpc.client", "ftplib", "smtplib", "poplib"}
    | {"aiosmtplib"}
    | {"imaplib", "nntplib", "telnetlib", "socket", "ssl"}
)
"""Modules with which one can talk to the outside."""
MAY_REACH: Final = {
    "packages/servicekit/src/flowloom_servicekit/outbound/": frozenset({"httptools", "socket", "ssl"}),
    "packages/servicekit/src/flowloom_servicekit/dapr/": frozenset({"socket"}),
    "packages/cli/src/": frozenset({"httpx", "socket"}),
    "services/gateway/src/gateway/adapters/smtp_mailer.py": frozenset({"aiosmtplib", "ssl"}),
}
"""The one outbound client, the name of this machine, the command that runs on a person's, and the operator's
mail server, whose address nobody else can choose."""
CONNECTS: Final = frozenset(
    {"open_connection", "open_unix_connection", "create_connection", "create_unix_connection"}
    | {"create_datagram_endpoint", "sock_connect"}
)
MAY_CONNECT: Final = ("packages/servicekit/src/flowloom_servicekit/outbound/", "packages/cli/src/")


def check(tree: Tree) -> list[str]:
    """Return imports that a room does not allow."""
    production = [file for file in tree.python if file.is_production]
    return [finding for file in production for finding in (*_in_file(file), *_connections(file))]


def _in_file(file: PythonFile) -> Iterator[str]:
    for node, name in imports(file.syntax):
        top = name.split(".")[0]
        allowed = ALLOW.get(file.member)
        if allowed is not None and top not in allowed and top not in sys.stdlib_module_names:
            yield file.at(node, f"{file.member} may not import {top!r}")
        if file.member in PURE and _is_impure(name):
            yield file.at(node, f"{file.member} is pure: {top!r} reaches the world")
        if _starts_with(name, OUTBOUND) and not _starts_with(name, _reach(file)):
            yield file.at(
                node, f"{name!r}: call the outside through flowloom_servicekit.outbound, which judges it"
            )
        if ".testing." in f"{name}." and "testing" in name.split(".")[1:2]:
            yield file.at(node, f"production code does not import fakes: {name!r}")
        if "/domain/" in file.where and not _fits_domain(file, name):
            yield file.at(node, f"domain/ decides without the world: {name!r} does not belong there")


def _connections(file: PythonFile) -> Iterator[str]:
    if file.where.startswith(MAY_CONNECT):
        return
    for node in ast.walk(file.syntax):
        if isinstance(node, ast.Attribute) and node.attr in CONNECTS:
            yield file.at(node, f"{node.attr!r}: call the outside through flowloom_servicekit.outbound")


def _reach(file: PythonFile) -> frozenset[str]:
    return next((names for room, names in MAY_REACH.items() if file.where.startswith(room)), frozenset())


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
