"""The dashboards of what the platform stands on: Dapr and its workflow engine, Kong, Postgres, Redis."""

from typing import Final

from scripts.monitoring.panels import Dashboard, line, lines, number

QUIET: Final = "nothing of it has happened"


def latency(share: float, metric: str, by: str) -> str:
    """Return the query for a quantile, in seconds, of one of Dapr's histograms in milliseconds."""
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({metric}_bucket[5m]))) / 1000"


DAPR: Final = Dashboard(
    "dapr",
    "Dapr and workflow engine",
    (
        number("Sidecars up", 'sum(up{job="dapr"})'),
        number("Placement leads", "max(dapr_placement_leader_status)"),
        number("Sidecars at the scheduler", "sum(dapr_scheduler_sidecars_connected)"),
        number("Actor runtimes", "max(dapr_placement_actor_runtimes_total)"),
        line(
            "Operations on workflows",
            "sum by (operation, status) (rate(dapr_runtime_workflow_operation_count[5m]))",
            "{{operation}} {{status}}",
            unit="ops",
        ),
        line(
            "Executions of workflows",
            "sum by (status) (rate(dapr_runtime_workflow_execution_count[5m]))",
            "{{status}}",
            unit="ops",
        ),
        line(
            "Executions of activities",
            "sum by (activity_name, status) (rate(dapr_runtime_workflow_activity_execution_count[5m]))",
            "{{activity_name}} {{status}}",
            unit="ops",
        ),
        line(
            "Time of an activity, 95 %",
            latency(0.95, "dapr_runtime_workflow_activity_execution_latency", "activity_name"),
            "{{activity_name}}",
            unit="s",
        ),
        line(
            "Wait for a scheduled workflow, 95 %",
            latency(0.95, "dapr_runtime_workflow_scheduling_latency", "app_id"),
            "{{app_id}}",
            unit="s",
        ),
        line(
            "Reminders that fired",
            "sum by (app_id) (rate(dapr_runtime_actor_reminders_fired_total[5m]))",
            "{{app_id}}",
            unit="ops",
            may_be_empty="the scheduler's jobs have taken the place of reminders",
        ),
        line(
            "Jobs of the scheduler",
            "sum(rate(dapr_scheduler_jobs_triggered_total[5m]))",
            "triggered",
            unit="ops",
        ),
        line(
            "Jobs that failed",
            "sum(rate(dapr_scheduler_jobs_failed_total[5m]))",
            unit="ops",
            may_be_empty=QUIET,
        ),
        line(
            "Invocations between services",
            "sum by (src_app_id, dst_app_id) (rate(dapr_runtime_service_invocation_req_sent_total[5m]))",
            "{{src_app_id}} to {{dst_app_id}}",
            unit="reqps",
        ),
        line(
            "Deliveries of topics",
            "sum by (topic, process_status) (rate(dapr_component_pubsub_ingress_count[5m]))",
            "{{topic}} {{process_status}}",
            unit="ops",
        ),
        line(
            "Operations on state",
            "sum by (component, operation) (rate(dapr_component_state_count[5m]))",
            "{{component}} {{operation}}",
            unit="ops",
        ),
        line(
            "Policies of resiliency at work",
            "sum by (app_id, policy) (rate(dapr_resiliency_activations_total[5m]))",
            "{{app_id}} {{policy}}",
            unit="ops",
            may_be_empty=QUIET,
        ),
        line(
            "Memory of sidecars",
            'process_resident_memory_bytes{job="dapr"}',
            "{{app_id}}",
            unit="bytes",
        ),
    ),
)

KONG: Final = Dashboard(
    "kong",
    "Kong",
    (
        number("Requests", "sum(rate(kong_http_requests_total[5m]))", unit="reqps"),
        number("Connections", 'sum(kong_nginx_connections_total{state="active"})'),
        line(
            "Requests by route and status",
            "sum by (route, code) (rate(kong_http_requests_total[5m]))",
            "{{route}} {{code}}",
            unit="reqps",
        ),
        line(
            "Refused by Kong itself",
            'sum by (code) (rate(kong_http_requests_total{source="kong"}[5m]))',
            "{{code}}",
            unit="reqps",
            may_be_empty=QUIET,
        ),
        lines(
            "Time, 95 %",
            (
                "histogram_quantile(0.95, sum by (le) (rate(kong_request_latency_ms_bucket[5m]))) / 1000",
                "all",
            ),
            (
                "histogram_quantile(0.95, sum by (le) (rate(kong_upstream_latency_ms_bucket[5m]))) / 1000",
                "the gateway's",
            ),
            (
                "histogram_quantile(0.95, sum by (le) (rate(kong_kong_latency_ms_bucket[5m]))) / 1000",
                "Kong's own",
            ),
            unit="s",
        ),
        line("Traffic", "sum by (direction) (rate(kong_bandwidth_bytes[5m]))", "{{direction}}", unit="Bps"),
        line(
            "Health of the gateways",
            "sum by (target, state) (kong_upstream_target_health)",
            "{{target}} {{state}}",
        ),
        line(
            "Shared memory in use",
            "kong_memory_lua_shared_dict_bytes / kong_memory_lua_shared_dict_total_bytes",
            "{{shared_dict}}",
            unit="percentunit",
        ),
    ),
    where="kong",
)

POSTGRES: Final = Dashboard(
    "postgres",
    "Postgres and pgvector",
    (
        number("Up", "pg_up"),
        number("Size", 'pg_database_size_bytes{datname="flowloom"}', unit="bytes"),
        number("Connections", "sum(pg_stat_activity_count)"),
        number("Connections allowed", "pg_settings_max_connections"),
        line(
            "Transactions",
            'rate(pg_stat_database_xact_commit{datname="flowloom"}[5m])',
            "committed",
            unit="ops",
        ),
        line(
            "Transactions rolled back",
            'rate(pg_stat_database_xact_rollback{datname="flowloom"}[5m])',
            unit="ops",
        ),
        line(
            "Reads from memory",
            'rate(pg_stat_database_blks_hit{datname="flowloom"}[5m]) / (rate(pg_stat_database_blks_hit'
            '{datname="flowloom"}[5m]) + rate(pg_stat_database_blks_read{datname="flowloom"}[5m]) > 0)',
            unit="percentunit",
        ),
        line(
            "Connections by state",
            "sum by (state) (pg_stat_activity_count)",
            "{{state}}",
        ),
        line("Longest transaction", 'max(pg_stat_activity_max_tx_duration{datname="flowloom"})', unit="s"),
        line("Deadlocks", 'rate(pg_stat_database_deadlocks{datname="flowloom"}[5m])', unit="ops"),
        line("Largest tables", "topk(10, flowloom_table_size_bytes)", "{{table}}", unit="bytes"),
        line("Dead rows", "topk(10, flowloom_table_dead_rows)", "{{table}}"),
        line(
            "Vector indexes",
            "flowloom_vector_index_size_bytes",
            "{{index}}",
            unit="bytes",
        ),
        line("Reads of vector indexes", "rate(flowloom_vector_index_scans[5m])", "{{index}}", unit="ops"),
    ),
)

REDIS: Final = Dashboard(
    "redis",
    "Redis",
    (
        number("Up", "redis_up"),
        number("Memory used", "redis_memory_used_bytes / redis_memory_max_bytes", unit="percentunit"),
        number("Clients", "redis_connected_clients"),
        number("Uptime", "redis_uptime_in_seconds", unit="s"),
        line("Commands", "rate(redis_commands_processed_total[5m])", unit="ops"),
        line(
            "Busiest commands",
            "topk(10, rate(redis_commands_total[5m]))",
            "{{cmd}}",
            unit="ops",
        ),
        line(
            "Time in commands",
            "topk(10, rate(redis_commands_duration_seconds_total[5m]))",
            "{{cmd}}",
            unit="percentunit",
        ),
        lines(
            "Memory",
            ("redis_memory_used_bytes", "used"),
            ("redis_memory_used_rss_bytes", "resident"),
            ("redis_memory_max_bytes", "at most"),
            unit="bytes",
        ),
        lines(
            "Keys",
            ('redis_db_keys{db="db0"}', "all"),
            ('redis_db_keys_expiring{db="db0"}', "that expire"),
        ),
        line("Clients that wait for streams", "redis_blocked_clients"),
        lines(
            "Lost or refused",
            ("rate(redis_evicted_keys_total[5m])", "evicted keys"),
            ("rate(redis_rejected_connections_total[5m])", "refused connections"),
        ),
        line("Traffic out", "rate(redis_net_output_bytes_total[5m])", unit="Bps"),
        line("Last append to the file went well", "redis_aof_last_write_status"),
    ),
)

OF_PARTS: Final = (DAPR, KONG, POSTGRES, REDIS)
