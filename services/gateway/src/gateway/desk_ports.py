"""What figures, preferences, settings and templates need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.preferences import PolicySet, Preferences, SaveSettings, WorkspacePolicy
from flowloom_contracts.presence import KeptAgent
from flowloom_contracts.stats import OverviewQuery, RunFigures, UsageQuery, UsageReport
from flowloom_contracts.templates import TemplateDocument


class Figures(Protocol):
    """What the orchestrator has counted."""

    async def overview(self, query: OverviewQuery) -> RunFigures:
        """Return the figures of a window."""

    async def usage(self, query: UsageQuery) -> UsageReport:
        """Return what was used, by group."""


@dataclass(frozen=True, slots=True)
class KeptPreferences:
    """Preferences and the tag of the state that they were read in; None before the first save."""

    preferences: Preferences
    tag: str | None


class PreferenceStore(Protocol):
    """The preferences of one person at a time."""

    async def get(self, user_id: str) -> KeptPreferences:
        """Return what was saved, at first what everybody starts with."""

    async def put(self, user_id: str, preferences: Preferences, *, over: str | None) -> None:
        """Save over the state with a tag; raise PreconditionFailedError if that is not the present one."""


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """The settings of a workspace; revision 0 is before the first save."""

    settings: SaveSettings
    revision: int
    updated_at: datetime | None


class SettingsStore(Protocol):
    """The settings of one workspace at a time."""

    async def get(self, workspace_id: str) -> StoredSettings:
        """Return the settings, at first those that every workspace starts with."""

    async def replace(
        self, workspace_id: str, settings: SaveSettings, *, revision: int, user_id: str, now: datetime
    ) -> StoredSettings | Literal["stale"]:
        """Store settings over those of `revision`; the orchestrator is told through the outbox."""


class Policies(Protocol):
    """What the orchestrator has to know of the settings."""

    async def set(self, policy: WorkspacePolicy) -> PolicySet:
        """Tell it; an older policy than the known one changes nothing."""


class PresenceStore(Protocol):
    """What agents say of themselves; may be forgotten at any time."""

    async def get(self, name: str) -> KeptAgent | None:
        """Return what is remembered of an agent."""

    async def put(self, name: str, agent: KeptAgent) -> None:
        """Remember it."""


class Templates(Protocol):
    """The workflows that come with the platform."""

    def all(self) -> Sequence[TemplateDocument]:
        """Return them, those to begin with first."""
