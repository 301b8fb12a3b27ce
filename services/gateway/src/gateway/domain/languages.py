"""The languages that the server speaks to people, and the choice among them (RFC 9110, section 12.5.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args

Language: TypeAlias = Literal["en", "de"]

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT: Final[Language] = "en"
MAX_HEADER_CHARS: Final = 500


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language by the English ones; what has no translation stays English."""

    language: Language = DEFAULT
    texts: Mapping[str, str] = field(default_factory=dict)
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def text(self, english: str) -> str:
        """Return a text in this language."""
        return self.texts.get(english, english)


def language_for(accept_language: str | None) -> Language:
    """Return the language that an `Accept-Language` header likes best, English for anything unclear."""
    best, best_quality = DEFAULT, 0.0
    for part in (accept_language or "")[:MAX_HEADER_CHARS].split(","):
        tag, _, parameter = part.strip().partition(";")
        found = _spoken(tag.strip().lower())
        quality = _quality(parameter.strip())
        if found is not None and quality > best_quality:
            best, best_quality = found, quality
    return best


def _spoken(tag: str) -> Language | None:
    primary = tag.partition("-")[0]
    return next((language for language in LANGUAGES if language == primary), None)


def _quality(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    text = value.strip()
    return float(text) if text[:1] in ("0", "1") and text.replace(".", "", 1).isdecimal() else 0.0
