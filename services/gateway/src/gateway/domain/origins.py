"""Which pages may call with a cookie or open a socket: those of our own address."""

from typing import Final
from urllib.parse import urlsplit

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine."""
    return urlsplit(url).hostname in _LOOPBACK


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
