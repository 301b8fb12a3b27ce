"""Checks values whose form no schema can say: addresses, times, schedules, topics, what an undo may be."""

import re
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from flowloom_contracts.base import JsonValue
from flowloom_contracts.document import ProblemCode
from flowloom_language.catalog import Catalog
from flowloom_language.draft import Draft, Path
from flowloom_language.problems import did_you_mean
from flowloom_language.schedules import BadScheduleError, check_schedule, check_zone
from flowloom_language.topics import BadTopicError, check_topic
from flowloom_language.written_steps import WrittenStep

_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}\Z")
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)


def check_values(draft: Draft, catalog: Catalog | None) -> None:
    """Report them in steps and triggers."""
    for step in draft.steps:
        _check_step(draft, step)
    emitted = {_text(draft, (*step.path, "emit", "topic")) for step in draft.steps}
    known = None if catalog is None or catalog.topics is None else catalog.topics | emitted
    for path in _awaited(draft):
        _check_topic(draft, path, known)
    triggers = draft.data.get("triggers")
    for position in range(len(triggers) if isinstance(triggers, list) else 0):
        _check_schedule(draft, ("triggers", position))


def _check_step(draft: Draft, step: WrittenStep) -> None:
    if step.kind == "http":
        _check_address(draft, (*step.path, "http", "url"))
        _check_headers(draft, (*step.path, "http", "headers"))
    elif step.kind == "wait":
        _check_time(draft, (*step.path, "wait", "until"))
    elif step.kind == "emit":
        _check_topic(draft, (*step.path, "emit", "topic"), None)
    for block in step.block.chain():
        if block.kind in ("undo", "on_failure"):
            _check_last_steps(draft, step, is_undo=block.kind == "undo")
            return


def _check_last_steps(draft: Draft, step: WrittenStep, *, is_undo: bool) -> None:
    """A step that runs when the run is ending already."""
    where = "an undo" if is_undo else "on_failure"
    if step.undo is not None:
        message = f"There is no undo inside {where}."
        draft.report(ProblemCode.INVALID_VALUE, (*step.path, "undo"), message, at_key=True)
    if step.kind == "stop":
        message = f"The run is ending already when {where} runs."
        draft.report(ProblemCode.INVALID_VALUE, (*step.path, "stop"), message, at_key=True)
    for field in ("needs", "join") if step.block.kind == "undo" else ():
        if field in step.data:
            message = f"An undo runs when the run is taken back; {field!r} has no meaning here."
            draft.report(ProblemCode.INVALID_VALUE, (*step.path, field), message, at_key=True)


def _check_address(draft: Draft, path: Path) -> None:
    url = _text(draft, path)
    if not url or url.startswith("${"):
        return
    fixed = url.partition("${")[0]
    is_template = fixed != url
    message = None
    if not _SCHEME.match(fixed) and not (is_template and _could_be_scheme(fixed)):
        message = "An address begins with https:// or http://."
    elif any(character.isspace() or not character.isprintable() for character in fixed):
        message = "An address holds no white space; write %20 for a space."
    elif not is_template:
        message = _misfit_of_address(url)
    if message is not None:
        draft.report(ProblemCode.INVALID_VALUE, path, message, hint="Write it like https://example.com/path.")


def _could_be_scheme(fixed: str) -> bool:
    return any(scheme.startswith(fixed.lower()) for scheme in ("http://", "https://"))


def _misfit_of_address(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        is_right = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_right, parts = False, None
    if not is_right or parts is None:
        return f"{url[:80]!r} is not an address."
    if "@" in parts.netloc:
        return "An address holds no user name or password; use the header Authorization with a secret."
    return None


def _check_headers(draft: Draft, path: Path) -> None:
    headers = draft.value(path)
    for name, value in headers.items() if isinstance(headers, dict) else ():
        place: Path = (*path, name)
        if not _HEADER.match(name):
            message = f"{name[:60]!r} is not the name of a header."
            draft.report(ProblemCode.INVALID_VALUE, place, message, at_key=True)
        elif isinstance(value, list | dict) or value is None:
            message = f"The header {name!r} must be a text, a number, true or false."
            draft.report(ProblemCode.WRONG_TYPE, place, message)
        elif isinstance(value, str) and any(character in value for character in "\r\n\0"):
            draft.report(ProblemCode.INVALID_VALUE, place, "The value of a header is one line.")


def _check_time(draft: Draft, path: Path) -> None:
    written = _text(draft, path)
    if written and "${" not in written and not is_time(written):
        draft.report(
            ProblemCode.INVALID_VALUE,
            path,
            f"{written[:60]!r} is not a time with its zone.",
            hint="Write it like 2027-01-31T08:00:00Z.",
        )


def is_time(text: str) -> bool:
    """Whether a text is a time of ISO 8601 with a zone."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _awaited(draft: Draft) -> list[Path]:
    found: list[Path] = [(*step.path, "wait", "event", "name") for step in draft.steps if step.kind == "wait"]
    triggers = draft.data.get("triggers")
    count = len(triggers) if isinstance(triggers, list) else 0
    return found + [("triggers", position, "event", "topic") for position in range(count)]


def _check_topic(draft: Draft, path: Path, known: frozenset[str] | None) -> None:
    name = _text(draft, path)
    if not name or "${" in name:
        return
    try:
        check_topic(name)
    except BadTopicError as error:
        draft.report(ProblemCode.UNKNOWN_TOPIC, path, str(error))
        return
    if known is not None and name not in known:
        draft.report(
            ProblemCode.UNKNOWN_TOPIC,
            path,
            f"Nothing in this workspace emits {name!r} yet.",
            hint=did_you_mean(name, known),
            severity="warning",
        )


def _check_schedule(draft: Draft, path: Path) -> None:
    for field, check in (("schedule", check_schedule), ("zone", check_zone)):
        written = _text(draft, (*path, field))
        if written:
            try:
                check(written)
            except BadScheduleError as error:
                hint = "Write it like 0 7 * * MON (Mondays at 7)." if field == "schedule" else None
                draft.report(ProblemCode.BAD_SCHEDULE, (*path, field), str(error), hint=hint)


def _text(draft: Draft, path: Path) -> str:
    found: JsonValue = draft.value(path)
    return found if isinstance(found, str) else ""
