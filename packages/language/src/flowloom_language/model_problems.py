"""Says in the codes and words of the language what a model found wrong with a document."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from flowloom_contracts.document import ProblemCode
from flowloom_language.draft import Draft, Path
from flowloom_language.known_fields import FieldsAt
from flowloom_language.problems import did_you_mean

_KINDS_OF_VALUE: Final = {
    "string": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a mapping",
    "model_attributes": "a mapping",
    "model": "a mapping",
}
_DURATIONS: Final = ("timeout", "for", "first", "cap", "expires", "after")
_IDS: Final = ("as", "id", "secrets")
_BLOCKS: Final = ("steps", "do")
_WORDS: Final = {
    "string_too_short": "{what} must not be empty.",
    "string_too_long": "{what} has at most {max_length} characters.",
    "too_short": "{what} needs at least {min_length} part, and has {actual_length}.",
    "too_long": "{what} has at most {max_length} parts.",
    "greater_than_equal": "{what} is at least {ge}.",
    "greater_than": "{what} is greater than {gt}.",
    "less_than_equal": "{what} is at most {le}.",
    "literal_error": "{what} must be {expected}.",
}
"""What is told for kinds of findings of a model."""

_TAG: Final = re.compile(r"<[a-z]+>")
_QUOTED: Final = re.compile(r"'([^']*)'")


def report_model_problems(
    draft: Draft, error: ValidationError, fields_at: FieldsAt, unreadable: AbstractSet[Path] = frozenset()
) -> None:
    """Report every finding of a model, but none in places that were reported as unreadable."""
    for detail in error.errors(include_url=False, include_input=False):
        path = _path(detail)
        if not any(path[:length] in unreadable for length in range(len(path) + 1)):
            _report(draft, detail, path, fields_at)


def _path(detail: ErrorDetails) -> Path:
    """Return the place without the tags of unions; a last part that is not allowed is the user's own."""
    place = detail["loc"]
    own = place[-1:] if detail["type"] == "extra_forbidden" else ()
    return (*(part for part in place[: len(place) - len(own)] if not _TAG.fullmatch(str(part))), *own)


def _report(draft: Draft, detail: ErrorDetails, path: Path, fields_at: FieldsAt) -> None:
    kind = detail["type"]
    is_key = bool(path) and path[-1] == "[key]"
    path = path[:-1] if is_key else path
    if kind == "extra_forbidden":
        _report_unknown(draft, path, fields_at)
    elif kind == "missing":
        draft.report(ProblemCode.MISSING_FIELD, path, f"{path[-1]!r} is missing.")
    elif kind == "none_of":
        draft.report(ProblemCode.MISSING_FIELD, path, detail["msg"], at_key=True)
    elif _is_told(draft, kind, path):
        return
    elif kind == "unknown_code":
        context = detail["ctx"]
        hint = did_you_mean(str(context["code"]), context["known"])
        draft.report(ProblemCode.INVALID_VALUE, path, detail["msg"], hint=hint)
    else:
        code, message = _judge(kind, path, _told(detail, path))
        draft.report(code, path, message, hint=_nearest(draft, path, detail), at_key=is_key)


def _is_told(draft: Draft, kind: str, path: Path) -> bool:
    """Whether the steps of a block were reported already: one by one, or that they are too many."""
    if not path or path[-1] not in _BLOCKS:
        return False
    return kind == "too_long" or (kind == "too_short" and bool(draft.value(path)))


def _report_unknown(draft: Draft, path: Path, fields_at: FieldsAt) -> None:
    name = str(path[-1])
    known = fields_at(draft, path[:-1])
    hint = did_you_mean(name, known) or (f"Fields here are {', '.join(known)}." if known else None)
    if path[-2:] == ("loop", "over"):
        hint = "A loop has either over or until."
    draft.report(
        ProblemCode.UNKNOWN_FIELD, path, f"There is no field {name[:60]!r} here.", hint=hint, at_key=True
    )


def _nearest(draft: Draft, path: Path, detail: ErrorDetails) -> str | None:
    written = draft.value(path)
    if detail["type"] != "literal_error" or not isinstance(written, str):
        return None
    return did_you_mean(written, _QUOTED.findall(str(detail["ctx"]["expected"])))


def _told(detail: ErrorDetails, path: Path) -> str:
    words = _WORDS.get(detail["type"])
    return detail["msg"] if words is None else words.format(what=_shown(path), **detail.get("ctx", {}))


def _shown(path: Path) -> str:
    last = path[-1] if path else "The document"
    return repr(last) if isinstance(last, str) else f"Item {last + 1}"


def _judge(kind: str, path: Path, message: str) -> tuple[ProblemCode, str]:
    last = path[-1] if path else ""
    if kind == "bad_duration":
        return ProblemCode.BAD_DURATION, message
    if kind.endswith("_type"):
        if last in _DURATIONS:
            return ProblemCode.BAD_DURATION, "A duration is a text such as 500ms, 10s, 5m, 2h or 3d."
        wanted = _KINDS_OF_VALUE.get(kind.removesuffix("_type"))
        return ProblemCode.WRONG_TYPE, f"{_shown(path)} must be {wanted}." if wanted else f"{message}."
    if path == ("metadata", "name"):
        return (
            ProblemCode.INVALID_ID,
            "A name is lower-case words with dashes, such as market-brief, at most 63 long.",
        )
    if kind == "string_pattern_mismatch":
        return _judge_pattern(path, message)
    return ProblemCode.INVALID_VALUE, message if message.endswith(".") else f"{message}."


def _judge_pattern(path: Path, message: str) -> tuple[ProblemCode, str]:
    last = next((part for part in reversed(path) if isinstance(part, str)), "")
    if last == "over":
        return ProblemCode.INVALID_VALUE, "'over' is a list, or exactly one ${…} that gives one."
    if last == "workflow":
        return (
            ProblemCode.INVALID_VALUE,
            "A workflow is called by NAME or NAME@VERSION, such as market-brief@3.",
        )
    if last in _IDS:
        return (
            ProblemCode.INVALID_ID,
            "An id has lower-case letters, digits and _, begins with a letter, and is at most 63 long.",
        )
    return ProblemCode.INVALID_VALUE, f"{message}."
