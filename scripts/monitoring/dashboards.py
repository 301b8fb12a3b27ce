"""The dashboards of the platform's own metrics: overview, runs, agents and models, streams, SLO."""

from typing import Final

from scripts.monitoring.panels import Dashboard, Panel, Query, line, lines, number

RATE: Final = "[5m]"
NO_FAILURES: Final = "nothing has failed"


def quantile(share: float, metric: str, by: str = "", where: str = "") -> str:
    """Return the query for a quantile of a histogram of ours."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket{where}{RATE})))"


OVERVIEW: Final = Dashboard(
    "overview",
    "Overview",
    (
        number("Services up", 'sum(up{job="flowloom"})'),
        number("Runs in progress", "sum(flowloom_runs_now)"),
        number("Runs ended a minute", "60 * sum(rate(flowloom_runs_ended_total[5m]))"),
        number("Failed runs, last hour", "flowloom:runs_failed:ratio1h", unit="percentunit"),
        number("Availability, 30 days", "flowloom:availability:ratio30d", unit="percentunit"),
        number("Oldest step without a worker", "flowloom_oldest_undispatched_step_seconds", unit="s"),
        number("Oldest outbox row", "flowloom_outbox_oldest_seconds", unit="s"),
        number("Dollars, last day", "sum(increase(flowloom_money_spent_usd_total[1d]))", unit="currencyUSD"),
        line(
            "Requests by service",
            "sum by (service) (rate(flowloom_requests_served_total[5m]))",
            "{{service}}",
            unit="reqps",
        ),
        line(
            "Failed requests by service",
            'sum by (service) (rate(flowloom_requests_served_total{status=~"5.."}[5m]))',
            "{{service}}",
            unit="reqps",
            may_be_empty=NO_FAILURES,
        ),
        lines(
            "Time until an answer begins at the gateway",
            (quantile(0.5, "flowloom_requests_served_seconds", where='{service="gateway"}'), "half"),
            (quantile(0.95, "flowloom_requests_served_seconds", where='{service="gateway"}'), "95 %"),
            (quantile(0.99, "flowloom_requests_served_seconds", where='{service="gateway"}'), "99 %"),
            unit="s",
        ),
        line(
            "Refused by limits",
            'sum by (route) (rate(flowloom_requests_served_total{service="gateway",status="429"}[5m]))',
            "{{route}}",
            unit="reqps",
            may_be_empty="nobody is above a limit",
        ),
        line(
            "Processor by service",
            'rate(process_cpu_seconds_total{job="flowloom"}[5m])',
            "{{service}}",
            unit="percentunit",
        ),
        line(
            "Memory by service",
            'process_resident_memory_bytes{job="flowloom"}',
            "{{service}}",
            unit="bytes",
        ),
        lines(
            "Connections to Postgres at work",
            ("flowloom_database_connections_used", "{{service}} {{pool}}"),
            ("flowloom_database_connections_limit", "{{service}} {{pool}}, at most"),
        ),
        line(
            "Background work that broke",
            "sum by (service, work) (increase(flowloom_background_broken_total[5m]))",
            "{{service}} {{work}}",
            may_be_empty=NO_FAILURES,
        ),
    ),
)

RUNS: Final = Dashboard(
    "runs",
    "Runs and steps",
    (
        line("Runs in progress by status", "flowloom_runs_now", "{{status}}"),
        line("Places in the queue", "flowloom_queue_places_now", "{{state}}"),
        line(
            "Runs that ended",
            "sum by (status) (rate(flowloom_runs_ended_total[5m]))",
            "{{status}}",
            unit="ops",
        ),
        lines(
            "From acceptance to end",
            (quantile(0.5, "flowloom_runs_ended_seconds"), "half"),
            (quantile(0.95, "flowloom_runs_ended_seconds"), "95 %"),
            unit="s",
        ),
        line(
            "Steps that ended, by kind",
            "sum by (kind) (rate(flowloom_steps_ended_total[5m]))",
            "{{kind}}",
            unit="ops",
        ),
        line(
            "Steps that failed, by kind",
            'sum by (kind) (rate(flowloom_steps_ended_total{status="failed"}[5m]))',
            "{{kind}}",
            unit="ops",
            may_be_empty=NO_FAILURES,
        ),
        line(
            "Time of a step in a worker's hands, 95 %",
            quantile(0.95, "flowloom_steps_carried_seconds", "kind"),
            "{{kind}}",
            unit="s",
        ),
        lines(
            "Steps without a worker",
            ("flowloom_steps_queued_now", "waiting"),
            ("flowloom_leases_expired_now", "whose worker says nothing"),
        ),
        line(
            "Age of the oldest step without a worker", "flowloom_oldest_undispatched_step_seconds", unit="s"
        ),
        lines("Outbox", ("flowloom_outbox_rows_now", "rows"), ("flowloom_outbox_oldest_seconds", "age, s")),
        line("Questions that wait for a person", "flowloom_approvals_open_now"),
        line(
            "Activities by outcome",
            "sum by (service, activity, outcome) (rate(flowloom_activities_run_total[5m]))",
            "{{service}} {{activity}} {{outcome}}",
            unit="ops",
        ),
    ),
)

AGENTS: Final = Dashboard(
    "agents",
    "Agents and models",
    (
        line("Agents that can take steps", "flowloom_agent_ready", "{{agent}}"),
        line("Steps in hand", "flowloom_agent_steps_running", "{{agent}}"),
        line(
            "Model calls",
            'sum by (service, outcome) (rate(flowloom_calls_made_total{kind="model"}[5m]))',
            "{{service}} {{outcome}}",
            unit="ops",
        ),
        line(
            "Tool calls",
            'sum by (name, outcome) (rate(flowloom_calls_made_total{kind="tool"}[5m]))',
            "{{name}} {{outcome}}",
            unit="ops",
        ),
        lines(
            "Time of a model call",
            (quantile(0.5, "flowloom_calls_made_seconds", where='{kind="model"}'), "half"),
            (quantile(0.95, "flowloom_calls_made_seconds", where='{kind="model"}'), "95 %"),
            unit="s",
        ),
        line(
            "Failed model calls",
            "flowloom:model_calls_failed:ratio5m",
            unit="percentunit",
        ),
        line(
            "Tokens by model",
            "sum by (name) (rate(flowloom_tokens_used_total[5m]))",
            "{{name}}",
        ),
        line(
            "Dollars an hour by model",
            "3600 * sum by (name) (rate(flowloom_money_spent_usd_total[5m]))",
            "{{name}}",
            unit="currencyUSD",
        ),
        line(
            "Calls to the outside by outcome",
            "sum by (service, outcome) (rate(flowloom_outbound_calls_ended_total[5m]))",
            "{{service}} {{outcome}}",
            unit="ops",
        ),
        line(
            "Memory of agents",
            'process_resident_memory_bytes{service=~"agent-.*"}',
            "{{service}}",
            unit="bytes",
        ),
    ),
)

STREAMS: Final = Dashboard(
    "streams",
    "Live streams",
    (
        line("Open streams", "flowloom_streams_open"),
        lines(
            "From event to viewer",
            (quantile(0.5, "flowloom_stream_lag_seconds"), "half"),
            (quantile(0.95, "flowloom_stream_lag_seconds"), "95 %"),
            (quantile(0.99, "flowloom_stream_lag_seconds"), "99 %"),
            unit="s",
        ),
        line("Reads that brought events", "sum(rate(flowloom_stream_lag_seconds_count[5m]))", unit="ops"),
        line(
            "Viewers that were given a snapshot",
            "sum by (reason) (rate(flowloom_streams_resynced_total[5m]))",
            "{{reason}}",
            unit="ops",
        ),
        line("Memory of Redis used", "redis_memory_used_bytes / redis_memory_max_bytes", unit="percentunit"),
        line(
            "Deliveries of topics",
            "sum by (topic, outcome) (rate(flowloom_events_handled_total[5m]))",
            "{{topic}} {{outcome}}",
            unit="ops",
        ),
    ),
)

SLO: Final = Dashboard(
    "slo",
    "Service levels",
    (
        number("Availability, 30 days (aim 99.9 %)", "flowloom:availability:ratio30d", unit="percentunit"),
        number("Error budget left", "flowloom:error_budget:left30d", unit="percentunit"),
        number("Runs the platform failed, 30 days", "flowloom:runs_failed:ratio30d", unit="percentunit"),
        number("Answers within 500 ms, 30 days", "flowloom:fast_answers:ratio30d", unit="percentunit"),
        lines(
            "Error ratio of the gateway",
            ("flowloom:requests_failed:ratio5m", "5 m"),
            ("flowloom:requests_failed:ratio1h", "1 h"),
            ("flowloom:requests_failed:ratio6h", "6 h"),
            unit="percentunit",
        ),
        Panel(
            "Burn rate (1 spends the budget in exactly 30 days)",
            (
                Query("flowloom:requests_failed:ratio5m / 0.001", "5 m"),
                Query("flowloom:requests_failed:ratio1h / 0.001", "1 h"),
                Query("flowloom:requests_failed:ratio6h / 0.001", "6 h"),
            ),
        ),
        line("Failed runs", "flowloom:runs_failed:ratio1h", unit="percentunit"),
        line("Alerts that fire", 'ALERTS{alertstate="firing"}', "{{alertname}}", may_be_empty="all is well"),
    ),
)

OWN: Final = (OVERVIEW, RUNS, AGENTS, STREAMS, SLO)
