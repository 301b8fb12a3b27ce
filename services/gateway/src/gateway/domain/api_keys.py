"""The form of an API key, `flk_<env>_<8 public>_<32 random>_<crc>`, and what is kept of it."""

import hashlib
import re
import string
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_ALPHABET: Final = string.ascii_letters + string.digits
_FORM: Final = re.compile(r"(flk_[a-z]{2,12}_[A-Za-z0-9]{8})_[A-Za-z0-9]{32}_[0-9a-f]{8}")

MAX_LENGTH: Final = 80
"""Longer texts are not looked at."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh key: `text` goes to its owner once, `prefix` and `digest` are kept."""

    text: str
    prefix: str
    digest: bytes


def make_key(environment: str, choose: Callable[[str], str]) -> NewKey:
    """Return a key; `choose` picks one character of its argument at random (`secrets.choice`)."""
    public = "".join(choose(_ALPHABET) for _ in range(8))
    secret = "".join(choose(_ALPHABET) for _ in range(32))
    prefix = f"flk_{environment}_{public}"
    body = f"{prefix}_{secret}"
    text = f"{body}_{_checksum(body)}"
    return NewKey(text=text, prefix=prefix, digest=digest_of(text))


def is_well_formed(text: str) -> bool:
    """Whether a text can be a key at all; saves the database from guesses and scanners from doubts."""
    if len(text) > MAX_LENGTH or _FORM.fullmatch(text) is None:
        return False
    body, _, checksum = text.rpartition("_")
    return _checksum(body) == checksum


def digest_of(text: str) -> bytes:
    """Return the SHA-256 that is stored; 190 random bits need no slow hash."""
    return hashlib.sha256(text.encode()).digest()


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
