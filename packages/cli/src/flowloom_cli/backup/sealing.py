"""Seal the files of a backup for their keepers with age, and open them again."""

import gzip
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias

import pyrage

from flowloom_cli.errors import UsageError
from flowloom_cli.private_files import write_private

SUFFIX: Final = ".age"
Recipient: TypeAlias = "pyrage.x25519.Recipient"
Identity: TypeAlias = "pyrage.x25519.Identity"


def recipients(lines: Sequence[str]) -> list[Recipient]:
    """Read public keys (`age1…`); raises UsageError for one that is none."""
    try:
        return [pyrage.x25519.Recipient.from_str(line.strip()) for line in lines if line.strip()]
    except pyrage.RecipientError as error:
        raise UsageError(
            f"this is no public key for backups: {error}",
            hint="`flowloom backup-key FILE` makes a pair and prints the public half (age1…)",
        ) from error


def identities(path: Path | None) -> list[Identity]:
    """Read private keys from a file as age writes it; raises UsageError when it holds none."""
    if path is None:
        return []
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, ValueError, pyrage.IdentityError) as error:
        raise UsageError(f"{path} holds no key that opens backups: {error}") from error
    if not found:
        raise UsageError(f"{path} holds no key that opens backups")
    return found


def new_key(path: Path) -> str:
    """Write a new private key, mode 0600, and return its public half; raises UsageError for a taken name."""
    if path.exists():
        raise UsageError(f"{path} exists", hint="name another file: an old key may still open old backups")
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    write_private(path, f"# opens backups that were sealed for {public}\n{identity}\n")
    return public


def seal(path: Path, keepers: Sequence[Recipient]) -> Path:
    """Replace a file by its sealed form, or leave it when there is nobody to seal it for."""
    if not keepers:
        return path
    sealed = path.with_name(path.name + SUFFIX)
    with path.open("rb") as plain, sealed.open("wb") as target:
        pyrage.encrypt_io(plain, target, list(keepers))
    path.unlink()
    return sealed


def unsealed(path: Path, target: Path, keys: Sequence[Identity]) -> None:
    """Write the plain content of a file that may be sealed; raises UsageError without the right key."""
    if path.suffix != SUFFIX:
        shutil.copyfile(path, target)
        return
    if not keys:
        raise UsageError(f"{path} is sealed", hint="name the file of the private key: --identity FILE")
    try:
        with path.open("rb") as source, target.open("wb") as plain:
            pyrage.decrypt_io(source, plain, list(keys))
    except pyrage.DecryptError as error:
        raise UsageError(
            f"{path} does not open with that key: {error}",
            hint="use the key whose public half the backup was sealed for; nothing was changed",
        ) from error


def packed(path: Path, keepers: Sequence[Recipient]) -> Path:
    """Compress a file, seal it and remove it; its last name appears only when it is complete."""
    draft = path.with_name(f".{path.name}.gz")
    with path.open("rb") as plain, gzip.open(draft, "wb", compresslevel=1) as target:
        shutil.copyfileobj(plain, target)
    done = seal(draft, keepers)
    final = path.with_name(done.name.removeprefix("."))
    done.replace(final)
    path.unlink()
    return final


def unpacked(path: Path, target: Path, keys: Sequence[Identity]) -> None:
    """Write the content of a file that may be sealed and compressed."""
    if path.suffix not in (SUFFIX, ".gz"):
        shutil.copyfile(path, target)
        return
    draft = target.with_name(target.name + ".gz")
    unsealed(path, draft, keys)
    with gzip.open(draft, "rb") as source, target.open("wb") as plain:
        shutil.copyfileobj(source, plain)
    draft.unlink()
