"""Preferences of the person who asks, and the settings of their workspace."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.preferences import Preferences, SavePreferences, SaveSettings, WorkspaceSettings
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    UpstreamError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import IfMatch, SettingsManager, SettingsReader, SignedIn
from gateway.usecases import settings as usecases

router: Final = APIRouter(
    prefix="/v1",
    tags=["settings"],
    responses=problems(UnauthenticatedError, InvalidRequestError, StorageUnavailableError, UpstreamError),
)


@router.get("/preferences")
async def get_preferences(response: Response, principal: SignedIn, parts: PartsOf) -> Preferences:
    """Return what the person who asks prefers, the same in every workspace."""
    found = await usecases.read_preferences(principal, preferences=parts.desk.preferences)
    response.headers["etag"] = found.etag
    return found


@router.patch("/preferences", responses=problems(usecases.StalePreferencesError))
async def save_preferences(
    *,
    body: SavePreferences,
    response: Response,
    principal: SignedIn,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> Preferences:
    """Change what is given and leave the rest; with `If-Match` only in the state that was read."""
    saved = await usecases.save_preferences(
        body, principal, if_match=if_match, preferences=parts.desk.preferences
    )
    response.headers["etag"] = saved.etag
    return saved


@router.get("/settings", responses=problems(ForbiddenError))
async def get_settings(response: Response, principal: SettingsReader, parts: PartsOf) -> WorkspaceSettings:
    """Return what holds for all of the workspace."""
    found = await usecases.read_settings(principal, settings=parts.desk.settings)
    response.headers["etag"] = found.etag
    return found


@router.put(
    "/settings",
    responses=problems(ForbiddenError, usecases.SettingsIfMatchRequiredError, usecases.StaleSettingsError),
)
async def replace_settings(
    *,
    body: SaveSettings,
    response: Response,
    principal: SettingsManager,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> WorkspaceSettings:
    """Replace all settings; those that concern runs hold within a moment, also for runs in progress."""
    saved = await usecases.save_settings(
        body, principal, if_match=if_match, settings=parts.desk.settings, clock=parts.clock
    )
    response.headers["etag"] = saved.etag
    return saved
