"""Carries out the dependencies that ask for nothing but the request without FastAPI's resolver."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, wraps
from typing import TYPE_CHECKING, Final, TypeAlias

from fastapi import Request, Response
from fastapi._body_limit import wrap_app_with_body_limit
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, get_request_handler, request_response

if TYPE_CHECKING:
    from fastapi.routing import _EffectiveRouteContext as RouteInPlace

Quick: TypeAlias = Callable[[Request], Awaitable[object]]
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

_GIVEN: Final = "flowloom.given"
"""Where a request keeps what its quick dependencies gave, by the names of the endpoint's parameters."""

_OWN_REQUEST: Final = "request_of_quick_dependencies"


def hasten(route: "RouteInPlace") -> None:
    """Let a route carry out its quick dependencies itself: who asks, and the parts of the application.

    FastAPI resolves each with some forty microseconds of its own. They come before everything else, so that
    a stranger's body is not even read; what describes the route goes on to name all of them.
    """
    whole = route.dependant
    if not isinstance(route.original_route, APIRoute) or whole is None:
        return
    quick = [one for one in whole.dependencies if _is_quick(one)]
    if not quick or not inspect.iscoroutinefunction(whole.call):
        return
    given_to = whole.request_param_name or _OWN_REQUEST
    endpoint = _given(whole.call, given_to, is_own=whole.request_param_name is None)
    rest = [one for one in whole.dependencies if not _is_quick(one)]
    slim = replace(whole, dependencies=rest, call=endpoint, request_param_name=given_to)
    handler = _after(_calls(quick), _handler(route, slim))
    route.app = wrap_app_with_body_limit(request_response(handler), route.max_body_size)


def _is_quick(one: Dependant) -> bool:
    """Whether a dependency takes the request, waits for nothing else, and is done when it has answered."""
    plain = Dependant(
        name=one.name,
        call=one.call,
        request_param_name=one.request_param_name,
        path=one.path,
        own_oauth_scopes=one.own_oauth_scopes or None,
        parent_oauth_scopes=one.parent_oauth_scopes or None,
    )
    is_plain = replace(one, own_oauth_scopes=None, parent_oauth_scopes=None) == plain
    return is_plain and one.request_param_name is not None and _is_async(one.call)


def _is_async(call: Callable[..., object] | None) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004 - it is asked what it is, not whether it can be called


def _calls(quick: Sequence[Dependant]) -> list[tuple[Quick, str, list[str]]]:
    """Return what to call, under which name it takes the request, and who wants its answer; each once."""
    found: dict[int, tuple[Quick, str, list[str]]] = {}
    for one in quick:
        if one.call is not None and one.request_param_name is not None:
            _, _, names = found.setdefault(id(one.call), (one.call, one.request_param_name, []))
            names += [] if one.name is None else [one.name]
    return list(found.values())


def _after(calls: Sequence[tuple[Quick, str, list[str]]], handler: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        given: dict[str, object] = {}
        for call, parameter, names in calls:
            answer = await call(**{parameter: request})  # type: ignore[call-arg]  # the name is the function's own
            for name in names:
                given[name] = answer
        request.scope[_GIVEN] = given
        return await handler(request)

    return handle


# Applications share their endpoints, and FastAPI keeps each callable that it has once looked at.
@cache
def _given(
    call: Callable[..., Awaitable[object]], given_to: str, *, is_own: bool
) -> Callable[..., Awaitable[object]]:
    """Return an endpoint that also gets what the quick dependencies gave."""

    @wraps(call)
    async def endpoint(**values: object) -> object:
        request = values.pop(given_to) if is_own else values[given_to]
        given: Mapping[str, object] = request.scope[_GIVEN]  # type: ignore[attr-defined]  # FastAPI gives it
        return await call(**values, **given)

    return endpoint


def _handler(route: "RouteInPlace", dependant: Dependant) -> Handler:
    """Return FastAPI's own handler of a route, for other dependencies than it found."""
    return get_request_handler(
        dependant=dependant,
        body_field=route.body_field,
        status_code=route.status_code,
        response_class=route.response_class,
        response_field=route.response_field,
        response_model_include=route.response_model_include,
        response_model_exclude=route.response_model_exclude,
        response_model_by_alias=route.response_model_by_alias,
        response_model_exclude_unset=route.response_model_exclude_unset,
        response_model_exclude_defaults=route.response_model_exclude_defaults,
        response_model_exclude_none=route.response_model_exclude_none,
        dependency_overrides_provider=route.dependency_overrides_provider,
        embed_body_fields=route._embed_body_fields,
        strict_content_type=route.strict_content_type,
        stream_item_field=route.stream_item_field,
        is_json_stream=route.is_json_stream,
    )
