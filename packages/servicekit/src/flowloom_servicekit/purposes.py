"""What a token between services is for: one operation, and the workspace and run that its request names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request as HttpRequest

from flowloom_contracts.base import Request
from flowloom_servicekit.errors import ForbiddenError

INTERNAL: Final = "/internal/"
USUAL_VERB: Final = "POST"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What one call does; a request of no workspace, as one about the platform's model, names none."""

    scope: str
    workspace_id: str | None = None
    run_id: str | None = None


def scope_of(verb: str, method: str) -> str:
    """Return the scope of an operation: `runs:start` for `POST /internal/runs/start`."""
    name = method.replace("/", ":")
    return name if verb == USUAL_VERB else f"{verb.lower()}:{name}"


def purpose_of(verb: str, method: str, request: Request) -> Purpose:
    """Return what a call is for, by the fields of its request."""
    actor = getattr(request, "actor", None)
    return Purpose(
        scope_of(verb, method),
        getattr(request if actor is None else actor, "workspace_id", None),
        getattr(request, "run_id", None),
    )


async def requested(request: HttpRequest) -> Purpose:
    """Return what a request that came is for, whatever its token says.

    Raises `ForbiddenError` where that cannot be said without a doubt.
    """
    said = await _fields(request)
    actor = said.get("actor")
    if isinstance(actor, Mapping) and "workspace_id" in said:
        raise ForbiddenError("the request names its workspace twice")
    named = actor if isinstance(actor, Mapping) else said
    scope = scope_of(request.method, request.scope["path"].removeprefix(INTERNAL))
    return Purpose(scope, _text(named, "workspace_id"), _text(said, "run_id"))


async def _fields(request: HttpRequest) -> Mapping[str, object]:
    if request.method != USUAL_VERB:
        return request.query_params
    try:
        body = await request.json()
    except ValueError:
        return {}  # the route refuses with 422 what is no object
    return body if isinstance(body, Mapping) else {}


def _text(said: Mapping[str, object], name: str) -> str | None:
    value = said.get(name)
    return value if isinstance(value, str) else None
