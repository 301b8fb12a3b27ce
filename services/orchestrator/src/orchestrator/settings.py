"""What the orchestrator reads from its environment."""

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from flowloom_servicekit.settings import ServiceSettings


def _names(variable: str, field: str) -> AliasChoices:
    return AliasChoices(variable, field)


class Settings(ServiceSettings):
    """Settings of the orchestrator."""

    database_url: SecretStr = Field(
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_DATABASE_URL", "database_url")
    )
    database_pool_size: int = Field(
        default=12,
        ge=2,
        le=20,
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_POOL_SIZE", "database_pool_size"),
    )
    worker_threads: int = Field(
        default=32,
        ge=4,
        le=256,
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_WORKER_THREADS", "worker_threads"),
    )
    worker: str = Field(
        default="orchestrator",
        description="Stable name of this instance; differs between replicas.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_WORKER", "worker"),
    )
    reaper_seconds: float = Field(
        default=2, gt=0, validation_alias=_names("FLOWLOOM_ORCHESTRATOR_REAPER_SECONDS", "reaper_seconds")
    )


class DatabaseSettings(BaseSettings):
    """The one setting that a migration needs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    database_url: SecretStr = Field(
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_DATABASE_URL", "database_url")
    )
