"""What the memory service reads from its environment."""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.strong_secrets import StoreAddress

DATABASE_URL = AliasChoices("FLOWLOOM_MEMORY_DATABASE_URL", "database_url")


class DatabaseSettings(BaseSettings):
    """All that a migration needs."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    database_url: StoreAddress = Field(validation_alias=DATABASE_URL)


class Settings(ServiceSettings):
    """The settings of the running service."""

    database_url: StoreAddress = Field(validation_alias=DATABASE_URL)
    embedding_model_dir: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("FLOWLOOM_MEMORY_EMBEDDING_MODEL_DIR", "embedding_model_dir"),
        description="Holds model.onnx and tokenizer.json; unset: the installed model packages.",
    )
