"""Kong without Kong: its router's order of routes, its paths, and its Lua, as version 3.9 documents them.

The order is that of `get_priority` in Kong's own router: how many kinds of field a route matches on, then
whether a path is a regular expression, then how long it is. Not how long it is first.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import lupa

KINDS: Final = ("methods", "hosts", "headers", "snis", "paths")
Json = dict[str, Any]  # the file is Kong's


@dataclass(frozen=True)
class Candidate:
    """A route with paths of one length, as Kong splits it."""

    route: Json
    service: Json | None
    paths: tuple[str, ...]
    position: int

    @property
    def priority(self) -> tuple[int, int, int, int, int]:
        """Higher wins."""
        kinds = sum(1 for kind in KINDS if self.route.get(kind))
        is_regex = self.paths[0].startswith("~") if self.paths else False
        regex_priority = self.route.get("regex_priority", 0) if is_regex else 0
        length = 0 if is_regex or not self.paths else len(self.paths[0])
        return kinds, len(self.route.get("headers") or ()), int(is_regex), regex_priority, length

    def matches(self, method: str, path: str) -> bool:
        methods = self.route.get("methods")
        if methods and method not in methods:
            return False
        return not self.paths or any(_matches(pattern, path) for pattern in self.paths)


class Router:
    """Finds the route of a request in a declarative file."""

    def __init__(self, document: Json) -> None:
        self.document = document
        owned = [(route, service) for service in document["services"] for route in service["routes"]]
        owned += [(route, None) for route in document.get("routes", [])]
        self.routes = [route for route, _ in owned]
        self._candidates = [
            Candidate(route, service, paths, position)
            for position, (route, service) in enumerate(owned)
            for paths in _by_length(route.get("paths") or [])
        ]
        self._candidates.sort(key=lambda one: (*(-part for part in one.priority), one.position))

    def find(self, method: str, target: str) -> Candidate | None:
        """Return what serves a request, as Kong sees its path."""
        path = normalised(target)
        return next((one for one in self._candidates if one.matches(method, path)), None)

    def name(self, method: str, target: str) -> str:
        """Return the name of the route of a request."""
        found = self.find(method, target)
        return "" if found is None else str(found.route["name"])

    def plugins(self, method: str, target: str) -> dict[str, Json]:
        """Return the plug-ins that a request meets: the nearer one of a name wins."""
        found = self.find(method, target)
        assert found is not None, f"no route for {target}"
        levels = (self.document, found.service or {}, found.route)
        return {
            plugin["name"]: plugin.get("config", {})
            for level in levels
            for plugin in level.get("plugins", [])
        }


def normalised(target: str) -> str:
    """Return a path as Kong matches and forwards it: decoded where that is safe, dots and slashes merged."""
    path = target.partition("?")[0]
    path = re.sub(r"%([0-9A-Fa-f]{2})", _decoded, path)
    parts: list[str] = []
    pieces = re.sub("/+", "/", path).split("/")[1:]
    for piece in pieces:
        if piece == "..":
            parts = parts[:-1]
        elif piece != ".":
            parts.append(piece)
    ends_with_slash = pieces[-1] in (".", "..")
    return "/" + "/".join(parts) + ("/" if ends_with_slash and parts else "")


def _decoded(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if re.fullmatch(r"[A-Za-z0-9._~-]", character) else found[0].upper()


def _matches(pattern: str, path: str) -> bool:
    if pattern.startswith("~"):
        return re.match(pattern[1:], path) is not None
    return path.startswith(pattern)


def _by_length(paths: list[str]) -> list[tuple[str, ...]]:
    """Return the paths of a route as Kong splits them, because each split is ordered for itself."""
    if not paths:
        return [()]
    groups: dict[tuple[bool, int], list[str]] = {}
    for path in paths:
        is_regex = path.startswith("~")
        groups.setdefault((is_regex, 0 if is_regex else len(path)), []).append(path)
    return [tuple(group) for group in groups.values()]


class _Table(Protocol):
    def __getitem__(self, name: str) -> Any: ...  # a Lua table


class Access:
    """Runs the access code of a pre-function with the few calls of Kong's that it makes."""

    def __init__(self, code: str) -> None:
        self._code = code

    def run(self, sent: dict[str, str]) -> tuple[dict[str, str], str]:
        """Return the headers that go on, in lower case, and the name of the consumer it authenticated."""
        headers = {name.lower(): value for name, value in sent.items()}
        lua = lupa.LuaRuntime(unpack_returned_tuples=True)
        state = cast(_Table, lua.globals())
        seen: list[str] = []
        state["clear"] = lambda name: headers.pop(name.lower(), None)
        state["set"] = lambda name, value: headers.__setitem__(name.lower(), value)
        state["get"] = lambda name: headers.get(name.lower())
        state["authenticate"] = seen.append
        lua.execute(_KONG)
        lua.execute(self._code)
        return headers, "".join(seen)


_KONG: Final = """
kong = {
  service = { request = { clear_header = clear, set_header = set } },
  request = { get_header = get },
  client = {
    load_consumer = function(name, by_name)
      assert(by_name)
      return { id = "id of " .. name, username = name }
    end,
    authenticate = function(consumer, credential)
      assert(credential and credential.id)
      authenticate(consumer.username)
    end,
  },
}
"""
