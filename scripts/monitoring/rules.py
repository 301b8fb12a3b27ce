"""Recording rules and alerts as Prometheus reads them, and the tests that let each alert fire once."""

from typing import Final

from scripts.monitoring.alerts import BUDGET, OWN, Alert
from scripts.monitoring.alerts_of_parts import OF_PARTS
from scripts.monitoring.panels import Json

GROUPS: Final = {**OWN, **OF_PARTS}
RUNBOOKS: Final = "docs/operations/runbooks"
FAILED: Final = ',status=~"5.."'
WINDOWS: Final = ("5m", "30m", "1h", "6h", "3d")


def _ratio(of: str, all_of: str, window: str) -> str:
    return f"(sum(increase({of}[{window}])) or vector(0)) / (sum(increase({all_of}[{window}])) > 0)"


def _of_gateway(where: str = "") -> str:
    return f'flowloom_requests_served_total{{service="gateway"{where}}}'


def _fast(window: str) -> str:
    return _ratio(
        'flowloom_requests_served_seconds_bucket{service="gateway",le="0.5"}',
        'flowloom_requests_served_seconds_count{service="gateway"}',
        window,
    )


FAILED_RUNS: Final = 'flowloom_runs_ended_total{status="failed"}'
RECORDED: Final = {
    **{
        f"flowloom:requests_failed:ratio{window}": _ratio(_of_gateway(FAILED), _of_gateway(), window)
        for window in WINDOWS
    },
    "flowloom:fast_answers:ratio1h": _fast("1h"),
    "flowloom:runs_failed:ratio1h": _ratio(FAILED_RUNS, "flowloom_runs_ended_total", "1h"),
    "flowloom:model_calls_failed:ratio5m": _ratio(
        'flowloom_calls_made_total{kind="model",outcome!="answered"}',
        'flowloom_calls_made_total{kind="model"}',
        "5m",
    ),
}
RECORDED_SELDOM: Final = {
    "flowloom:availability:ratio30d": f"1 - {_ratio(_of_gateway(FAILED), _of_gateway(), '30d')}",
    "flowloom:error_budget:left30d": f"1 - (1 - flowloom:availability:ratio30d) / {BUDGET}",
    "flowloom:fast_answers:ratio30d": _fast("30d"),
    "flowloom:runs_failed:ratio30d": _ratio(FAILED_RUNS, "flowloom_runs_ended_total", "30d"),
}


def recording() -> Json:
    """Return the file of recording rules; those of a month are computed less often."""
    return {
        "groups": [
            {"name": "flowloom-ratios", "interval": "30s", "rules": _records(RECORDED)},
            {"name": "flowloom-month", "interval": "5m", "rules": _records(RECORDED_SELDOM)},
        ]
    }


def _records(rules: dict[str, str]) -> list[Json]:
    return [{"record": name, "expr": expr} for name, expr in rules.items()]


def alerting() -> Json:
    """Return the file of alerts."""
    return {
        "groups": [
            {"name": f"flowloom-{name}", "rules": [_alert(alert) for alert in alerts]}
            for name, alerts in GROUPS.items()
        ]
    }


def _alert(alert: Alert) -> Json:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.lasts,
        "labels": {"severity": alert.severity},
        "annotations": {"summary": alert.summary, "runbook": f"{RUNBOOKS}/{alert.runbook}"},
    }


def tests() -> Json:
    """Return promtool's tests: each alert fires with its series, and not at the beginning of them."""
    return {
        "rule_files": ["recording.yml", "alerts.yml"],
        "evaluation_interval": "30s",
        "tests": [_test(alert) for alerts in GROUPS.values() for alert in alerts],
    }


def _test(alert: Alert) -> Json:
    fired: Json = {
        "exp_labels": {**alert.labels, "severity": alert.severity},
        "exp_annotations": {"summary": alert.summary, "runbook": f"{RUNBOOKS}/{alert.runbook}"},
    }
    return {
        "name": alert.name,
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in alert.series.items()],
        "alert_rule_test": [
            {"eval_time": "0s", "alertname": alert.name, "exp_alerts": []},
            {"eval_time": alert.at, "alertname": alert.name, "exp_alerts": [fired]},
        ],
    }
