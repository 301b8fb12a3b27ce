"""Where a browser goes after signing in: a path of our own pages, whatever was asked for."""

import re
from typing import Final
from urllib.parse import unquote

HOME: Final = "/"
MAX_CHARS: Final = 512
_PATH: Final = re.compile(r"/(?![/\\])[A-Za-z0-9._~!$&'()*+,;=:@/?#%-]*", re.ASCII)


def own_path(wanted: str | None) -> str:
    """Return the path if every reader of it would stay here, else the first page."""
    if wanted is None or len(wanted) > MAX_CHARS or not _PATH.fullmatch(wanted):
        return HOME
    decoded = unquote(wanted, errors="strict") if _is_utf8(wanted) else "\\"
    strange = "\\" in decoded or decoded.startswith("//") or not decoded.isprintable()
    return HOME if strange else wanted


def _is_utf8(text: str) -> bool:
    try:
        unquote(text, errors="strict")
    except UnicodeDecodeError:
        return False
    return True
