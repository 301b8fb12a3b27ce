"""Rules that a test writes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from flowloom_contracts.rules import Rule
from flowloom_servicekit.errors import UpstreamError
from orchestrator.domain.records import RunRecord
from orchestrator.ports.run_counts import RunCount
from orchestrator.testing.in_memory_stores import InMemoryStores


class FakeRules:
    """A `RulesSource`: every workspace has the same rules; `away` plays a gateway that does not answer."""

    def __init__(self, *rules: Rule) -> None:
        self.rules: tuple[Rule, ...] = rules
        self.away = False

    async def of(self, workspace_id: str) -> tuple[Rule, ...]:
        """See `RulesSource.of`."""
        if self.away:
            raise UpstreamError("the gateway is away")
        return self.rules

    def at_hand(self, workspace_id: str) -> Sequence[Rule] | None:
        """See `RulesSource.at_hand`."""
        return None if self.away else self.rules


class InMemoryRunCounts:
    """See `RunCounts`."""

    def __init__(self, stores: InMemoryStores) -> None:
        self._stores = stores

    async def in_progress(self, workspace_id: str) -> Sequence[RunCount]:
        """See `RunCounts.in_progress`."""
        return _counted(run for run in self._of(workspace_id) if not run.state.status.is_terminal)

    async def started_since(self, workspace_id: str, moment: datetime) -> Sequence[RunCount]:
        """See `RunCounts.started_since`."""
        return _counted(run for run in self._of(workspace_id) if run.created_at >= moment)

    def _of(self, workspace_id: str) -> Iterable[RunRecord]:
        records = (row.record for row in self._stores.rows.values())
        return (record for record in records if record.workspace_id == workspace_id)


def _counted(runs: Iterable[RunRecord]) -> list[RunCount]:
    counts = Counter((run.workflow.id, run.workflow.name, run.version) for run in runs)
    return [RunCount(*key, count=count) for key, count in counts.items()]
