"""Chooses the real parts of rules, budgets and the inbox."""

from flowloom_modelkit.prices import CallCosts
from flowloom_modelkit.settings import ModelSettings
from orchestrator.domain.caps import DayLimits, micro
from orchestrator.domain.paces import Pace
from orchestrator.settings import Settings
from orchestrator.usecases.guard_calls import CallPolicy


def call_policy(settings: Settings, models: ModelSettings) -> CallPolicy:
    """Return what holds for the calls of all workspaces."""
    day = DayLimits(settings.workspace_daily_tokens, micro(settings.workspace_daily_usd))
    pace = Pace(settings.workspace_minute_tokens, micro(settings.workspace_minute_usd))
    return CallPolicy(price=CallCosts.of(models).price, day=day, pace=pace)
