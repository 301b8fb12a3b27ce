"""How fast a workspace may use models: a bucket that holds a minute's worth and runs out evenly."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flowloom_contracts.runs import Usage

WINDOW_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Pace:
    """What a workspace may use in a minute; None has no limit."""

    tokens: int | None = None
    usd_micro: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether there is a limit at all."""
        return self.tokens is not None or self.usd_micro is not None

    def seconds_of(self, usage: Usage) -> float:
        """Return for how long a call fills the bucket: by its tokens or its money, whichever is longer."""
        by_tokens = usage.tokens / self.tokens if self.tokens is not None else 0.0
        by_money = usage.usd_micro / self.usd_micro if self.usd_micro is not None else 0.0
        return WINDOW_SECONDS * max(by_tokens, by_money)


NO_PACE: Final = Pace()


def wait_seconds(full_until: datetime | None, now: datetime) -> float:
    """Return how long the next call has to wait until the bucket has room again; 0: not at all."""
    if full_until is None:
        return 0.0
    return max((full_until - now).total_seconds() - WINDOW_SECONDS, 0.0)
