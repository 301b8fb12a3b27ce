"""How large the pool is and what a program may use, from the environment."""

from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class SandboxSettings(BaseSettings):
    """Limits of the pool; a task's own limits are cut to these."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    isolation: Literal["auto", "bubblewrap", "process"] = Field(
        default="auto",
        description="`bubblewrap` refuses to run programs without it; `process` never uses it.",
        validation_alias=AliasChoices("FLOWLOOM_SANDBOX_ISOLATION", "isolation"),
    )
    workers: int = Field(
        default=2,
        ge=1,
        le=64,
        description="Programs at work at the same time.",
        validation_alias=AliasChoices("FLOWLOOM_SANDBOX_WORKERS", "workers"),
    )
    tasks_per_worker: int = Field(
        default=100,
        ge=1,
        description="Then the worker is renewed.",
        validation_alias=AliasChoices("FLOWLOOM_SANDBOX_TASKS_PER_WORKER", "tasks_per_worker"),
    )
    max_time_s: float = Field(
        default=60.0,
        gt=0,
        description="Longest time limit of one program.",
        validation_alias=AliasChoices("FLOWLOOM_SANDBOX_MAX_TIME_S", "max_time_s"),
    )
    max_memory_bytes: int = Field(
        default=512 * MIB,
        ge=8 * MIB,
        validation_alias=AliasChoices("FLOWLOOM_SANDBOX_MAX_MEMORY_BYTES", "max_memory_bytes"),
    )
    max_inputs_bytes: int = Field(
        default=10 * MIB,
        ge=1024,
        description="Inputs as JSON text.",
        validation_alias=AliasChoices("FLOWLOOM_SANDBOX_MAX_INPUTS_BYTES", "max_inputs_bytes"),
    )
    max_result_bytes: int = Field(
        default=10 * MIB,
        ge=1024,
        description="The value as JSON text.",
        validation_alias=AliasChoices("FLOWLOOM_SANDBOX_MAX_RESULT_BYTES", "max_result_bytes"),
    )
    max_printed_chars: int = Field(
        default=16_384,
        ge=0,
        le=131_072,
        validation_alias=AliasChoices("FLOWLOOM_SANDBOX_MAX_PRINTED_CHARS", "max_printed_chars"),
    )
    start_timeout_s: float = Field(
        default=30.0,
        gt=0,
        description="Until a new worker is ready.",
        validation_alias=AliasChoices("FLOWLOOM_SANDBOX_START_TIMEOUT_S", "start_timeout_s"),
    )
    grace_s: float = Field(
        default=2.0,
        gt=0,
        description="Between a program's own time limit and the kill.",
        validation_alias=AliasChoices("FLOWLOOM_SANDBOX_GRACE_S", "grace_s"),
    )
