"""Bodies of the public interface that belong to the gateway: sign-in, keys, workflow documents."""

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field, SecretStr

from flowloom_contracts.base import JsonObject, Moment, Request, Response
from flowloom_contracts.document import DocumentProblem
from flowloom_contracts.runs import LABEL_PATTERN


class SetUp(Request):
    """`POST /v1/auth/setup`: create the first owner, once."""

    setup_token: SecretStr
    email: str = Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
    password: SecretStr = Field(min_length=12, max_length=256)
    workspace: str = Field(min_length=1, max_length=80)


class LogIn(Request):
    """`POST /v1/auth/login`."""

    email: str = Field(max_length=254)
    password: SecretStr = Field(max_length=256)
    totp: SecretStr | None = Field(
        default=None,
        max_length=40,
        description="A code of the authenticator or a recovery code, where one is asked for.",
    )


class User(Response):
    """A person."""

    id: str
    email: str


class Workspace(Response):
    """A tenant."""

    id: str
    name: str


class Session(Response):
    """An access token for `Authorization: Bearer`; the refresh token travels in a cookie."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int = Field(description="Seconds.")
    user: User


class Me(Response):
    """Who is signed in, where, and what they may do."""

    user: User
    workspace: Workspace
    role: str
    permissions: list[str]


class CreateApiKey(Request):
    """`POST /v1/api-keys`."""

    name: str = Field(min_length=1, max_length=80)
    scopes: list[str] = Field(min_length=1, max_length=50)
    expires_at: Moment | None = None


class RotateApiKey(Request):
    """Body of `POST /v1/api-keys/{key_id}/rotate`."""

    grace_hours: float = Field(
        default=24,
        ge=0,
        le=24,
        description="How long the old key still works beside the new one; 0: not at all.",
    )


class ApiKeyCreated(Response):
    """The key is shown only here."""

    id: str
    key: str


class ApiKey(Response):
    """A key without its secret."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


class ApiKeyList(Response):
    """A page of keys."""

    items: list[ApiKey]
    next_cursor: str | None = None


class SaveWorkflow(Request):
    """`POST /v1/workflows` and `PUT /v1/workflows/{id}`; the text is stored byte for byte."""

    source: str = Field(max_length=1_000_000)
    layout: JsonObject | None = None
    tests: str | None = Field(default=None, max_length=1_000_000)


WorkflowState: TypeAlias = Literal["published", "unpublished", "invalid"]
WorkflowOrder: TypeAlias = Literal["newest", "oldest", "edited", "name"]


class WorkflowFilter(Request):
    """Which workflows of a list are wanted, and in which order; what is not said is not asked for."""

    text: str | None = Field(default=None, max_length=200)
    label: str | None = Field(default=None, pattern=LABEL_PATTERN)
    states: list[WorkflowState] = Field(default=[], max_length=3)
    order: WorkflowOrder = "newest"


class WorkflowSummary(Response):
    """A row of the list of workflows."""

    id: str
    name: str
    title: str
    labels: dict[str, str] = Field(default={}, description="`metadata.labels` of the draft.")
    draft_valid: bool
    published_version: int | None = None
    updated_at: datetime


class WorkflowDocument(WorkflowSummary):
    """A workflow with its draft."""

    source: str
    layout: JsonObject
    tests: str
    etag: str
    problems: list[DocumentProblem] = []


class WorkflowList(Response):
    """A page of workflows."""

    items: list[WorkflowSummary]
    next_cursor: str | None = None


class ValidateSource(Request):
    """`POST /v1/validate`."""

    source: str = Field(max_length=1_000_000)


class Validation(Response):
    """The problems of a document, in its order."""

    problems: list[DocumentProblem]


class Publish(Request):
    """Body of `POST /v1/workflows/{id}/publish`."""

    note: str | None = Field(default=None, max_length=2_000)


class Published(Response):
    """The number of the version that was made; versions count from 1 and never change."""

    version: int


class VersionSummary(Response):
    """A row of a workflow's versions."""

    version: int
    note: str | None = None
    published_by: str | None = None
    published_at: datetime
    document_hash: str


class VersionList(Response):
    """The versions of a workflow, newest first."""

    items: list[VersionSummary]
    next_cursor: str | None = None


class VersionDocument(VersionSummary):
    """A version with its frozen document."""

    source: str
    layout: JsonObject


class VersionDiff(Response):
    """What changed between two documents of a workflow; `draft` may stand for a version."""

    before: str
    after: str
    unified: str = Field(description="Unified diff of the texts.")
    added: list[str] = Field(description="Paths of steps that only `after` has.")
    removed: list[str]
    changed: list[str]


class Restore(Request):
    """Body of `POST /v1/workflows/{id}/restore`: make a version the draft again."""

    version: int = Field(ge=1)


class Secret(Response):
    """A secret of the workspace without its value."""

    name: str
    created_at: datetime
    updated_at: datetime
    last_used_at: datetime | None = None
    etag: str = Field(description="What `If-Match` names to save over this value and no later one.")


class SecretList(Response):
    """The secrets of a workspace."""

    items: list[Secret]
    next_cursor: str | None = None


class SaveSecret(Request):
    """Body of `PUT /v1/secrets/{name}`."""

    value: SecretStr = Field(min_length=1, max_length=16_384)
