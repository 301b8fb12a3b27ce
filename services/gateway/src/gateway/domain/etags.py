"""Strong entity tags of workflow drafts and the test of `If-Match` (RFC 9110, section 13.1.1)."""

import re
from typing import Final

_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def etag_of(revision: int) -> str:
    """Return the tag of a revision, quoted as it travels; each save makes a new one."""
    return f'"r{revision}"'


def matches(if_match: str, current: str) -> bool:
    """Whether an `If-Match` header names the current tag; weak tags never match."""
    if if_match.strip() == "*":
        return True
    return current in _TAG.findall(if_match)
