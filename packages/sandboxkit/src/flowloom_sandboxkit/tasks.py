"""What the pool is asked and what it answers."""

from dataclasses import dataclass, field

from flowloom_contracts.base import JsonObject, JsonValue

DEFAULT_TIME_S = 5.0
DEFAULT_MEMORY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class CodeTask:
    """One program: `inputs` are the names it sees, the limits are its own (the pool's settings cap them)."""

    source: str
    inputs: JsonObject = field(default_factory=dict)
    time_s: float = DEFAULT_TIME_S
    memory_bytes: int = DEFAULT_MEMORY_BYTES


@dataclass(frozen=True)
class CodeResult:
    """The value of the last expression (None without one) and what was printed, cut at the pool's limit."""

    value: JsonValue
    printed: str = ""
