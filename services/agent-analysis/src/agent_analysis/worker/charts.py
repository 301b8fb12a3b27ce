"""Draws rows as bars, lines or points; the same rows give the same bytes, and no text is more than text."""

import io
import math
from dataclasses import dataclass
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from agent_analysis.worker.refusals import RefusedError
from flowloom_contracts.base import JsonValue

MOST_POINTS: Final = 500
MOST_SERIES: Final = 8
MOST_TITLE_CHARS: Final = 150
MOST_LABEL_CHARS: Final = 40
MOST_TICKS: Final = 40
KINDS: Final = ("bar", "line", "scatter")


@dataclass(frozen=True)
class Chart:
    """What is drawn: the first column against the others, in a format of `FORMATS`."""

    kind: str
    title: str
    names: list[str]
    rows: list[list[JsonValue]]
    format: str


def warm() -> None:
    """Have fonts and drawing programs loaded, before nothing can be loaded any more."""
    _set_style()
    for name in ("svg", "png"):
        draw(Chart("bar", "a", ["x", "y"], [["a", 1.0]], name))


def draw(chart: Chart) -> bytes:
    """Return the picture; raises `RefusedError` for rows that cannot be drawn."""
    _ensure_drawable(chart)
    _set_style()
    figure = Figure(figsize=(8, 4.5), dpi=100, layout="constrained")
    axes = figure.subplots()
    places, labels = _places(chart)
    width = 0.8 / (len(chart.names) - 1)
    for number, name in enumerate(chart.names[1:]):
        values = [_number(row[number + 1]) for row in chart.rows]
        label = _short(name)
        if chart.kind == "bar":
            axes.bar([place + number * width for place in places], values, width, label=label, align="edge")
        elif chart.kind == "line":
            axes.plot(places, values, marker="o", markersize=3, label=label)
        else:
            axes.scatter(places, values, s=14, label=label)
    if labels is not None:
        step = max(1, math.ceil(len(labels) / MOST_TICKS))
        shift = 0.4 if chart.kind == "bar" else 0.0
        axes.set_xticks([place + shift for place in places[::step]], labels[::step], rotation=45, ha="right")
    axes.set_title(_short(chart.title, MOST_TITLE_CHARS))
    axes.set_xlabel(_short(chart.names[0]))
    if len(chart.names) > 2:
        axes.legend()
    else:
        axes.set_ylabel(_short(chart.names[1]))
    picture = io.BytesIO()
    metadata = {"Date": None, "Creator": None} if chart.format == "svg" else {"Software": None}
    figure.savefig(picture, format=chart.format, metadata=metadata)
    return picture.getvalue()


def _set_style() -> None:
    """Have the same words drawn alike everywhere, as letters and never as formulas."""
    mpl.rc("svg", hashsalt="flowloom", fonttype="none")
    mpl.rc("text", parse_math=False, usetex=False)
    mpl.rc("axes", unicode_minus=False)
    mpl.rc("font", family="DejaVu Sans")


def _ensure_drawable(chart: Chart) -> None:
    if chart.kind not in KINDS:
        raise RefusedError(f"a chart is one of {', '.join(KINDS)}, not {chart.kind[:20]!r}")
    if not 2 <= len(chart.names) <= MOST_SERIES + 1:
        raise RefusedError(f"the query has to give the x values and 1 to {MOST_SERIES} columns of numbers")
    if not chart.rows:
        raise RefusedError("the query gives no rows to draw")


def _places(chart: Chart) -> tuple[list[float], list[str] | None]:
    """Return where the rows stand on the x axis, and their labels where x is no number."""
    values = [row[0] for row in chart.rows]
    if chart.kind != "bar" and all(_is_number(value) for value in values):
        return [_number(value) for value in values], None
    return [float(at) for at in range(len(values))], [
        _short("-" if one is None else str(one)) for one in values
    ]


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: JsonValue) -> float:
    if value is None:
        return math.nan
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise RefusedError(f"{str(value)[:40]!r} is no number: after the first column a chart needs numbers")
    return float(value)


def _short(text: str, most: int = MOST_LABEL_CHARS) -> str:
    """Return a text on one line, of characters that XML can hold."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"
