"""What wakes somebody about the parts that the platform stands on."""

from typing import Final

from scripts.monitoring.alerts import Alert

DAPR: Final = (
    Alert(
        "SidecarIsDown",
        'up{job="dapr"} == 0',
        "1m",
        "page",
        "The sidecar of a service does not answer",
        {'up{job="dapr",service="gateway"}': "0x600"},
        {"job": "dapr", "service": "gateway"},
    ),
    Alert(
        "ControlPlaneIsDown",
        'up{job="dapr-control-plane"} == 0',
        "2m",
        "page",
        "A part of Dapr's control plane does not answer",
        {'up{job="dapr-control-plane",service="scheduler"}': "0x600"},
        {"job": "dapr-control-plane", "service": "scheduler"},
    ),
    Alert(
        "PlacementHasNoLeader",
        "max(dapr_placement_leader_status) < 1",
        "1m",
        "page",
        "Nobody knows where workflows live",
        {"dapr_placement_leader_status": "0x600"},
    ),
    Alert(
        "SchedulerHasNoSidecars",
        "sum(dapr_scheduler_sidecars_connected) < 1",
        "2m",
        "page",
        "No sidecar is connected to the scheduler: nothing is woken",
        {"dapr_scheduler_sidecars_connected": "0x600"},
    ),
    Alert(
        "SidecarsTryAgain",
        "sum by (policy) (rate(dapr_resiliency_activations_total[5m])) > 5",
        "10m",
        "ticket",
        "Calls between services are repeated many times a second",
        {'dapr_resiliency_activations_total{policy="retry"}': "0+600x600"},
        {"policy": "retry"},
    ),
    Alert(
        "IssuerCertificateExpires",
        "min(dapr_sentry_issuercert_expiry_timestamp) - time() < 7 * 86400",
        "1h",
        "ticket",
        "The certificate that signs those of the sidecars ends within a week",
        {"dapr_sentry_issuercert_expiry_timestamp": "100000x600"},
        at="120m",
    ),
)

POSTGRES: Final = (
    Alert(
        "PostgresIsDown",
        "pg_up == 0",
        "30s",
        "page",
        "Postgres does not answer",
        {"pg_up": "0x600"},
    ),
    Alert(
        "PostgresRunsOutOfConnections",
        "sum(pg_stat_activity_count) / max(pg_settings_max_connections) > 0.85",
        "5m",
        "page",
        "Nearly all connections that Postgres allows are open",
        {
            'pg_stat_activity_count{datname="flowloom",state="idle"}': "95x600",
            "pg_settings_max_connections": "100x600",
        },
    ),
    Alert(
        "PostgresHasDeadlocks",
        'increase(pg_stat_database_deadlocks{datname="flowloom"}[10m]) > 5',
        "1m",
        "ticket",
        "Transactions lock each other out",
        {'pg_stat_database_deadlocks{datname="flowloom"}': "0+3x600"},
        {"datname": "flowloom"},
    ),
    Alert(
        "TransactionLastsLong",
        'max(pg_stat_activity_max_tx_duration{datname="flowloom"}) > 300',
        "1m",
        "ticket",
        "A transaction is open for more than five minutes: vacuum cannot clean up behind it",
        {'pg_stat_activity_max_tx_duration{datname="flowloom",state="active"}': "900x600"},
    ),
    Alert(
        "DeadRowsPileUp",
        "flowloom_table_dead_rows > 100000 and flowloom_table_dead_rows > flowloom_table_live_rows",
        "30m",
        "ticket",
        "A table has more dead rows than live ones",
        {
            'flowloom_table_dead_rows{table="orchestrator.steps"}': "900000x600",
            'flowloom_table_live_rows{table="orchestrator.steps"}': "1000x600",
        },
        {"table": "orchestrator.steps"},
        at="60m",
    ),
)

REDIS: Final = (
    Alert("RedisIsDown", "redis_up == 0", "30s", "page", "Redis does not answer", {"redis_up": "0x600"}),
    Alert(
        "RedisFillsUp",
        "redis_memory_used_bytes / redis_memory_max_bytes > 0.7 and redis_memory_max_bytes > 0",
        "5m",
        "page",
        "Redis is 70 % full; at 80 % new runs are refused",
        {"redis_memory_used_bytes": "75x600", "redis_memory_max_bytes": "100x600"},
    ),
    Alert(
        "RedisEvictsKeys",
        "increase(redis_evicted_keys_total[10m]) > 0",
        "1m",
        "page",
        "Redis throws away what is still needed: it has a wrong policy",
        {"redis_evicted_keys_total": "0+1x600"},
    ),
    Alert(
        "RedisCannotWrite",
        "redis_aof_last_write_status == 0",
        "1m",
        "page",
        "Redis cannot append to its file: a restart would lose what it holds",
        {"redis_aof_last_write_status": "0x600"},
    ),
)

KONG: Final = (
    Alert(
        "KongIsDown",
        'up{job="kong"} == 0',
        "30s",
        "page",
        "The edge does not answer",
        {'up{job="kong"}': "0x600"},
        {"job": "kong"},
    ),
    Alert(
        "KongFails",
        'sum(rate(kong_http_requests_total{source="kong",code=~"5.."}[5m]))'
        " / sum(rate(kong_http_requests_total[5m])) > 0.01",
        "5m",
        "page",
        "Kong itself answers more than one request of a hundred with a failure",
        {
            'kong_http_requests_total{source="kong",code="503"}': "0+10x600",
            'kong_http_requests_total{source="service",code="200"}': "0+90x600",
        },
    ),
    Alert(
        "KongFindsNoGateway",
        'sum(kong_upstream_target_health{state="healthy"}) < 1',
        "1m",
        "page",
        "Kong knows no gateway that is well",
        {'kong_upstream_target_health{target="gateway:8000",state="healthy"}': "0x600"},
    ),
)

OF_PARTS: Final = {"dapr": DAPR, "postgres": POSTGRES, "redis": REDIS, "kong": KONG}
