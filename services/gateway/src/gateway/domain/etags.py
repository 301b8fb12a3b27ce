"""Strong entity tags of what people save, and the test of `If-Match` (RFC 9110, section 13.1.1)."""

import hashlib
import json
import re
from typing import Final

_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_CONTENT: Final = re.compile(r'\.[0-9a-f]{32}"$')


def etag_of(revision: int) -> str:
    """Return the tag of a revision, quoted as it travels; each save makes a new one."""
    return f'"r{revision}"'


def tag_of(*content: object) -> str:
    """Return the tag of what has no revision: the same as long as nobody changes it; JSON values."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return f'"c{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def matches(if_match: str, current: str) -> bool:
    """Whether an `If-Match` header names the current tag; weak tags never match."""
    if if_match.strip() == "*":
        return True
    return current in [_CONTENT.sub('"', tag) for tag in _TAG.findall(if_match)]


def with_content(tag: str, digest: str) -> str:
    """Return a tag that also names what was sent: parts of an answer may change without the revision.

    `If-Match` takes it for the tag alone. The digest has 32 hexadecimal digits.
    """
    return f'{tag[:-1]}.{digest}"'


def names_content(tag: str) -> bool:
    """Whether a tag says already what was sent."""
    return _CONTENT.search(tag) is not None


def is_known(if_none_match: str, current: str) -> bool:
    """Whether an `If-None-Match` header names the current tag; weak tags match too."""
    if if_none_match.strip() == "*":
        return True
    return current in [tag.removeprefix("W/") for tag in _TAG.findall(if_none_match)]
