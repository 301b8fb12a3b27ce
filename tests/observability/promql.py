"""Which metrics a query names."""

import re
from typing import Final

_QUOTED: Final = re.compile(r'"[^"]*"')
_SELECTORS: Final = re.compile(r"\{[^}]*\}|\[[^\]]*\]")
_GROUPS: Final = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_WORDS: Final = frozenset({"and", "or", "unless", "bool", "offset"})


def metrics_in(query: str) -> set[str]:
    """Return the names of metrics in a PromQL query; functions, labels and words of the language are none."""
    plain = _GROUPS.sub(" ", _SELECTORS.sub(" ", _QUOTED.sub('""', query)))
    found = {match[0] for match in re.finditer(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?:\s*\()?", plain)}
    return {name for name in found if not name.endswith("(") and name not in _WORDS}
