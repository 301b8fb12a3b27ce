"""Takes secrets and personal data out of kept values: the same text is always replaced by the same."""

import re
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue

_SECRET_NAMES: Final = (
    *("_password", "_passwd", "_secret", "_token", "_authorization", "_cookie"),
    *("_api_key", "_apikey", "_access_key", "_accesskey"),
)
_SEPARATORS: Final = str.maketrans("-. ", "___")
_PATTERNS: Final = (
    ("token", re.compile(r"(?i)\b(?:bearer|basic)\s+[a-z0-9+/_.=~-]{8,}")),
    ("token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")),
    ("token", re.compile(r"\b(?:sk|pk|rk|flk|ghp|gho|ghs|xox[abpsr]|AKIA|AIza)[-_A-Za-z0-9]{12,}")),
    ("mail", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")),
    (
        "token",
        re.compile(r"(?<![\w+/=-])(?=[\w+/=-]*[0-9])(?=[\w+/=-]*[A-Za-z])[A-Za-z0-9+/_=-]{24,}(?![\w+/=-])"),
    ),
    ("phone", re.compile(r"(?<![\w.])(?:\+|00)[1-9](?:[ ()/.-]?[0-9]){6,14}(?![\w])")),
    ("phone", re.compile(r"(?<![\w.:-])\(?0[0-9]{1,4}\)?(?:[ /.-][0-9]{2,}){1,5}(?![\w:])")),
    ("number", re.compile(r"(?<![\w.])[0-9](?:[ -]?[0-9]){8,}(?![\w.])")),
)
_MEANT: Final = re.compile(r"(?i)(?:(?<![\w-])example\.(?:com|org|net)|(?<![\w.-])[\w.-]+\.example)$")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?")
_LARGE_NUMBER: Final = 10**9


class PersonalData:
    """What was found so far, and what stands for it; `removed` names the places."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self.removed: dict[str, None] = {}

    def without(self, value: JsonValue, path: str) -> JsonValue:
        """Return a value without secrets and personal data; its shape stays."""
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, list):
            return [self.without(item, f"{path}[{position}]") for position, item in enumerate(value)]
        if isinstance(value, dict):
            return self._mapping(value, path)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LARGE_NUMBER:
            return int(self._replaced("number", str(abs(value)), path))
        return value

    def _mapping(self, value: JsonObject, path: str) -> JsonObject:
        kept = JsonObject()
        for key, item in value.items():
            place = f"{path}.{key}"
            if isinstance(item, str) and item and _names_a_secret(key):
                kept[self._text(key, path)] = self._replaced("token", item, place)
            else:
                kept[self._text(key, path)] = self.without(item, place)
        return kept

    def _text(self, text: str, path: str) -> str:
        for kind, pattern in _PATTERNS:
            text = pattern.sub(lambda found, kind=kind: self._one(kind, found[0], path), text)  # type: ignore[misc]  # the default binds the loop's value
        return text

    def _one(self, kind: str, found: str, path: str) -> str:
        is_meant = found in self._known.values() or _MEANT.search(found) or _TIME.fullmatch(found)
        return found if is_meant else self._replaced(kind, found, path)

    def _replaced(self, kind: str, found: str, path: str) -> str:
        self.removed[f"{path}: {_CALLED[kind]}"] = None
        if found not in self._known:
            count = self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[found] = _STANDS_FOR[kind].format(count)
        return self._known[found]


def _names_a_secret(key: str) -> bool:
    """Whether the last words of a name are one of the names of secrets, also in the plural."""
    return f"_{key[-40:]}".lower().translate(_SEPARATORS).removesuffix("s").endswith(_SECRET_NAMES)


_CALLED: Final = {
    "token": "a secret",
    "mail": "a mail address",
    "phone": "a phone number",
    "number": "a long number",
}
_STANDS_FOR: Final = {
    "token": "removed-{}",
    "mail": "person{}@example.com",
    "phone": "555-01{:02}",
    "number": "10000{:03}",
}
