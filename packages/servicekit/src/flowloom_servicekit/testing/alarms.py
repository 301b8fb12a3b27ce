"""Alarms that a test looks at and lets fire itself."""

from datetime import datetime


class FakeAlarms:
    """See `Alarms`; set `failure` to play a scheduler that is away, clear `at` to play one that forgot."""

    def __init__(self) -> None:
        self.at: dict[str, datetime] = {}
        self.failure: Exception | None = None

    async def arm(self, name: str, at: datetime) -> None:
        """See `Alarms.arm`."""
        self._fail()
        self.at[name] = at

    async def disarm(self, name: str) -> None:
        """See `Alarms.disarm`."""
        self._fail()
        self.at.pop(name, None)

    async def armed(self, name: str) -> bool:
        """See `Alarms.armed`."""
        self._fail()
        return name in self.at

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
