"""Who works on a run in this process, so that a cancel reaches them at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from flowloom_modelkit.stop import StopReason, StopSignal


class StopRegistry:
    """The stop signals of the steps that run here."""

    def __init__(self) -> None:
        self._signals: dict[str, set[StopSignal]] = {}

    @contextmanager
    def watching(self, run_id: str) -> Iterator[StopSignal]:
        """Give a signal that is set when the run is cancelled."""
        signal = StopSignal()
        self._signals.setdefault(run_id, set()).add(signal)
        try:
            yield signal
        finally:
            signals = self._signals[run_id]
            signals.discard(signal)
            if not signals:
                del self._signals[run_id]

    def stop(self, run_id: str, reason: StopReason = "cancelled") -> None:
        """Stop everything that works on a run here."""
        for signal in list(self._signals.get(run_id, ())):
            signal.stop(reason)

    def stop_all(self, reason: StopReason = "shutdown") -> None:
        """Stop everything, because the process ends."""
        for run_id in list(self._signals):
            self.stop(run_id, reason)
