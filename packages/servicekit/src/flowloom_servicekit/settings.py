"""The part of the environment that every service reads."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Shared settings; a service subclasses it and names its own variables `FLOWLOOM_<SERVICE>_<THING>`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    home: Path = Field(default=Path(".flowloom"), validation_alias=AliasChoices("FLOWLOOM_HOME", "home"))
    keys_dir: Path = Field(
        default_factory=lambda fields: fields["home"] / "keys",
        validation_alias=AliasChoices("FLOWLOOM_KEYS_DIR", "keys_dir"),
    )
    redis_url: SecretStr = Field(validation_alias=AliasChoices("FLOWLOOM_REDIS_URL", "redis_url"))
    dapr_http_port: int = Field(
        default=3500, ge=1, le=65535, validation_alias=AliasChoices("DAPR_HTTP_PORT", "dapr_http_port")
    )
    dapr_grpc_port: int = Field(
        default=50001, ge=1, le=65535, validation_alias=AliasChoices("DAPR_GRPC_PORT", "dapr_grpc_port")
    )
    dapr_api_token: SecretStr = Field(
        min_length=1, validation_alias=AliasChoices("DAPR_API_TOKEN", "dapr_api_token")
    )
    app_api_token: SecretStr = Field(
        min_length=1, validation_alias=AliasChoices("APP_API_TOKEN", "app_api_token")
    )
    log_level: str = Field(default="INFO", validation_alias=AliasChoices("FLOWLOOM_LOG_LEVEL", "log_level"))
