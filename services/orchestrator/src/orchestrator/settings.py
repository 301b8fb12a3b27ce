"""What the orchestrator reads from its environment."""

from pathlib import Path
from typing import Final

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from flowloom_contracts.files import MAX_FILE_BYTES
from flowloom_servicekit.operator_files import OperatorPath
from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.strong_secrets import StoreAddress

MIB: Final = 1024 * 1024


def _names(variable: str, field: str) -> AliasChoices:
    return AliasChoices(variable, field)


class Settings(ServiceSettings):
    """Settings of the orchestrator."""

    database_url: StoreAddress = Field(
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
    http_answer_bytes: int = Field(
        default=100 * MIB,
        ge=1024,
        description="The largest answer of an `http` step.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_HTTP_ANSWER_BYTES", "http_answer_bytes"),
    )
    http_connect_seconds: float = Field(
        default=10,
        gt=0,
        description="Longest time to connect, within the step's own timeout.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_HTTP_CONNECT_SECONDS", "http_connect_seconds"),
    )
    code_memory_bytes: int = Field(
        default=128 * MIB,
        ge=8 * MIB,
        description="Memory of one `code` step; FLOWLOOM_SANDBOX_MAX_MEMORY_BYTES caps it.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_CODE_MEMORY_BYTES", "code_memory_bytes"),
    )
    mcp_file: OperatorPath = Field(
        default=None,
        description="JSON file of MCP servers that are programs on this machine; the gateway reads it too.",
        validation_alias=_names("FLOWLOOM_MCP_FILE", "mcp_file"),
    )
    values_dir: Path | None = Field(
        default=None,
        description="Folder that keeps large values, shared by all replicas; default: in Postgres.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_VALUES_DIR", "values_dir"),
    )
    file_bytes: int = Field(
        default=MAX_FILE_BYTES,
        ge=1024,
        le=MAX_FILE_BYTES,
        description="The largest file that a step may write.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_FILE_BYTES", "file_bytes"),
    )
    files_bytes: int = Field(
        default=100 * MIB,
        ge=1024,
        description="All files of one run, every version counted.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_FILES_BYTES", "files_bytes"),
    )
    files_per_run: int = Field(
        default=1_000,
        ge=1,
        le=100_000,
        description="Versions of files that one run may write.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_FILES_PER_RUN", "files_per_run"),
    )
    event_window_seconds: float = Field(
        default=60,
        ge=0,
        description="How long before a wait an event may have come and still end it.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_EVENT_WINDOW_SECONDS", "event_window_seconds"),
    )
    schedule_seconds: float = Field(
        default=30,
        gt=0,
        description="How often schedules are compared with the scheduler's jobs.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_SCHEDULE_SECONDS", "schedule_seconds"),
    )
    workspace_daily_tokens: int | None = Field(
        default=None,
        ge=1,
        description="What a workspace may use in a day (UTC); default: no limit.",
        validation_alias=_names("FLOWLOOM_WORKSPACE_DAILY_TOKENS", "workspace_daily_tokens"),
    )
    workspace_daily_usd: float | None = Field(
        default=None,
        gt=0,
        description="What a workspace may spend in a day (UTC); default: no limit.",
        validation_alias=_names("FLOWLOOM_WORKSPACE_DAILY_USD", "workspace_daily_usd"),
    )
    workspace_minute_tokens: int | None = Field(
        default=None,
        ge=1,
        description="What a workspace may use in a minute before its model calls wait; default: no limit.",
        validation_alias=_names("FLOWLOOM_WORKSPACE_MINUTE_TOKENS", "workspace_minute_tokens"),
    )
    workspace_minute_usd: float | None = Field(
        default=None,
        gt=0,
        description="What a workspace may spend in a minute before its model calls wait; default: no limit.",
        validation_alias=_names("FLOWLOOM_WORKSPACE_MINUTE_USD", "workspace_minute_usd"),
    )
    runs_at_once: int = Field(
        default=200,
        ge=1,
        le=10_000,
        description="Runs in progress on the whole platform; the others wait in the queue.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_RUNS_AT_ONCE", "runs_at_once"),
    )
    runs_per_workspace: int = Field(
        default=50,
        ge=1,
        le=10_000,
        description="Of these, those of one workspace.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_RUNS_PER_WORKSPACE", "runs_per_workspace"),
    )
    queued_per_workspace: int = Field(
        default=20_000,
        ge=1,
        description="Runs of one workspace that may wait; one more is a 429.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_QUEUED_PER_WORKSPACE", "queued_per_workspace"),
    )
    reaper_seconds: float = Field(
        default=2, gt=0, validation_alias=_names("FLOWLOOM_ORCHESTRATOR_REAPER_SECONDS", "reaper_seconds")
    )
    retention_days: int = Field(
        default=90,
        ge=0,
        description="Days that ended runs are kept; 0 keeps them for ever.",
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_RETENTION_DAYS", "retention_days"),
    )


class DatabaseSettings(BaseSettings):
    """The one setting that a migration needs."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    database_url: StoreAddress = Field(
        validation_alias=_names("FLOWLOOM_ORCHESTRATOR_DATABASE_URL", "database_url")
    )
