"""Everything the command reads from the environment."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from flowloom_cli import checkout
from flowloom_cli.errors import UsageError
from flowloom_cli.topology import DEFAULT_PORT, DEFAULT_PORT_BASE


class Settings(BaseSettings):
    """Settings of the command and of the local supervisor."""

    model_config = SettingsConfigDict(env_prefix="FLOWLOOM_", extra="ignore", env_ignore_empty=True)

    home: Path | None = None
    port: int = Field(default=DEFAULT_PORT, ge=1, le=65535)
    port_base: int = Field(default=DEFAULT_PORT_BASE, ge=1024, le=65000)
    url: str | None = None
    api_key: SecretStr | None = None
    no_example: bool = False
    parts: str = Field(default="", description="Comma-separated app-ids; empty: all services.")
    model_base_url: str | None = None
    model_name: str | None = None
    model_api_key: SecretStr | None = None
    model_context_tokens: int | None = None
    log_level: str = "INFO"
    dapr_bin: Path | None = None
    edge: Literal["auto", "kong", "none"] = Field(
        default="auto", description="Kong in front of the gateway: when it is on PATH, always, or never."
    )
    mtls: bool = Field(default=False, description="Sidecars know and encrypt each other by certificates.")
    backup_dir: Path | None = Field(
        default=None, description="Keeps an archive of every change, and regular backups, in this folder."
    )
    backup_every_hours: float = Field(default=24.0, gt=0)
    backup_keep: int = Field(default=7, ge=1)
    backup_recipients: str = Field(default="", description="Public keys (age1…) by commas; seals backups.")
    cache_home: Path = Field(default=Path("~/.cache"), validation_alias="XDG_CACHE_HOME")

    @classmethod
    def load(cls) -> Self:
        """Read the environment; raises UsageError that names the wrong variable."""
        try:
            return cls()
        except ValidationError as error:
            faults = [f"FLOWLOOM_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors()]
            raise UsageError(
                "; ".join(faults), hint="see .env.example for what each variable means"
            ) from error

    @property
    def home_dir(self) -> Path:
        """Where the platform's data lies: `.flowloom` in the checkout unless said otherwise."""
        if self.home is not None:
            return self.home.expanduser().absolute()
        try:
            return checkout.root() / ".flowloom"
        except UsageError:
            return Path.cwd() / ".flowloom"

    @property
    def backup_root(self) -> Path | None:
        """Where backups and the archive lie, if anywhere."""
        return self.backup_dir and self.backup_dir.expanduser().absolute()

    @property
    def backup_keepers(self) -> list[str]:
        """Public keys that backups are sealed for."""
        return [key.strip() for key in self.backup_recipients.split(",") if key.strip()]

    @property
    def cache_dir(self) -> Path:
        """Where built or downloaded programs are kept, outside the work tree."""
        return self.cache_home.expanduser() / "flowloom"

    @property
    def service_ids(self) -> tuple[str, ...]:
        """The services asked for, or none for all of them."""
        return tuple(part.strip() for part in self.parts.split(",") if part.strip())
