"""What people recognise their own sessions by: browser and system, out of what a browser calls itself."""

from typing import Final

MAX_CHARS: Final = 80

# Looked for in this order: most browsers also name the one they descend from.
_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str | None:
    """Return `Firefox on Linux`, or the beginning of a name that is none of a known browser."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if browser is not None:
        return f"{browser} on {system}" if system else browser
    visible = "".join(character for character in user_agent if character.isprintable())
    return visible[:MAX_CHARS].strip() or None
