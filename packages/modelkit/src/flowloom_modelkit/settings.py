"""Which model endpoints this process calls, from the environment."""

from typing import Final, Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from flowloom_contracts.base import Document, JsonObject

DEFAULT_READ_TIMEOUT_S: Final = 300.0


class ModelPrice(Document):
    """What a model takes, in dollars a million tokens."""

    input: float = Field(default=0, ge=0)
    output: float = Field(default=0, ge=0)


class ModelSettings(BaseSettings):
    """The default model endpoint, OpenAI-compatible."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    model_base_url: str = Field(validation_alias=AliasChoices("FLOWLOOM_MODEL_BASE_URL", "model_base_url"))
    model_name: str = Field(validation_alias=AliasChoices("FLOWLOOM_MODEL_NAME", "model_name"))
    model_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("FLOWLOOM_MODEL_API_KEY", "model_api_key")
    )
    model_context_tokens: int = Field(
        default=8192,
        ge=256,
        validation_alias=AliasChoices("FLOWLOOM_MODEL_CONTEXT_TOKENS", "model_context_tokens"),
    )
    model_extra_body: JsonObject = Field(
        default={},
        description="Fields added to each request, such as repeat_penalty for the embedded model.",
        validation_alias=AliasChoices("FLOWLOOM_MODEL_EXTRA_BODY", "model_extra_body"),
    )
    model_temperature: float | None = Field(
        default=0.3,
        ge=0,
        le=2,
        description="For steps that say nothing; None leaves it to the server.",
        validation_alias=AliasChoices("FLOWLOOM_MODEL_TEMPERATURE", "model_temperature"),
    )
    model_top_p: float | None = Field(
        default=0.9, gt=0, le=1, validation_alias=AliasChoices("FLOWLOOM_MODEL_TOP_P", "model_top_p")
    )
    model_calls_tools: bool = Field(
        default=False,
        description="Whether the model understands tool calls; the embedded one does not.",
        validation_alias=AliasChoices("FLOWLOOM_MODEL_CALLS_TOOLS", "model_calls_tools"),
    )
    model_read_timeout_s: float = Field(
        default=DEFAULT_READ_TIMEOUT_S,
        gt=0,
        description="Longest silence of the server before the call is given up.",
        validation_alias=AliasChoices("FLOWLOOM_MODEL_READ_TIMEOUT_S", "model_read_timeout_s"),
    )
    model_prices: dict[str, ModelPrice] = Field(
        default={},
        description="Prices by model, as `{model: {input, output}}` in dollars a million tokens.",
        validation_alias=AliasChoices("FLOWLOOM_MODEL_PRICES", "model_prices"),
    )
    forbid_provider_calls: bool = Field(
        default=False,
        description="Refuse every endpoint that is not on this machine.",
        validation_alias=AliasChoices("FLOWLOOM_FORBID_PROVIDER_CALLS", "forbid_provider_calls"),
    )


class RerankSettings(BaseSettings):
    """Which endpoint judges again what a search found; without an address none does."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    rerank_url: str = Field(
        default="",
        max_length=500,
        description="The whole address, such as `https://api.jina.ai/v1/rerank`.",
        validation_alias=AliasChoices("FLOWLOOM_RERANK_URL", "rerank_url"),
    )
    rerank_model: str = Field(
        default="", max_length=200, validation_alias=AliasChoices("FLOWLOOM_RERANK_MODEL", "rerank_model")
    )
    rerank_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("FLOWLOOM_RERANK_API_KEY", "rerank_api_key")
    )
    rerank_shape: Literal["documents", "texts"] = Field(
        default="documents",
        description="`documents`: as Cohere, Jina, vLLM and Infinity ask; `texts`: as TEI does.",
        validation_alias=AliasChoices("FLOWLOOM_RERANK_SHAPE", "rerank_shape"),
    )
    rerank_timeout_s: float = Field(
        default=3.0,
        gt=0,
        le=60,
        description="A search waits no longer, and answers in the order that it has.",
        validation_alias=AliasChoices("FLOWLOOM_RERANK_TIMEOUT_S", "rerank_timeout_s"),
    )
    forbid_provider_calls: bool = Field(
        default=False,
        validation_alias=AliasChoices("FLOWLOOM_FORBID_PROVIDER_CALLS", "forbid_provider_calls"),
    )
