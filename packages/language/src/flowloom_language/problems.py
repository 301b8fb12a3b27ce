"""Collects the problems of a document, each with its place."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Final, Literal

from flowloom_contracts.document import DocumentProblem, ProblemCode
from flowloom_language.source_tree import Span, path_text

MAX_PROBLEMS: Final = 200
"""More would not be read, and a hostile document could make any number."""


_MAX_CANDIDATES: Final = 200


class EnoughProblemsError(Exception):
    """The list is full: the rest of the document is not looked at."""


class ProblemList:
    """The problems found so far."""

    def __init__(self) -> None:
        self._found = list[DocumentProblem]()

    def add(
        self,
        code: ProblemCode,
        path: tuple[str | int, ...],
        span: Span,
        message: str,
        *,
        hint: str | None = None,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        """Add one problem; raises EnoughProblemsError when there are as many as anybody reads."""
        if len(self._found) >= MAX_PROBLEMS:
            raise EnoughProblemsError
        self._found.append(
            DocumentProblem(
                code=code,
                severity=severity,
                path=path_text(path)[:500],
                line=span.line,
                column=span.column,
                end_line=span.end_line,
                end_column=span.end_column,
                message=message,
                hint=hint,
            )
        )

    @property
    def has_errors(self) -> bool:
        """Whether one of them is more than a warning."""
        return any(problem.severity == "error" for problem in self._found)

    def has(self, code: ProblemCode) -> bool:
        """Whether one of them has this code."""
        return any(problem.code is code for problem in self._found)

    def in_order(self) -> tuple[DocumentProblem, ...]:
        """Return them in the order of the text, without repetition."""
        unique = dict.fromkeys(
            sorted(self._found, key=lambda problem: (problem.line, problem.column, problem.code))
        )
        return tuple(unique)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the nearest of the known names."""
    similar = (one for one in known if abs(len(one) - len(name)) <= 4)
    candidates = list(islice(similar, _MAX_CANDIDATES))
    same = [one for one in candidates if one.lower() == name.lower()]
    close = same or get_close_matches(name, candidates, n=1)
    return f"Did you mean {close[0]}?" if close else None
