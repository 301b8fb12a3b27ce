"""Which pages may call with a cookie or open a socket: those of our own address."""

import re
from typing import Final
from urllib.parse import urlsplit

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine."""
    return urlsplit(url).hostname in _LOOPBACK


def origins_from(text: str) -> tuple[str, ...]:
    """Return the origins of a list by commas; raise ValueError for anything that is not exactly one."""
    found = [one.strip() for one in text.split(",") if one.strip()]
    for origin in found:
        if _ORIGIN.fullmatch(origin) is None or _parts(origin) is None:
            raise ValueError(f"{origin!r} is no origin: write https://app.example.org, no path, no star")
    return tuple(found)


def is_same_origin(origin: str, public_url: str) -> bool:
    """Whether an `Origin` header is the page we serve.

    On loopback the names of this machine count as one, because `localhost` and `127.0.0.1` are both typed.
    """
    ours, theirs = _parts(public_url), _parts(origin)
    if ours is None or theirs is None:
        return False
    if ours == theirs:
        return True
    same_door = ours[0] == theirs[0] and ours[2] == theirs[2]
    return same_door and ours[1] in _LOOPBACK and theirs[1] in _LOOPBACK


def _parts(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or parts.hostname is None:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme]
