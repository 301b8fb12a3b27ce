"""Gives endpoints what they ask of nothing but the request's head without FastAPI's resolver."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from fastapi import Request, Response, params
from fastapi._body_limit import wrap_app_with_body_limit
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, get_request_handler, request_response
from starlette.routing import request_response as plain_response

if TYPE_CHECKING:
    from fastapi._compat import ModelField
    from fastapi.routing import _EffectiveRouteContext as RouteInPlace

Quick: TypeAlias = Callable[[Request], Awaitable[object]]
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
Endpoint: TypeAlias = Callable[..., Awaitable[object]]

_GIVEN: Final = "flowloom.given"
"""Where a request keeps what its quick dependencies gave, by the names of the endpoint's parameters."""

_OWN_REQUEST: Final = "request_of_quick_dependencies"


def hasten(route: "RouteInPlace") -> None:
    """Let a route carry out its quick dependencies itself: who asks, and the parts of the application.

    FastAPI resolves each with some forty microseconds of its own, and a header with fifteen. They come before
    everything else, so that a stranger's body is not even read; what describes the route goes on to name all
    of them. An endpoint that asks for nothing else and makes its answer itself needs no resolver at all.
    """
    whole = route.dependant
    if not isinstance(route.original_route, APIRoute) or whole is None or whole.call is None:
        return
    quick = [one for one in whole.dependencies if _is_quick(one)]
    if not quick or not inspect.iscoroutinefunction(whole.call):
        return
    given_to = whole.request_param_name or _OWN_REQUEST
    is_own = whole.request_param_name is None
    slim = replace(
        whole,
        dependencies=[one for one in whole.dependencies if not _is_quick(one)],
        header_params=[one for one in whole.header_params if not _is_plain(one)],
        call=_given(whole.call, given_to, is_own=is_own),
        request_param_name=given_to,
    )
    is_done = _asks_for_no_more(slim) and _makes_its_answer(whole.call)
    inner = _direct(whole.call, whole.request_param_name) if is_done else _handler(route, slim)
    handler = _after(_calls(quick), [one for one in whole.header_params if _is_plain(one)], inner)
    answering = plain_response if is_done else request_response
    route.app = wrap_app_with_body_limit(answering(handler), route.max_body_size)


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


def _is_plain(header: "ModelField") -> bool:
    """Whether a header is a text or missing, and nothing more is asked of it."""
    info = header.field_info
    return (
        type(info) is params.Header
        and info.annotation == (str | None)
        and info.default is None
        and not info.metadata
        and info.validation_alias in (None, header.alias)
    )


def _asks_for_no_more(slim: Dependant) -> bool:
    """Whether all that is left to give is the request."""
    known = Dependant(
        call=slim.call,
        request_param_name=slim.request_param_name,
        path=slim.path,
        scope=slim.scope,
        own_oauth_scopes=slim.own_oauth_scopes,
        parent_oauth_scopes=slim.parent_oauth_scopes,
    )
    return slim == known


def _makes_its_answer(call: Endpoint) -> bool:
    made = inspect.signature(call).return_annotation
    return isinstance(made, type) and issubclass(made, Response)


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


def _after(
    calls: Sequence[tuple[Quick, str, list[str]]], headers: Sequence["ModelField"], handler: Handler
) -> Handler:
    sought = [(header.name, header.alias) for header in headers]

    async def handle(request: Request) -> Response:
        given: dict[str, object] = {}
        for call, parameter, names in calls:
            answer = await call(**{parameter: request})  # type: ignore[call-arg]  # the name is the function's own
            for name in names:
                given[name] = answer
        for name, alias in sought:
            given[name] = request.headers.get(alias)
        request.scope[_GIVEN] = given
        return await handler(request)

    return handle


# Applications share their endpoints, and FastAPI keeps each callable that it has once looked at.
@cache
def _given(call: Endpoint, given_to: str, *, is_own: bool) -> Endpoint:
    """Return an endpoint that also gets what the quick dependencies gave."""

    @wraps(call)
    async def endpoint(**values: object) -> object:
        request = values.pop(given_to) if is_own else values[given_to]
        given: Mapping[str, object] = request.scope[_GIVEN]  # type: ignore[attr-defined]  # FastAPI gives it
        return await call(**values, **given)

    return endpoint


def _direct(call: Callable[..., Awaitable[Any]], request_name: str | None) -> Handler:
    """Return a handler that gives an endpoint what was given, and the request where it asks for it."""

    async def handle(request: Request) -> Response:
        given: Mapping[str, object] = request.scope[_GIVEN]
        named = {} if request_name is None else {request_name: request}
        answer: Response = await call(**given, **named)
        return answer

    return handle


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
