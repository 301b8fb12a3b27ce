"""The environment of the gateway."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from flowloom_servicekit.operator_files import OperatorPath
from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.strong_secrets import StoreAddress, StrongSecret
from gateway.domain.origins import is_loopback, origins_from
from gateway.domain.rate_limits import rates_from

TRACE_ID: Final = "{trace_id}"


class DatabaseSettings(BaseSettings):
    """What the migrations need."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    database_url: StoreAddress = Field(
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_DATABASE_URL", "database_url")
    )


class Settings(DatabaseSettings, ServiceSettings):
    """What the gateway needs."""

    setup_token: StrongSecret | None = Field(
        default=None,
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
    edge_secret: StrongSecret | None = Field(
        default=None,
        min_length=32,
        validation_alias=AliasChoices("FLOWLOOM_EDGE_SECRET", "edge_secret"),
        description="What the proxy in front adds to each request; without it nothing is in front.",
    )

    mail_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_MAIL_URL", "mail_url"),
        description="smtp://user:password@host:587 or smtps://…; without it mail goes into files.",
    )
    mcp_file: OperatorPath = Field(
        default=None,
        validation_alias=AliasChoices("FLOWLOOM_MCP_FILE", "mcp_file"),
        description="JSON file of MCP servers that are programs; read for names, nothing is started here.",
    )
    oidc_file: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_OIDC_FILE", "oidc_file"),
        description="JSON file of the identity providers that people can sign in with; none without it.",
    )
    mail_from: str = Field(
        default="Flowloom <flowloom@localhost>",
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_MAIL_FROM", "mail_from"),
        description="The sender of every mail.",
    )

    docs_public: bool = Field(
        default=True,
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_DOCS_PUBLIC", "docs_public"),
        description="Whether `/v1/docs` and `/v1/openapi.json` are there, for everybody.",
    )
    page_dir: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_PAGE_DIR", "page_dir"),
        description="Folder of the built browser application; without it this process serves no page.",
    )
    templates_dir: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_TEMPLATES_DIR", "templates_dir"),
        description="Folder of workflow documents that the gallery shows; none without it.",
    )

    rates: str = Field(
        default="",
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_RATES", "rates"),
        description="How often: `user=600/minute, starts=60/minute`; names: see `domain/rate_limits.py`.",
    )
    cors_origins: str = Field(
        default="",
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_CORS_ORIGINS", "cors_origins"),
        description="Exact origins of other pages that may call, by commas.",
    )
    trace_url: str = Field(
        default="",
        validation_alias=AliasChoices("FLOWLOOM_GATEWAY_TRACE_URL", "trace_url"),
        description="Where people see a trace, with `{trace_id}` in it; without it runs have no link.",
    )

    @field_validator("rates")
    @classmethod
    def _has_rates(cls, text: str) -> str:
        rates_from(text)
        return text

    @field_validator("cors_origins")
    @classmethod
    def _has_exact_origins(cls, text: str) -> str:
        origins_from(text)
        return text

    @field_validator("public_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{value!r} is not an http or https address")
        return value.rstrip("/")

    @field_validator("trace_url")
    @classmethod
    def _leads_to_a_trace(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in {"http", "https"} or TRACE_ID not in value):
            raise ValueError(f"it needs http or https, and {TRACE_ID} where the trace id goes")
        return value

    def trace_url_of(self, trace_id: str | None) -> str | None:
        """Return where people see a trace; its address has braces of its own, so it is no format."""
        return self.trace_url.replace(TRACE_ID, trace_id) if self.trace_url and trace_id else None

    @property
    def mail_dir(self) -> Path:
        """Where mail is written while no server is set."""
        return self.home / "mail"

    @property
    def edge_secret_text(self) -> str | None:
        return None if self.edge_secret is None else self.edge_secret.get_secret_value()

    @property
    def key_environment(self) -> str:
        """Return the `<env>` of new API keys, by which a scanner tells a key of a laptop from a real one."""
        return "local" if is_loopback(self.public_url) else "live"
