"""Models of a workspace: where they are, what they cost, and what a worker needs to call one."""

from datetime import datetime
from typing import Final, Literal, TypeAlias

from pydantic import Field, SecretStr

from flowloom_contracts.base import Flag, JsonObject, Request, Response

ProviderKind: TypeAlias = Literal["openai_compatible", "anthropic"]
"""How a provider is spoken to; a new kind is one more word here and changes no shape."""


MODEL_NAME: Final = r"^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$"


class Price(Request):
    """Dollars a million tokens."""

    input: float = Field(ge=0, le=10_000)
    output: float = Field(ge=0, le=10_000)


class SaveModel(Request):
    """Body of `POST /v1/models` and `PUT /v1/models/{id}`."""

    name: str = Field(
        max_length=63,
        pattern=MODEL_NAME,
        description="What documents write; `default` is the one that the settings name.",
    )
    kind: ProviderKind = "openai_compatible"
    base_url: str = Field(min_length=8, max_length=500, description="Ends in `/v1` with most servers.")
    model: str = Field(min_length=1, max_length=200, description="What the server calls it.")
    api_key: SecretStr | None = Field(
        default=None,
        max_length=4_096,
        description="None keeps the one that is there, as long as the host stays the same; empty removes it.",
    )
    price: Price | None = Field(default=None, description="None: it costs nothing that is counted.")
    context_tokens: int = Field(default=8_192, ge=256, le=10_000_000)
    calls_tools: Flag = Field(default=False, description="Whether it understands tool calls.")
    temperature: float | None = Field(default=None, ge=0, le=2, description="For steps that say nothing.")
    extra_body: JsonObject = Field(default={}, description="Fields added to each request.")
    fallback: str | None = Field(
        default=None,
        max_length=63,
        pattern=MODEL_NAME,
        description="The model that answers when this one is away, too slow or limits calls, and has said"
        " nothing yet; `default` is the one that the settings name.",
    )
    at_once: int | None = Field(
        default=None, ge=1, le=1_000, description="Calls in flight that one process makes; others wait."
    )
    per_minute: int | None = Field(
        default=None, ge=1, le=100_000, description="Calls a minute that one process makes; more are refused."
    )


class Model(Response):
    """A model without its key."""

    id: str | None = Field(description="None for the platform's own, which the operator has set.")
    name: str
    kind: ProviderKind
    base_url: str
    model: str
    has_key: bool
    price: Price | None
    context_tokens: int
    calls_tools: bool
    temperature: float | None = None
    extra_body: JsonObject = {}
    fallback: str | None = None
    at_once: int | None = None
    per_minute: int | None = None
    source: Literal["platform", "workspace"]
    is_default: bool = Field(description="Whether steps that say `default` use it.")
    etag: str | None = None
    updated_at: datetime | None = None


class ModelList(Response):
    """The models of a workspace, the platform's own first."""

    items: list[Model]


class ModelTest(Response):
    """What came of one short question; `message` says what to do when it failed."""

    ok: bool
    duration_ms: int
    answer: str | None = None
    tokens: int = 0
    code: str | None = Field(default=None, description="`auth`, `timeout`, `upstream` and so on.")
    message: str | None = None


class ModelEndpoint(Request):
    """Internal: what a worker needs to call a model of a workspace."""

    name: str
    kind: ProviderKind
    base_url: str
    model: str
    api_key: SecretStr | None = None
    price: Price | None = None
    context_tokens: int
    calls_tools: bool
    temperature: float | None = None
    extra_body: JsonObject = {}
    fallback: str | None = None
    at_once: int | None = None
    per_minute: int | None = None

    def with_key(self) -> JsonObject:
        """Return it as it travels between services: with the key in it, and without what nobody has set.

        A worker of the version before knows no field that was added since.
        """
        key = None if self.api_key is None else self.api_key.get_secret_value()
        return self.model_dump(mode="json", exclude={"api_key"}, exclude_none=True) | {"api_key": key}


class ResolveModel(Request):
    """Internal `models/resolve`: which endpoint is behind a name of a workspace."""

    workspace_id: str
    name: str | None = Field(default=None, description="None: the default.")


class ResolvedModel(Response):
    """None: the workspace has no such model, and the platform's own answers."""

    endpoint: JsonObject | None = None


class TestModel(Request):
    """Internal `models/test`: ask an endpoint one short question; None asks the platform's own."""

    __test__ = False

    endpoint: JsonObject | None = None


class PlatformModelQuery(Request):
    """Internal `models/platform`."""


class PlatformModel(Response):
    """The model that the operator has set."""

    base_url: str
    model: str
    has_key: bool
    price: Price | None
    context_tokens: int
    calls_tools: bool
