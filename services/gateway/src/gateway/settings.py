"""The environment of the gateway."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from flowloom_servicekit.settings import ServiceSettings
from gateway.domain.origins import is_loopback


class DatabaseSettings(BaseSettings):
    """What the migrations need."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    database_url: SecretStr = Field(
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_DATABASE_URL", "database_url")
    )


class Settings(DatabaseSettings, ServiceSettings):
    """What the gateway needs."""

    setup_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_SETUP_TOKEN", "setup_token"),
        description="Without it nobody can create the first owner.",
    )
    signing_key_file: Path = Field(
        default_factory=lambda fields: fields["home"] / "keys" / "gateway-access.key.pem",
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_SIGNING_KEY_FILE", "signing_key_file"),
        description="EC P-256 private key that signs access tokens.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8080",
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_PUBLIC_URL", "public_url"),
        description="Where browsers find the gateway; decides cookie rules and accepted origins.",
    )

    @field_validator("public_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{value!r} is not an http or https address")
        return value.rstrip("/")

    @property
    def key_environment(self) -> str:
        """Return the `<env>` of new API keys, by which a scanner tells a key of a laptop from a real one."""
        return "local" if is_loopback(self.public_url) else "live"
