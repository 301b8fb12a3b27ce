"""What a person prefers and what a workspace has decided."""

from typing import Final
from zoneinfo import available_timezones

from flowloom_contracts.preferences import Preferences, SavePreferences, SaveSettings, WorkspaceSettings
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    InvalidRequestError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from gateway.desk_ports import KeptPreferences, PreferenceStore, SettingsStore, StoredSettings
from gateway.domain.etags import etag_of, matches
from gateway.domain.principals import Principal

ATTEMPTS: Final = 5
NOTHING_YET: Final = '"p0"'


class StalePreferencesError(PreconditionFailedError):
    """Another window saved meanwhile."""

    title = "The preferences have changed meanwhile"


class StaleSettingsError(PreconditionFailedError):
    """Somebody else saved meanwhile."""

    title = "The settings have changed meanwhile"


class SettingsIfMatchRequiredError(PreconditionRequiredError):
    """A save that does not say which state it was made from."""


async def read_preferences(principal: Principal, *, preferences: PreferenceStore) -> Preferences:
    """Return what somebody prefers."""
    return _shown(await preferences.get(principal.user_id))


async def save_preferences(
    changes: SavePreferences, principal: Principal, *, if_match: str | None, preferences: PreferenceStore
) -> Preferences:
    """Change what is given. Without `If-Match` two windows may save at once: each changes its own fields."""
    if changes.time_zone and changes.time_zone not in available_timezones():
        wrong = FieldProblem(path="time_zone", code="invalid_value", message="Use an IANA name.")
        raise InvalidRequestError("There is no such time zone.", errors=[wrong])
    for _ in range(ATTEMPTS):
        kept = await preferences.get(principal.user_id)
        if if_match is not None and not matches(if_match, _tag(kept)):
            raise StalePreferencesError("Read them again and repeat the change.")
        given = {name: getattr(changes, name) for name in changes.model_fields_set}
        wanted = {name: value for name, value in given.items() if value is not None}
        changed = kept.preferences.model_copy(update=wanted)
        try:
            await preferences.put(principal.user_id, changed, over=kept.tag)
        except PreconditionFailedError:
            continue
        return _shown(await preferences.get(principal.user_id))
    raise StalePreferencesError("Others keep saving them; try again.")


def _shown(kept: KeptPreferences) -> Preferences:
    return kept.preferences.model_copy(update={"etag": _tag(kept)})


def _tag(kept: KeptPreferences) -> str:
    return NOTHING_YET if kept.tag is None else f'"p{kept.tag}"'


async def read_settings(principal: Principal, *, settings: SettingsStore) -> WorkspaceSettings:
    """Return what the workspace has decided."""
    return _decided(await settings.get(principal.workspace_id))


async def save_settings(
    request: SaveSettings,
    principal: Principal,
    *,
    if_match: str | None,
    settings: SettingsStore,
    clock: Clock,
) -> WorkspaceSettings:
    """Replace the settings that were read."""
    if if_match is None:
        raise SettingsIfMatchRequiredError("Send the `ETag` you read as `If-Match`.")
    stored = await settings.get(principal.workspace_id)
    if not matches(if_match, etag_of(stored.revision)):
        raise StaleSettingsError("Read them again and repeat the change.")
    saved = await settings.replace(
        principal.workspace_id,
        request,
        revision=stored.revision,
        user_id=principal.user_id,
        now=clock.now(),
    )
    if saved == "stale":
        raise StaleSettingsError("Read them again and repeat the change.")
    return _decided(saved)


def _decided(stored: StoredSettings) -> WorkspaceSettings:
    return WorkspaceSettings(
        **stored.settings.model_dump(), etag=etag_of(stored.revision), updated_at=stored.updated_at
    )
