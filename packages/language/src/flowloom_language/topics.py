"""What a user's event may be called."""

import re
from typing import Final

from flowloom_contracts.topics import Topic, dead_letter

_FORM: Final = re.compile(r"[a-z][a-z0-9_.-]{0,127}\Z")
_PLATFORM: Final = frozenset({topic.value for topic in Topic} | {dead_letter(topic) for topic in Topic})


class BadTopicError(ValueError):
    """The name cannot be a user's topic; the text is for people."""


def check_topic(name: str) -> None:
    """Raise BadTopicError unless an event may be emitted, awaited or a trigger under this name."""
    if name in _PLATFORM:
        raise BadTopicError(f"{name!r} is a topic of the platform; choose another name.")
    if not _FORM.match(name):
        raise BadTopicError(
            f"{name[:70]!r} is no topic: it has lower-case letters, digits, '_', '.' and '-',"
            " begins with a letter, and is at most 128 long."
        )
