"""What a person prefers, and what a workspace has decided for all of its runs."""

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Flag, Request, Response

Theme: TypeAlias = Literal["system", "light", "dark"]
Contrast: TypeAlias = Literal["system", "normal", "more"]
Density: TypeAlias = Literal["comfortable", "compact"]
Motion: TypeAlias = Literal["system", "full", "reduced"]


class Tile(Request):
    """A tile of somebody's dashboard on a grid of twelve columns."""

    id: str = Field(min_length=1, max_length=60)
    x: int = Field(ge=0, le=11)
    y: int = Field(ge=0, le=200)
    width: int = Field(ge=1, le=12)
    height: int = Field(ge=1, le=20)
    hidden: Flag


class SavedView(Request):
    """A query of a list that somebody keeps under a name."""

    page: str = Field(min_length=1, max_length=40, description="Such as `runs`.")
    name: str = Field(min_length=1, max_length=80)
    query: str = Field(max_length=2_000)


class SavePreferences(Request):
    """Body of `PATCH /v1/preferences`: what is not given stays as it is."""

    theme: Theme | None = None
    contrast: Contrast | None = None
    accent: str | None = Field(default=None, pattern=r"^[a-z]{1,20}$")
    density: Density | None = None
    motion: Motion | None = None
    language: str | None = Field(
        default=None, pattern=r"^([a-z]{2}(-[A-Z]{2})?)?$", description="As `de-CH`; empty: the browser's."
    )
    time_zone: str | None = Field(
        default=None, max_length=60, description="An IANA name; empty: the browser's."
    )
    shortcuts: dict[str, str] | None = Field(
        default=None, max_length=200, description="Keys by command, only those that were changed."
    )
    dashboard: list[Tile] | None = Field(default=None, max_length=60)
    views: list[SavedView] | None = Field(default=None, max_length=100)
    seen: list[str] | None = Field(
        default=None, max_length=200, description="Hints that are not to be shown again."
    )


class Preferences(Response):
    """What a person prefers, in every workspace; `etag` goes into `If-Match` of the next save."""

    theme: Theme = "system"
    contrast: Contrast = "system"
    accent: str = "indigo"
    density: Density = "comfortable"
    motion: Motion = "system"
    language: str = Field(default="", description="Empty: the browser's.")
    time_zone: str = ""
    shortcuts: dict[str, str] = {}
    dashboard: list[Tile] = Field(default=[], description="Empty: the layout that everybody starts with.")
    views: list[SavedView] = []
    seen: list[str] = []
    etag: str = ""


class SaveSettings(Request):
    """Body of `PUT /v1/settings`: all of them."""

    default_model: str | None = Field(
        default=None, max_length=200, description="For steps that say `default`; None: the platform's."
    )
    run_retention_days: int | None = Field(
        default=None,
        ge=1,
        le=3_650,
        description="How long ended runs are kept; None: as long as the platform.",
    )
    self_approval: Literal["allow", "forbid"] = Field(
        default="allow", description="Whether who started a run may approve in it."
    )


class WorkspaceSettings(Response):
    """What holds for all of a workspace; `etag` goes into `If-Match` of the next save."""

    default_model: str | None = None
    run_retention_days: int | None = None
    self_approval: Literal["allow", "forbid"] = "allow"
    etag: str
    updated_at: datetime | None = None


class WorkspacePolicy(Request):
    """Internal `policies/set`: what the orchestrator has to know of the settings; an older one is ignored."""

    workspace_id: str
    revision: int
    run_retention_days: int | None = None
    self_approval: Literal["allow", "forbid"] = "allow"


class PolicySet(Response):
    """The revision that holds now."""

    revision: int
