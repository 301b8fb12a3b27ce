"""What a caller asks the outside and what it gets back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flowloom_servicekit.outbound.targets import Target

SAFE_TO_REPEAT: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Longest times in seconds and largest sizes in bytes; the body counts after decompression."""

    connect_s: float = 5.0
    first_byte_s: float = 30.0
    idle_s: float = 30.0
    total_s: float = 120.0
    body_bytes: int = 10_000_000
    header_bytes: int = 65_536


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """One call. `redirects` is how many hops may be followed, each judged anew.

    `is_repeatable` says whether it may be sent again when a kept connection turns out to be dead before the
    first byte of an answer; None takes it from the method and an `Idempotency-Key`.
    """

    method: str
    url: str | Target = field(repr=False)  # as the two below: may hold secrets, which no traceback shall show
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    limits: Limits = DEFAULT_LIMITS
    redirects: int = 0
    is_repeatable: bool | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether a second sending does no harm."""
        if self.is_repeatable is not None:
            return self.is_repeatable
        return self.method in SAFE_TO_REPEAT or any(
            name.lower() == "idempotency-key" for name in self.headers
        )


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """A whole answer: header names in lower case, repeated ones joined by a comma, the body decompressed."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
