"""The measured indexes as a table for people and as a picture: recall against time."""

import html
from collections.abc import Sequence
from typing import Final

from flowloom_cli.tuning.grid import TODAYS_INDEX, TODAYS_SCAN, Index, Measured, worth_having

WIDTH, HEIGHT, MARGIN = 860, 460, 60
COLOURS: Final = ("#1c7ed6", "#e8590c", "#2f9e44", "#9c36b5", "#e03131", "#0c8599", "#f08c00", "#495057")
HEADER: Final = (
    f"{'index':<38}{'ef_search':>10} {'iterative':<14}{'recall@10':>9}{'full':>7}{'p50 ms':>8}{'p95 ms':>8}"
    f"{'MiB':>8}{'built in':>10}"
)


def table(measured: Sequence[Measured], *, chosen: Measured, everything: bool) -> str:
    """Return the lines worth reading: what nothing else beats, what is used now, and the choice; or all."""
    best = worth_having(measured)
    shown = [one for one in measured if everything or one in best or one.is_todays or one == chosen]
    return "\n".join([f"  {HEADER}", *(_line(one, chosen) for one in shown)])


def _line(one: Measured, chosen: Measured) -> str:
    mark = ">" if one == chosen else "=" if one.is_todays else " "
    return (
        f"{mark} {one.index!s:<38}{one.scan.ef_search:>10} {one.scan.iterative:<14}{one.recall:>9.3f}"
        f"{one.full_answers:>7.0%}{one.p50_ms:>8.2f}{one.p95_ms:>8.2f}{one.size_bytes / 2**20:>8.1f}"
        f"{one.build_s:>8.1f} s"
    )


def advice(chosen: Measured, *, recall: float, table_name: str, dimensions: int) -> str:
    """Return what to do, in words and as the statement that builds the chosen index."""
    if chosen.recall < recall or chosen.full_answers < recall:
        return (
            f"Nothing measured reaches recall {recall:.2f} with full answers; marked is what finds most."
            " --full compares more."
        )
    if (chosen.index, chosen.scan) == (TODAYS_INDEX, TODAYS_SCAN):
        return f"What the platform uses now is the fastest with recall {recall:.2f}: leave it."
    if chosen.index == TODAYS_INDEX:
        return f"The index of the platform is right; a scan with ef_search={chosen.scan.ef_search} would do."
    embedding = "embedding"
    if chosen.index.kind == "halfvec":
        embedding = f"(embedding::public.halfvec({dimensions}))"
    return (
        f"Fastest with recall {recall:.2f}: {chosen.index}, ef_search={chosen.scan.ef_search}. To build it:\n"
        f"  CREATE INDEX CONCURRENTLY ON {table_name} USING hnsw ({embedding}"
        f" public.{chosen.index.kind}_cosine_ops) WITH (m = {chosen.index.m},"
        f" ef_construction = {chosen.index.ef_construction});"
    )


def picture(measured: Sequence[Measured], *, chosen: Measured, title: str) -> str:
    """Return an SVG: each measurement is a dot, a colour for an index, a ring around the choice."""
    slowest = max(one.p95_ms for one in measured) * 1.05
    lowest = min(0.9, min(one.recall for one in measured) - 0.02)
    indexes = list(dict.fromkeys(one.index for one in measured))

    def place(one: Measured) -> tuple[float, float]:
        across = MARGIN + one.p95_ms / slowest * (WIDTH - 2 * MARGIN)
        return across, HEIGHT - MARGIN - (one.recall - lowest) / (1 - lowest) * (HEIGHT - 2 * MARGIN)

    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{8 if one == chosen else 4}"'
        f' fill="{_colour(indexes, one.index)}"'
        f' stroke="{"#111" if one == chosen else "none"}" stroke-width="2">'
        f"<title>{one.index}, ef_search={one.scan.ef_search}, {one.scan.iterative}: recall {one.recall:.3f},"
        f" p95 {one.p95_ms:.2f} ms</title></circle>"
        for one in measured
        for x, y in [place(one)]
    ]
    legend = [
        f'<circle cx="{WIDTH - 300}" cy="{HEIGHT - 90 - 18 * row}" r="5" fill="{_colour(indexes, index)}"/>'
        f'<text x="{WIDTH - 288}" y="{HEIGHT - 86 - 18 * row}">{index}</text>'
        for row, index in enumerate(indexes[: len(COLOURS)])
    ]
    left, bottom, right = MARGIN, HEIGHT - MARGIN, WIDTH - MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}" font-family="sans-serif" font-size="12" fill="#222">'
        f'<rect width="100%" height="100%" fill="#fff"/><text x="{left}" y="30" font-size="15">'
        f"{html.escape(title)}</text>"
        f'<path d="M{left} {MARGIN}V{bottom}H{right}" fill="none" stroke="#888"/>'
        f'<text x="{left}" y="{bottom + 18}">0</text>'
        f'<text x="{right}" y="{bottom + 18}" text-anchor="end">{slowest:.1f} ms (95 %)</text>'
        f'<text x="{left - 6}" y="{bottom}" text-anchor="end">{lowest:.2f}</text>'
        f'<text x="{left - 6}" y="{MARGIN + 4}" text-anchor="end">1.00</text>'
        f'<text x="{left}" y="{MARGIN - 10}">recall@10</text>{"".join(dots)}{"".join(legend)}</svg>\n'
    )


def _colour(indexes: Sequence[Index], index: Index) -> str:
    return COLOURS[indexes.index(index) % len(COLOURS)]
