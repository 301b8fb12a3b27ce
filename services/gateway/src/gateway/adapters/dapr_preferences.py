"""Preferences in the sidecar's state store `settings`."""

from typing import Final

from pydantic import ValidationError

from flowloom_contracts.base import Document, JsonObject
from flowloom_contracts.preferences import Preferences
from flowloom_servicekit.dapr.state import StateStore
from gateway.desk_ports import KeptPreferences

KEY: Final = "preferences:{user_id}"


class _Kept(Document):
    preferences: JsonObject


class DaprPreferences:
    """PreferenceStore; what an older build saved and this one does not know any more is left out."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    async def get(self, user_id: str) -> KeptPreferences:
        """Return what was saved."""
        stored = await self._state.get_stored(KEY.format(user_id=user_id))
        if stored is None:
            return KeptPreferences(Preferences(), None)
        try:
            kept = _Kept.model_validate_json(stored.json).preferences
            return KeptPreferences(Preferences.model_validate(kept), stored.etag)
        except ValidationError:
            # A preference is no reason to keep somebody out.
            return KeptPreferences(Preferences(), stored.etag)

    async def put(self, user_id: str, preferences: Preferences, *, over: str | None) -> None:
        """Save over the state with a tag; without one there must be nothing yet."""
        document = _Kept(preferences=preferences.model_dump(mode="json", exclude={"etag"}))
        await self._state.put(KEY.format(user_id=user_id), document, etag=over, first=True)
