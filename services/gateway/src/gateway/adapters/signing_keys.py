"""The keys that sign access tokens: one PEM file of EC P-256 keys; the first signs, all of them verify."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

_PEM: Final = re.compile(rb"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\n?", re.DOTALL)


class SigningKeyError(Exception):
    """The key file is missing or holds something else than EC P-256 private keys."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key and the name by which tokens refer to it."""

    kid: str
    key: ECKey


KeySource: TypeAlias = Callable[[], Sequence[SigningKey]]
"""Returns the keys of now; the first signs."""


def only(key: ECKey) -> KeySource:
    """Return a source of one key that never changes."""
    keys = (SigningKey(key.thumbprint(), key),)
    return lambda: keys


class SigningKeyFile:
    """A KeySource that reads its file again when it has changed, so that a rotation needs no restart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys, self._modified_ns = read_keys(path), _modified_ns(path)

    def __call__(self) -> Sequence[SigningKey]:
        """Return the keys; a file that went away or is half written changes nothing."""
        modified_ns = _modified_ns(self._path)
        if modified_ns not in {0, self._modified_ns}:
            self._keys, self._modified_ns = read_keys(self._path), modified_ns
        return self._keys


def read_keys(path: Path) -> list[SigningKey]:
    """Return the private keys of a PEM file; raise SigningKeyError with the remedy."""
    try:
        keys = [ECKey.import_key(found[0]) for found in _PEM.finditer(path.read_bytes())]
    except (OSError, ValueError, JoseError) as error:
        raise _unusable(path) from error
    if not keys:
        raise _unusable(path)
    if any(not key.is_private or key.curve_name != "P-256" for key in keys):
        raise SigningKeyError(f"{path} must hold private keys on the curve P-256 and nothing else.")
    return [SigningKey(key.thumbprint(), key) for key in keys]


def write_keys(path: Path, keys: Sequence[SigningKey]) -> None:
    """Write the file whole or not at all, readable by its owner only, and the public keys beside it."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(b"".join(one.key.as_pem(private=True) for one in keys))
    fresh.replace(path)
    stem = path.name.removesuffix(".key.pem")
    wanted = {path.with_name(f"{stem}.pub.pem"): keys[0]}
    wanted |= {path.with_name(f"{stem}-{one.kid[:8]}.pub.pem"): one for one in keys[1:]}
    for public, one in wanted.items():
        public.write_bytes(one.key.as_pem(private=False))
    for old in set(path.parent.glob(f"{stem}-*.pub.pem")) - set(wanted):
        old.unlink()


def _unusable(path: Path) -> SigningKeyError:
    return SigningKeyError(
        f"{path} holds no private key; set FLOWLOOM_GATEWAY_SIGNING_KEY_FILE to EC P-256 keys in PEM."
    )


def _modified_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
