"""The part of the environment that every service reads."""

from pathlib import Path

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from flowloom_servicekit.outbound.gate import allowed_origins
from flowloom_servicekit.outbound.targets import Origin
from flowloom_servicekit.strong_secrets import StoreAddress, StrongSecret


class ServiceSettings(BaseSettings):
    """Shared settings; a service subclasses it and names its own variables `FLOWLOOM_<SERVICE>_<THING>`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    home: Path = Field(default=Path(".flowloom"), validation_alias=AliasChoices("FLOWLOOM_HOME", "home"))
    keys_dir: Path = Field(
        default_factory=lambda fields: fields["home"] / "keys",
        validation_alias=AliasChoices("FLOWLOOM_KEYS_DIR", "keys_dir"),
    )
    redis_url: StoreAddress = Field(validation_alias=AliasChoices("FLOWLOOM_REDIS_URL", "redis_url"))
    dapr_http_port: int = Field(
        default=3500, ge=1, le=65535, validation_alias=AliasChoices("DAPR_HTTP_PORT", "dapr_http_port")
    )
    dapr_grpc_port: int = Field(
        default=50001, ge=1, le=65535, validation_alias=AliasChoices("DAPR_GRPC_PORT", "dapr_grpc_port")
    )
    dapr_api_token: StrongSecret = Field(validation_alias=AliasChoices("DAPR_API_TOKEN", "dapr_api_token"))
    app_api_token: StrongSecret = Field(validation_alias=AliasChoices("APP_API_TOKEN", "app_api_token"))
    log_level: str = Field(default="INFO", validation_alias=AliasChoices("FLOWLOOM_LOG_LEVEL", "log_level"))
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Where the metrics of this process are read, apart from everything else; 0: nowhere.",
        validation_alias=AliasChoices("FLOWLOOM_METRICS_PORT", "metrics_port"),
    )
    metrics_host: str = Field(
        default="127.0.0.1", validation_alias=AliasChoices("FLOWLOOM_METRICS_HOST", "metrics_host")
    )
    otlp_endpoint: str = Field(
        default="",
        pattern=r"^(https?://.+)?$",
        description="Where traces go (OTLP over HTTP, such as http://127.0.0.1:4318); empty: nowhere.",
        validation_alias=AliasChoices("FLOWLOOM_OTLP_ENDPOINT", "otlp_endpoint"),
    )
    trace_share: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Share of the traces that are kept beside those with failures and of debugged runs.",
        validation_alias=AliasChoices("FLOWLOOM_TRACE_SHARE", "trace_share"),
    )
    outbound_allow: str = Field(
        default="",
        description="Origins that may be called wherever they lead: http://127.0.0.1:11434, by commas.",
        validation_alias=AliasChoices("FLOWLOOM_OUTBOUND_ALLOW", "outbound_allow"),
    )

    @field_validator("outbound_allow")
    @classmethod
    def _has_origins_only(cls, text: str) -> str:
        allowed_origins(text)
        return text

    @property
    def outbound_origins(self) -> frozenset[Origin]:
        """The operator's origins: the `allow` of an `OutboundClient` that calls what users write."""
        return allowed_origins(self.outbound_allow)
