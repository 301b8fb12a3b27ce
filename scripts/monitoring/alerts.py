"""What wakes somebody, or asks for work in the week: one row an alert, with series that let it fire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

BUDGET: Final = 0.001
"""Share of requests to the gateway that may fail: the aim is 99.9 % over 30 days."""


@dataclass(frozen=True)
class Alert:
    """A condition that lasts; `series` (in promtool's notation) make it fire, with these `labels`."""

    name: str
    expr: str
    lasts: str
    severity: Literal["page", "ticket"]
    summary: str
    series: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    at: str = "30m"

    @property
    def runbook(self) -> str:
        """Return the file name of what to do, below docs/operations/runbooks."""
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in self.name).lstrip("-") + ".md"


def _requests(service: str, **rates: str) -> dict[str, str]:
    base = f'flowloom_requests_served_total{{service="{service}",method="GET",route="/v1/runs",status='
    return {f'{base}"{status.lstrip("s")}"}}': values for status, values in rates.items()}


_FAILING: Final = _requests("gateway", s200="0+60x600", s500="0+6x600")
_TRICKLE: Final = _requests("gateway", s200="0+1000x600", s500="0+8x600")

SLO: Final = (
    Alert(
        "ErrorBudgetBurnsFast",
        f"flowloom:requests_failed:ratio1h > 14.4 * {BUDGET}"
        f" and flowloom:requests_failed:ratio5m > 14.4 * {BUDGET}",
        "2m",
        "page",
        "So many requests fail that the month's error budget is spent within two days",
        _FAILING,
    ),
    Alert(
        "ErrorBudgetBurnsSlowly",
        f"flowloom:requests_failed:ratio6h > 6 * {BUDGET}"
        f" and flowloom:requests_failed:ratio30m > 6 * {BUDGET}",
        "15m",
        "ticket",
        "So many requests fail that the month's error budget is spent within five days",
        _TRICKLE,
        at="60m",
    ),
    Alert(
        "AnswersAreSlow",
        "flowloom:fast_answers:ratio1h < 0.95",
        "10m",
        "ticket",
        "More than one answer of twenty begins later than 500 ms",
        {
            'flowloom_requests_served_seconds_bucket{service="gateway",le="0.5"}': "0+50x600",
            'flowloom_requests_served_seconds_count{service="gateway"}': "0+100x600",
        },
    ),
    Alert(
        "MostRunsFail",
        "flowloom:runs_failed:ratio1h > 0.5 and sum(increase(flowloom_runs_ended_total[1h])) > 20",
        "5m",
        "ticket",
        "More than half of the runs of the last hour have failed",
        {
            'flowloom_runs_ended_total{status="failed"}': "0+5x600",
            'flowloom_runs_ended_total{status="succeeded"}': "0+1x600",
        },
    ),
)

SERVICES: Final = (
    Alert(
        "ServiceIsDown",
        'up{job="flowloom"} == 0',
        "1m",
        "page",
        "A service does not answer",
        {'up{job="flowloom",service="memory"}': "0x600"},
        {"job": "flowloom", "service": "memory"},
    ),
    Alert(
        "NothingIsMeasured",
        'absent(up{job="flowloom"})',
        "5m",
        "page",
        "No service is scraped at all",
        {'up{job="another"}': "1x600"},
        {"job": "flowloom"},
    ),
    Alert(
        "StepsWaitForWorkers",
        "flowloom_oldest_undispatched_step_seconds > 30",
        "2m",
        "page",
        "A step waits for a worker for more than 30 s",
        {"flowloom_oldest_undispatched_step_seconds": "60x600"},
    ),
    Alert(
        "WorkersAreSilent",
        "flowloom_leases_expired_now > 0",
        "2m",
        "ticket",
        "Running steps have lost their worker, and nobody takes them over",
        {"flowloom_leases_expired_now": "2x600"},
    ),
    Alert(
        "OutboxStalls",
        "flowloom_outbox_oldest_seconds > 60",
        "2m",
        "page",
        "What is committed is not carried out",
        {"flowloom_outbox_oldest_seconds": "100x600"},
    ),
    Alert(
        "QueueGrows",
        'flowloom_queue_places_now{state="queued"} > 500',
        "10m",
        "ticket",
        "More than 500 runs wait for a slot",
        {'flowloom_queue_places_now{state="queued"}': "900x600"},
        {"state": "queued"},
    ),
    Alert(
        "ActivitiesFail",
        'sum by (activity) (rate(flowloom_activities_run_total{outcome="failed"}[5m])) > 0.1',
        "5m",
        "ticket",
        "Activities of the engine fail and are repeated",
        {'flowloom_activities_run_total{activity="advance",outcome="failed"}': "0+30x600"},
        {"activity": "advance"},
    ),
    Alert(
        "BackgroundWorkBreaks",
        "sum by (work) (increase(flowloom_background_broken_total[10m])) > 3",
        "1m",
        "ticket",
        "Work beside the requests breaks again and again",
        {'flowloom_background_broken_total{work="outbox"}': "0+2x600"},
        {"work": "outbox"},
    ),
    Alert(
        "EventsComeAgain",
        'sum by (topic) (rate(flowloom_events_handled_total{outcome="retry"}[5m])) > 0.5',
        "5m",
        "ticket",
        "A topic's events cannot be handled and come again",
        {'flowloom_events_handled_total{topic="run-events",outcome="retry"}': "0+60x600"},
        {"topic": "run-events"},
    ),
    Alert(
        "PoolIsExhausted",
        "flowloom_database_connections_used / flowloom_database_connections_limit > 0.9",
        "2m",
        "page",
        "Nearly all connections of a service to Postgres are at work",
        {
            'flowloom_database_connections_used{service="gateway",pool="statements"}': "5x600",
            'flowloom_database_connections_limit{service="gateway",pool="statements"}': "5x600",
        },
        {"service": "gateway", "pool": "statements"},
    ),
    Alert(
        "SignInsAreGuessed",
        'sum(rate(flowloom_requests_served_total{route="/v1/auth/login",status=~"401|429"}[5m])) > 1',
        "5m",
        "ticket",
        "More than one sign-in a second is refused",
        {'flowloom_requests_served_total{route="/v1/auth/login",status="401"}': "0+120x600"},
    ),
)

AGENTS: Final = (
    Alert(
        "AgentIsNotReady",
        "flowloom_agent_ready == 0",
        "2m",
        "page",
        "An agent cannot take steps",
        {'flowloom_agent_ready{agent="qa"}': "0x600"},
        {"agent": "qa"},
    ),
    Alert(
        "ModelCallsFail",
        "flowloom:model_calls_failed:ratio5m > 0.2",
        "5m",
        "page",
        "More than one model call of five fails",
        {
            'flowloom_calls_made_total{kind="model",name="model",outcome="answered"}': "0+10x600",
            'flowloom_calls_made_total{kind="model",name="model",outcome="ModelTimeoutError"}': "0+10x600",
        },
    ),
    Alert(
        "ModelCallsAreSlow",
        "histogram_quantile(0.95, sum by (le)"
        ' (rate(flowloom_calls_made_seconds_bucket{kind="model"}[10m]))) > 60',
        "10m",
        "ticket",
        "One model call of twenty takes more than a minute",
        {
            'flowloom_calls_made_seconds_bucket{kind="model",le="40"}': "0+1x600",
            'flowloom_calls_made_seconds_bucket{kind="model",le="90"}': "0+50x600",
            'flowloom_calls_made_seconds_bucket{kind="model",le="+Inf"}': "0+50x600",
        },
    ),
    Alert(
        "SpendingRises",
        "sum(increase(flowloom_money_spent_usd_total[1h])) > 20",
        "5m",
        "ticket",
        "Model calls of the last hour have cost more than 20 dollars",
        {'flowloom_money_spent_usd_total{name="large"}': "0+1x600"},
        at="60m",
    ),
)

STREAMS: Final = (
    Alert(
        "StreamsLag",
        "histogram_quantile(0.95, sum by (le) (rate(flowloom_stream_lag_seconds_bucket[5m]))) > 0.5",
        "5m",
        "ticket",
        "Viewers get one event of twenty later than half a second",
        {
            'flowloom_stream_lag_seconds_bucket{le="0.5"}': "0+1x600",
            'flowloom_stream_lag_seconds_bucket{le="1"}': "0+50x600",
            'flowloom_stream_lag_seconds_bucket{le="+Inf"}': "0+50x600",
        },
    ),
    Alert(
        "ViewersStartAgain",
        'sum(rate(flowloom_streams_resynced_total{reason!="gone"}[5m])) > 1',
        "5m",
        "ticket",
        "Viewers are given snapshots instead of events",
        {'flowloom_streams_resynced_total{reason="overflow"}': "0+120x600"},
    ),
)

PAGES: Final = (
    Alert(
        "PagesBreak",
        'sum(increase(flowloom_page_errors_total{kind=~"render|error"}[15m])) > 20',
        "10m",
        "ticket",
        "Pages break in people's browsers",
        {'flowloom_page_errors_total{kind="render"}': "0+4x600"},
    ),
)

OWN: Final = {"slo": SLO, "services": SERVICES, "agents": AGENTS, "streams": STREAMS, "pages": PAGES}
