"""Asks the workspace's rules before a run is stored, whoever starts it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from flowloom_contracts.base import JsonObject
from flowloom_contracts.rules import Rule
from flowloom_language.rules import judge_rule, rule_scope
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ConflictError
from orchestrator.domain.records import Committed, RunRecord, StoredChange
from orchestrator.domain.ruling import rule_on_run, workflow_facts
from orchestrator.ports.rules import RulesSource
from orchestrator.ports.run_counts import RunCount, RunCounts
from orchestrator.ports.runs import NewRun, RunStore


class DeniedByRuleError(ConflictError):
    """A rule of the workspace forbids it; the detail names the rule."""

    title = "A workspace rule forbids it"
    code = "denied"


class RuledRunStore:
    """A `RunStore` that asks the rules before it takes a new run; one that it has already is answered."""

    def __init__(self, runs: RunStore, *, rules: RulesSource, counts: RunCounts, clock: Clock) -> None:
        self._runs = runs
        self._rules = rules
        self._counts = counts
        self._clock = clock

    async def create(self, new: NewRun) -> Committed | str:
        """See `RunStore.create`; raises `DeniedByRuleError`, and `UpstreamError` without the rules."""
        rules = await self._rules.of(new.workspace_id)
        try:
            if rules:
                await self._check(new, rules)
        except DeniedByRuleError:
            known = await self._runs.known(new)
            if known is None:
                raise
            return known
        return await self._runs.create(new)

    async def _check(self, new: NewRun, rules: Sequence[Rule]) -> None:
        about = workflow_facts(new.record())
        ruling = rule_on_run(about, rules)
        if ruling.effect == "deny":
            raise DeniedByRuleError(ruling.message)
        for rule in ruling.limiting:
            limit = rule.limit
            if limit is None or limit.runs is None:
                continue
            running = await self._count(new.workspace_id, rule, about)
            if running >= limit.runs:
                when = "are in progress" if limit.per == "run" else "were started today"
                raise DeniedByRuleError(
                    f"The workspace's rule {rule.name!r} allows {limit.runs} runs; {running} {when}."
                    f" {rule.message or ''}".rstrip()
                )

    async def _count(self, workspace_id: str, rule: Rule, about: JsonObject) -> int:
        """Count the runs for which the rule holds as well; of other workflows the labels are not known."""
        if rule.limit is not None and rule.limit.per == "day":
            today = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
            found = await self._counts.started_since(workspace_id, today)
        else:
            found = await self._counts.in_progress(workspace_id)
        return sum(one.count for one in found if _holds(rule, one, about))

    async def known(self, new: NewRun) -> str | None:
        """See `RunStore.known`."""
        return await self._runs.known(new)

    async def load(self, run_id: str) -> RunRecord | None:
        """See `RunStore.load`."""
        return await self._runs.load(run_id)

    async def commit(self, change: StoredChange) -> Committed | None:
        """See `RunStore.commit`."""
        return await self._runs.commit(change)

    async def renew_lease(
        self, run_id: str, step: str, *, exec: int, until: datetime
    ) -> datetime | Literal["gone"] | None:
        """See `RunStore.renew_lease`."""
        return await self._runs.renew_lease(run_id, step, exec=exec, until=until)


def _holds(rule: Rule, one: RunCount, about: JsonObject) -> bool:
    labels = about["labels"] if about["id"] == one.workflow_id else {}
    workflow: JsonObject = {
        "id": one.workflow_id,
        "name": one.workflow_name,
        "version": one.version,
        "labels": labels,
    }
    return judge_rule(rule.when, rule_scope(workflow=workflow)).holds
