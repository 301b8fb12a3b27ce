"""An evaluation as lines for a terminal, as JSON, and as a page that needs nothing else."""

from collections.abc import Sequence
from html import escape
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.evaluation import Interval, MetricLine, Scored, Verdict
from flowloom_language.evaluation.intervals import difference, interval
from flowloom_language.evaluation.scoring import METRICS, SCORES

BAR: Final = 260
CERTAIN: Final = ("better", "worse")
STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;
color:#222;background:#fff}
table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{padding:.35rem .6rem;text-align:left;
border-bottom:1px solid #ddd;vertical-align:top;font-variant-numeric:tabular-nums}
.better{color:#1b7a34}.worse{color:#b3261e}small{color:#555}
@media(prefers-color-scheme:dark){body{background:#16181d;color:#e6e6e6}td,th{border-color:#333}small{color:#aaa}
.better{color:#6fdc8c}.worse{color:#ff8a80}}
"""


def lines(scored: Sequence[Scored], before: Sequence[Scored] = ()) -> list[MetricLine]:
    """Return a line for each metric that any case has."""
    found = list[MetricLine]()
    for metric in METRICS:
        now, old = _by_case(scored, metric), _by_case(before, metric)
        if now:
            change = difference(now, old)
            line = MetricLine(
                metric=metric,
                now=interval([*now.values()]),
                before=interval([*old.values()]) if old else None,
                change=change,
                verdict=None if change is None else _verdict(metric, change),
            )
            found.append(line)
    return found


def _verdict(metric: str, change: Interval) -> Verdict:
    if not change.is_certain:
        return "unclear"
    return "better" if (change.mean > 0) is (metric in SCORES) else "worse"


def _by_case(scored: Sequence[Scored], metric: str) -> dict[str, float]:
    return {one.case: one.figures[metric] for one in scored if metric in one.figures}


def text(found: Sequence[MetricLine]) -> str:
    """Return the table of a terminal."""
    rows = [f"{'metric':<11}{'mean':>10}  {'95 % of means':<22}{'change':>10}  95 % of changes"]
    for line in found:
        row = f"{line.metric:<11}{line.now.mean:>10.3f}  {_range(line.now):<22}"
        if line.change is not None:
            row += f"{line.change.mean:>+10.3f}  {_range(line.change):<22} {_told(line)}"
        rows.append(row.rstrip())
    return "\n".join(rows)


def as_json(title: str, found: Sequence[MetricLine], scored: Sequence[Scored]) -> JsonObject:
    """Return everything for programs."""
    return {
        "title": title,
        "metrics": {
            line.metric: {
                "now": line.now.model_dump(mode="json"),
                "change": None if line.change is None else line.change.model_dump(mode="json"),
                "verdict": line.verdict if line.verdict in CERTAIN else "",
            }
            for line in found
        },
        "cases": [one.model_dump(mode="json") for one in scored],
    }


def page(
    title: str, found: Sequence[MetricLine], scored: Sequence[Scored], before: Sequence[Scored] = ()
) -> str:
    """Return an HTML page: metrics with their intervals as charts, and every case."""
    known = {one.case: one for one in before}
    cases = "".join(_case_row(one, known.get(one.case)) for one in scored)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style><h1>{escape(title)}</h1>'
        "<table><tr><th>Metric<th>Mean<th>95 % of means<th>Change<th>95 % of changes<th>Verdict</tr>"
        f"{''.join(map(_metric_row, found))}</table>"
        "<p><small>Intervals: percentile bootstrap over cases; changes are paired by case. Where zero is"
        " inside the interval of a change, it may be chance.</small></p>"
        f"<h2>Cases</h2><table><tr><th>Case<th>Figures<th>What does not hold</tr>{cases}</table></html>\n"
    )


def _metric_row(line: MetricLine) -> str:
    cells = [
        line.metric,
        f"{line.now.mean:.3f}",
        f"{_chart(line)} {_range(line.now)}",
        "&ndash;",
        "&ndash;",
        "",
    ]
    if line.change is not None:
        verdict = f'<span class="{line.verdict}">{_told(line)}</span>'
        cells[3:] = [f"{line.change.mean:+.3f}", _range(line.change), verdict]
    return f"<tr>{''.join(f'<td>{cell}' for cell in cells)}</tr>"


def _told(line: MetricLine) -> str:
    return line.verdict if line.verdict in CERTAIN else "may be chance"


def _chart(line: MetricLine) -> str:
    most = 1.0 if line.metric in SCORES else max(line.now.high, 1e-9)
    low, high, mean = (value / most * BAR for value in (line.now.low, line.now.high, line.now.mean))
    return (
        f'<svg width="{BAR}" height="14" role="img" aria-label="{line.metric} {line.now.mean:.3f}">'
        f'<rect width="{BAR}" height="14" fill="#8883"/><rect width="{mean:.1f}" height="14" fill="#1c7ed6"/>'
        f'<path d="M{low:.1f} 7H{high:.1f}" stroke="#f08c00" stroke-width="4"/></svg>'
    )


def _case_row(one: Scored, before: Scored | None) -> str:
    figures = list[str]()
    for name, value in one.figures.items():
        was = "" if before is None or name not in before.figures else f" (was {before.figures[name]:.3g})"
        figures.append(f"{name} {value:.3g}{was}")
    failed = "<br>".join(map(escape, one.failed)) or "&ndash;"
    cells = (f"{escape(one.case)}<br><small>{escape(one.run_id)}</small>", "<br>".join(figures), failed)
    return f"<tr>{''.join(f'<td>{cell}' for cell in cells)}</tr>"


def _range(found: Interval) -> str:
    return f"{found.low:.3f} to {found.high:.3f}"
