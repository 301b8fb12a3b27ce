"""Finds the route of a request in a table instead of trying the routes of every router."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from flowloom_servicekit.quick_dependencies import hasten

if TYPE_CHECKING:
    from fastapi.routing import _EffectiveRouteContext as RouteInPlace

Matches: TypeAlias = Callable[[Scope], tuple[Match, Scope]]

SEGMENTS: Final = 2
"""How much of a path tells routes apart: `/v1/runs`."""

_MADE: Final = "flowloom_routes_in_place"


def include_all(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Include routers; FastAPI alone tries the routes of every router before the right one, each twice.

    A request that no route of the table takes goes FastAPI's own way: other methods, pages, sockets.
    """
    places: list[_Place] = []
    is_open = False
    for router in routers:
        app.include_router(router)
        included = app.router.routes[-1]
        beginnings = _beginnings(router.routes)
        # Behind a route that takes any beginning the order decides, which the table does not keep.
        is_open = is_open or beginnings is None
        if beginnings is not None:
            included.matches = _passing_over(beginnings, included.matches)  # type: ignore[assignment]  # a route is asked by this name alone
        if beginnings is not None and not is_open:
            places.append(_Place(included, beginnings))
    app.router.middleware_stack = _Table(places, app.router, app.router.middleware_stack)


class _Place:
    """A router where it is included; its routes are made when the first request comes to one of them."""

    def __init__(self, included: BaseRoute, beginnings: frozenset[str]) -> None:
        self._included = included
        self.beginnings = beginnings

    @cached_property
    def routes(self) -> "Sequence[RouteInPlace]":
        """The routes in their place, made quick."""
        # To make one costs milliseconds, and the place of a router is the same in every application.
        included: Any = self._included  # FastAPI's own kind of route, which it does not export
        kept: dict[str, Any] = included.original_router.__dict__
        if _MADE not in kept:
            routes: list[RouteInPlace] = list(included.effective_route_contexts())
            for route in routes:
                hasten(route)
            kept[_MADE] = [route for route in routes if isinstance(route.original_route, APIRoute)]
        made: list[RouteInPlace] = kept[_MADE]
        return made


class _Table:
    """Takes requests for an application's router; routes are found by method and beginning of the path."""

    def __init__(self, places: Sequence[_Place], router: APIRouter, otherwise: ASGIApp) -> None:
        self._router = router
        self._otherwise = otherwise
        self._places: dict[str, list[_Place]] = {}
        for beginning in {name for place in places for name in place.beginnings}:
            # `/a/{b}` takes `/a/c` too: both are asked in the order in which they were included.
            wanted = {beginning, _first(beginning)}
            self._places[beginning] = [place for place in places if wanted & place.beginnings]
        self._known: dict[str, dict[str, list[RouteInPlace]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; what the table does not know is the router's."""
        route = self._found(scope) if scope["type"] == "http" and not scope.get("root_path") else None
        if route is None or route.app is None:
            await self._otherwise(scope, receive, send)
            return
        scope.setdefault("router", self._router)
        scope["route"] = route.original_route
        await route.app(scope, receive, send)

    def _found(self, scope: Scope) -> "RouteInPlace | None":
        first, both = _asked(scope["path"])
        for route in self._below(both if both in self._places else first).get(scope["method"], ()):
            match, child = route.matches(scope)
            if match is Match.FULL:
                scope.update(child)
                return route
        return None

    def _below(self, beginning: str) -> "Mapping[str, Sequence[RouteInPlace]]":
        """Return the routes that a path with this beginning may be meant for, by method."""
        known = self._known.get(beginning)
        if known is None and beginning in self._places:
            known = self._known[beginning] = {}
            wanted = {beginning, _first(beginning)}
            for route in (route for place in self._places[beginning] for route in place.routes):
                for method in route.methods if _beginning(route.path) in wanted else ():
                    known.setdefault(method, []).append(route)
        return known or {}


def _asked(path: str) -> tuple[str, str]:
    """Return the first name of a path that is asked for, and its first two: `/v1` and `/v1/runs`."""
    names = path.split("/", SEGMENTS + 1)
    first = f"/{names[1]}" if len(names) > 1 else path
    return first, f"{first}/{names[2]}" if len(names) > SEGMENTS else first


def _beginning(path: str) -> str | None:
    """Return how the path of a route begins, up to its first parameter; None where it begins with it."""
    names = path.split("/")[1 : SEGMENTS + 1]
    fixed = [name for name in names if "{" not in name]
    return "/" + "/".join(fixed) if fixed and fixed == names[: len(fixed)] else None


def _first(beginning: str) -> str:
    return "/" + beginning.split("/")[1]


def _beginnings(routes: Iterable[BaseRoute]) -> frozenset[str] | None:
    """Return how the paths of routes begin; None where one begins with a parameter."""
    found = {_beginning(str(getattr(route, "path", ""))) for route in routes}
    known = frozenset(one for one in found if one is not None)
    return known if len(known) == len(found) else None


def _passing_over(beginnings: frozenset[str], matches: Matches) -> Matches:
    def matches_below(scope: Scope) -> tuple[Match, Scope]:
        path: str = scope.get("path", "")
        if not scope.get("root_path") and path and beginnings.isdisjoint(_asked(path)):
            return Match.NONE, {}
        return matches(scope)

    return matches_below
