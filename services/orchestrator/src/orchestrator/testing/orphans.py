"""Finds orphans among runs in memory, by the rules of the Postgres store."""

from collections.abc import Mapping, Sequence

from orchestrator.domain.records import RunRecord
from orchestrator.ports.reaper import Orphan


def orphans_among(records: Mapping[str, RunRecord]) -> Sequence[Orphan]:
    """Return runs whose parents do not know of them."""
    found = list[Orphan]()
    for run_id, record in records.items():
        parent, has_ended = record.origin.parent, record.state.status.is_terminal
        above = records.get(parent.run_id) if parent else None
        if parent is None or above is None or parent.detached:
            continue
        step, is_over = above.state.steps.get(parent.step), above.state.status.is_terminal
        waits = step is not None and step.child is not None and step.child.status is None
        if (is_over and not has_ended) or (has_ended and waits and not is_over):
            found.append(Orphan(run_id, record.workspace_id, has_ended=has_ended))
    return found
