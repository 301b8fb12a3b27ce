"""Parts of a Grafana dashboard: panels with their queries, laid out in rows of two or more."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Unit: TypeAlias = Literal["short", "s", "percentunit", "reqps", "ops", "bytes", "currencyUSD", "Bps"]

WIDTH: Final = 24
HEIGHT: Final = 8
DATASOURCE: Final[Json] = {"type": "prometheus", "uid": "flowloom-prometheus"}


@dataclass(frozen=True)
class Query:
    """One line of a panel; `may_be_empty` says why nothing may be there on a platform that is well."""

    expr: str
    legend: str = ""
    may_be_empty: str = ""


@dataclass(frozen=True)
class Panel:
    """A picture of one or more queries."""

    title: str
    queries: tuple[Query, ...]
    unit: Unit = "short"
    kind: Literal["timeseries", "stat"] = "timeseries"
    about: str = ""


@dataclass(frozen=True)
class Dashboard:
    """A page of panels; `uid` is its file name and its address."""

    uid: str
    title: str
    panels: tuple[Panel, ...]
    where: str = ""
    """Where its metrics are: empty for every platform, else the part that has to be there."""


def line(title: str, expr: str, legend: str = "", *, unit: Unit = "short", may_be_empty: str = "") -> Panel:
    """Return a panel with one query over time."""
    return Panel(title, (Query(expr, legend, may_be_empty),), unit)


def lines(title: str, *queries: tuple[str, str], unit: Unit = "short") -> Panel:
    """Return a panel with several queries over time, each with its legend."""
    return Panel(title, tuple(Query(expr, legend) for expr, legend in queries), unit)


def number(title: str, expr: str, *, unit: Unit = "short", may_be_empty: str = "") -> Panel:
    """Return a panel that shows one figure."""
    return Panel(title, (Query(expr, "", may_be_empty),), unit, "stat")


def rendered(dashboard: Dashboard) -> Json:
    """Return a dashboard as Grafana's JSON model."""
    return {
        "uid": dashboard.uid,
        "title": f"Flowloom / {dashboard.title}",
        "tags": ["flowloom"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": []},
        "panels": _laid_out(dashboard.panels),
    }


def _laid_out(panels: tuple[Panel, ...]) -> list[Json]:
    placed: list[Json] = []
    x = y = row_height = 0
    for number_of_panel, panel in enumerate(panels, 1):
        width, height = (WIDTH // 4, HEIGHT // 2) if panel.kind == "stat" else (WIDTH // 2, HEIGHT)
        if x + width > WIDTH or (row_height and height != row_height):
            x, y, row_height = 0, y + row_height, 0
        placed.append(_panel(panel, number_of_panel, {"x": x, "y": y, "w": width, "h": height}))
        x, row_height = x + width, height
    return placed


def _panel(panel: Panel, number_of_panel: int, place: Json) -> Json:
    return {
        "id": number_of_panel,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": DATASOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": DATASOURCE,
                "expr": query.expr,
                "legendFormat": query.legend or "__auto",
            }
            for index, query in enumerate(panel.queries)
        ],
    }
