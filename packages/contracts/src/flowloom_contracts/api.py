"""Bodies of the public interface that belong to the gateway: sign-in, keys, workflow documents."""

from datetime import datetime
from typing import Literal

from pydantic import Field, SecretStr

from flowloom_contracts.base import JsonObject, Request, Response
from flowloom_contracts.document import DocumentProblem


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
    expires_at: datetime | None = None


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


class WorkflowSummary(Response):
    """A row of the list of workflows."""

    id: str
    name: str
    title: str
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
