"""The texts of a language, read from the package at first use."""

import functools
import json
from importlib.resources import files

from gateway.domain.languages import Language, Words


@functools.cache
def words_of(language: Language) -> Words:
    """Return the texts of a language."""
    said = json.loads(files("gateway.locales").joinpath(f"{language}.json").read_bytes())
    return Words(language=language, texts=said["texts"], synonyms=said["synonyms"])
