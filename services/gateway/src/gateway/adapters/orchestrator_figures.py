"""The orchestrator's figures, and the policies it is told, through the sidecar."""

from typing import Final

from flowloom_contracts.preferences import PolicySet, WorkspacePolicy
from flowloom_contracts.stats import OverviewQuery, RunFigures, UsageQuery, UsageReport
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker

TIMEOUT_SECONDS: Final = 10.0


class OrchestratorFigures:
    """Figures over service invocation."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def overview(self, query: OverviewQuery) -> RunFigures:
        """Return the figures of a window."""
        return await self._invoker.call(
            AppId.ORCHESTRATOR, "stats/overview", query, RunFigures, timeout_s=TIMEOUT_SECONDS
        )

    async def usage(self, query: UsageQuery) -> UsageReport:
        """Return what was used, by group."""
        return await self._invoker.call(
            AppId.ORCHESTRATOR, "usage/report", query, UsageReport, timeout_s=TIMEOUT_SECONDS
        )


class OrchestratorPolicies:
    """Policies over service invocation."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def set(self, policy: WorkspacePolicy) -> PolicySet:
        """Tell the orchestrator."""
        return await self._invoker.call(
            AppId.ORCHESTRATOR, "policies/set", policy, PolicySet, timeout_s=TIMEOUT_SECONDS
        )
