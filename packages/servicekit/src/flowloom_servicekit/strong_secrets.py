"""Judges the secrets that a deployment gives: one that is short or widely known lets everybody in."""

import re
from typing import Annotated, Final
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, SecretStr

SHORTEST: Final = 16
FEWEST_CHARACTERS: Final = 6
"""Different ones; a repeated letter is long and no secret."""

_KNOWN: Final = re.compile(
    r"(?:please|here|goes|is|change|replace|this|it|me|now|insecure|super|very|top|my|your|the|some|secret|password|passwort|"
    r"passwd|pass|token|key|api|app|dapr|admin|root|user|default|example|sample|test|testing|dev|development|local|"
    r"demo|dummy|todo|xxx|foo|bar|baz|postgres|redis|valkey|flowloom|letmein|welcome|qwerty|abcdef|value|string)+"
)
"""Words of manuals and examples, one after the other and with nothing of anybody's own between them."""


def strong(secret: SecretStr) -> SecretStr:
    """Return a secret as it is; raises a `ValueError` that does not repeat it."""
    fault = fault_of(secret.get_secret_value())
    if fault:
        raise ValueError(f"{fault}; generate one with `openssl rand -hex 24`")
    return secret


def fault_of(value: str) -> str:
    """Return what is wrong with a secret, or nothing."""
    if len(value) < SHORTEST:
        return f"is shorter than {SHORTEST} characters"
    if len(set(value)) < FEWEST_CHARACTERS:
        return "repeats the same few characters"
    return "is a word of an example" if is_known(value) else ""


def is_known(value: str) -> bool:
    """Say whether a secret is nothing but digits, or words that everybody tries first."""
    letters = re.sub(r"[^a-z]", "", value.lower())
    return not letters or _KNOWN.fullmatch(letters) is not None


def no_known_password(address: SecretStr) -> SecretStr:
    """Return an address of a store as it is, unless the password in it is one that everybody tries first."""
    password = unquote(urlsplit(address.get_secret_value()).password or "")
    if password and is_known(password):
        raise ValueError("has a password of an example; generate one with `openssl rand -hex 24`")
    return address


StrongSecret = Annotated[SecretStr, AfterValidator(strong)]
StoreAddress = Annotated[SecretStr, AfterValidator(no_known_password)]
"""The address of a database or of Valkey, with its password."""
