"""The vault: AES-256-GCM under keys that are derived from the master keys of one file."""

import base64
import binascii
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.vault_ports import Place, Purpose, Sealed, SecretUnreadableError

KEY_FILE: Final = "gateway-vault.keys"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
LABEL: Final = "flowloom/gateway/{purpose}/v1"


class KeyFileError(RuntimeError):
    """The file of master keys is missing or wrong: the process does not start."""


@dataclass(frozen=True, slots=True)
class _Ring:
    current: str
    keys: dict[str, bytes]
    modified_ns: int


class KeyRing:
    """Reads `<key id>:<base64 of 32 bytes>` lines; the first key seals, all of them open.

    The file is read again when it has changed, so that a rotation needs no restart.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ring = _read(path)
        self._derived: dict[tuple[str, Purpose], AESGCM] = {}

    def current_key_id(self) -> str:
        """Return the id of the key that seals now."""
        return self._fresh().current

    def seal(self, place: Place, value: str) -> Sealed:
        """Seal a value under a fresh random nonce."""
        key_id = self._fresh().current
        nonce = secrets.token_bytes(NONCE_BYTES)
        data = self._cipher(key_id, place.purpose).encrypt(nonce, value.encode(), _bound_to(place, key_id))
        return Sealed(key_id, nonce + data)

    def open(self, place: Place, sealed: Sealed) -> str:
        """Return the value; raise SecretUnreadableError if it does not belong here."""
        if sealed.key_id not in self._fresh().keys:
            raise SecretUnreadableError("Its key is not on this server; save the secret again.")
        nonce, data = sealed.data[:NONCE_BYTES], sealed.data[NONCE_BYTES:]
        try:
            cipher = self._cipher(sealed.key_id, place.purpose)
            return cipher.decrypt(nonce, data, _bound_to(place, sealed.key_id)).decode()
        except (InvalidTag, ValueError) as error:
            raise SecretUnreadableError("It was changed or moved; save the secret again.") from error

    def _cipher(self, key_id: str, purpose: Purpose) -> AESGCM:
        known = self._derived.get((key_id, purpose))
        if known is None:
            label = LABEL.format(purpose=purpose).encode()
            derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label)
            known = AESGCM(derived.derive(self._ring.keys[key_id]))
            self._derived[key_id, purpose] = known
        return known

    def _fresh(self) -> _Ring:
        try:
            modified_ns = self._path.stat().st_mtime_ns
        except OSError:
            return self._ring  # what was read at the start goes on
        if modified_ns != self._ring.modified_ns:
            self._ring = _read(self._path)
            self._derived.clear()
        return self._ring


def add_key(path: Path) -> str:
    """Put a new master key at the top of the file and return its id; older ones still open."""
    before = path.read_text(encoding="ascii") if path.exists() else ""
    key_id = f"k{secrets.token_hex(4)}"
    line = f"{key_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n"
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(line + before)
    fresh.replace(path)
    return key_id


def _read(path: Path) -> _Ring:
    try:
        modified_ns = path.stat().st_mtime_ns
        lines = [line.strip() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
        keys = dict(_parsed(line) for line in lines)
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path} cannot be read: `flowloom up` or the deployment makes it") from error
    if not keys or len(keys) != len(lines):
        raise KeyFileError(f"{path} needs lines `<key id>:<base64 of 32 bytes>` with different ids")
    return _Ring(next(iter(keys)), keys, modified_ns)


def _parsed(line: str) -> tuple[str, bytes]:
    key_id, _, text = line.partition(":")
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise KeyFileError(f"the master key {key_id[:20]!r} is not base64") from error
    if not key_id.isalnum() or len(key) != KEY_BYTES or len(set(key)) < KEY_BYTES // 4:
        raise KeyFileError(f"the master key {key_id[:20]!r} is not {KEY_BYTES} random bytes")
    return key_id, key


def _bound_to(place: Place, key_id: str) -> bytes:
    return "\0".join((place.purpose, place.workspace_id, place.id, key_id)).encode()
