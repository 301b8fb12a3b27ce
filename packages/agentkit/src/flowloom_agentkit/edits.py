"""Applies edits to a text exactly, or says which of them does not fit and what the text has there."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flowloom_agentkit.errors import ToolFailedError

HUNK: Final = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
SHOWN_LINES: Final = 12
MOST_COMPARED: Final = 20_000


@dataclass(frozen=True)
class Replacement:
    """A text that stands in a file exactly once, and what comes in its place."""

    search: str
    replace: str


@dataclass
class Hunk:
    """A place of a unified diff: what stands at a line, and what comes there."""

    start: int
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    lengths: tuple[int, int] = (0, 0)

    @property
    def is_full(self) -> bool:
        """Whether it has as many lines as its head says."""
        return (len(self.old), len(self.new)) == self.lengths


def replaced(text: str, blocks: Sequence[Replacement], *, path: str) -> str:
    """Return a text after replacements, one after the other; raises `ToolFailedError`, then none is made."""
    for number, block in enumerate(blocks, start=1):
        if not block.search:
            raise ToolFailedError(f"block {number}: `search` is empty; to write a whole file use files.write")
        found = text.count(block.search)
        if found > 1:
            lines = ", ".join(str(line) for line in _lines_of(text, block.search)[:5])
            raise ToolFailedError(
                f"block {number} fits {found} times in {path!r} (lines {lines}): give more around it"
            )
        if not found:
            raise ToolFailedError(f"block {number} is not in {path!r}. {_nearest(text, block.search)}")
        text = text.replace(block.search, block.replace, 1)
    return text


def patched(text: str, diff: str, *, path: str) -> str:
    """Return a text after a unified diff of one file; every line has to fit. Raises `ToolFailedError`."""
    hunks = _hunks(diff)
    if not hunks:
        raise ToolFailedError("the diff has no hunk: each begins with a line such as @@ -1,3 +1,4 @@")
    lines = text.splitlines(keepends=True)
    result: list[str] = []
    done = 0
    for number, hunk in enumerate(hunks, start=1):
        # A hunk that only adds names the line before it.
        start = hunk.start - 1 if hunk.old else hunk.start
        there = [line.rstrip("\r\n") for line in lines[max(start, 0) : max(start, 0) + len(hunk.old)]]
        if start < done or start > len(lines) or there != hunk.old:
            raise ToolFailedError(
                f"hunk {number} does not fit {path!r} at line {hunk.start}. "
                + _shown(lines, start, max(len(hunk.old), 3))
            )
        result += lines[done:start]
        result += [f"{line}\n" for line in hunk.new]
        done = start + len(hunk.old)
    result += lines[done:]
    whole = "".join(result)
    ends_open = done == len(lines) and (not lines or not lines[-1].endswith("\n"))
    return whole.removesuffix("\n") if ends_open and lines else whole


def _hunks(diff: str) -> list[Hunk]:
    hunks: list[Hunk] = []
    for line in diff.splitlines():
        head = HUNK.match(line)
        if head is not None:
            _ensure_full(hunks)
            old, new = int(head[2] or 1), int(head[4] or 1)
            hunks.append(Hunk(start=int(head[1]), lengths=(old, new)))
        elif hunks and not hunks[-1].is_full:
            _take(hunks[-1], line, number=len(hunks))
    _ensure_full(hunks)
    return hunks


def _take(hunk: Hunk, line: str, *, number: int) -> None:
    sign, rest = line[:1] or " ", line[1:]
    if sign == "\\":
        return  # "No newline at end of file"
    if sign not in " +-":
        raise ToolFailedError(f"hunk {number}: a line begins with {sign!r}, not with a space, + or -")
    if sign in " -":
        hunk.old.append(rest)
    if sign in " +":
        hunk.new.append(rest)


def _ensure_full(hunks: Sequence[Hunk]) -> None:
    if hunks and not hunks[-1].is_full:
        last = hunks[-1]
        said = f"{last.lengths[0]} old and {last.lengths[1]} new lines"
        raise ToolFailedError(
            f"hunk {len(hunks)} says {said} and has {len(last.old)} and {len(last.new)}: correct its @@ line"
        )


def _lines_of(text: str, part: str) -> list[int]:
    places, at = [], text.find(part)
    while at >= 0:
        places.append(text.count("\n", 0, at) + 1)
        at = text.find(part, at + 1)
    return places


def _nearest(text: str, search: str) -> str:
    lines = text.splitlines(keepends=True)
    first = next((line.strip() for line in search.splitlines() if line.strip()), "")
    stripped = [line.strip() for line in lines[:MOST_COMPARED]]
    close = difflib.get_close_matches(first, stripped, n=1, cutoff=0.5) if first else []
    if not close:
        return f"Nothing like its first line {first[:80]!r} is there: read the file first"
    return _shown(lines, stripped.index(close[0]), len(search.splitlines()))


def _shown(lines: Sequence[str], start: int, count: int) -> str:
    begin = min(max(start, 0), len(lines))
    kept = lines[begin : begin + min(count, SHOWN_LINES)]
    if not kept:
        return f"The file has {len(lines)} lines"
    numbered = "\n".join(f"{begin + at}: {line.rstrip()[:200]}" for at, line in enumerate(kept, start=1))
    return f"The file has there:\n{numbered}"
