"""Write Kong's declarative file from kong/kong.yml: python scripts/render_kong.py TEMPLATE OUTPUT.

Kong resolves neither environment variables nor vault references inside credentials, so values are written
out, as literals, into a file that only its owner can read. Every variable must be set, an empty list must be
said to be empty, and nothing is written before everything fits. Needs only the standard library, because it
also runs in a bare Python container.
"""

import base64
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

Environment: TypeAlias = Mapping[str, str]

PLACEHOLDER: Final = re.compile(r"\$\{([A-Z_]+)\}")
ANY_MARK: Final = re.compile(r"\$\{|\{vault:")
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{32,128}")
TARGET: Final = re.compile(r"[A-Za-z0-9._-]{1,253}:[0-9]{2,5}")
ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]{1,253}(:[0-9]{2,5})?")
MACHINE: Final = re.compile(r"(flk_[a-z]{2,12}_[A-Za-z0-9]{8})_[A-Za-z0-9]{32}_[0-9a-f]{8}")
PUBLIC_KEYS: Final = "gateway-access*.pub.pem"
# A public key on P-256 in DER is this and the two coordinates.
P256: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200" + "04")
COORDINATE_BYTES: Final = 32


class RenderError(Exception):
    """What is missing or does not fit, and what to do about it."""


def main(arguments: list[str], environment: Environment) -> int:
    """Render a template to a file; say what is wrong on standard error and return 2."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    template, output = (Path(argument) for argument in arguments)
    try:
        write_private(output, render(template.read_text(encoding="utf-8"), environment))
    except (RenderError, OSError) as error:
        print(f"kong.yml is not written: {error}", file=sys.stderr)
        return 2
    return 0


def render(template: str, environment: Environment) -> str:
    """Return the file with every placeholder replaced; raises RenderError that names them all."""
    wanted = list(dict.fromkeys(PLACEHOLDER.findall(template)))
    unknown = [name for name in wanted if name not in VALUES]
    if unknown:
        raise RenderError(f"the template asks for {', '.join(unknown)}, which nothing gives")
    values, faults = {}, []
    for name in wanted:
        try:
            values[name] = VALUES[name](environment)
        except RenderError as error:
            faults.append(str(error))
    if faults:
        raise RenderError("; ".join(dict.fromkeys(faults)))
    # JSON is YAML, and a text of plain letters is a text in Lua too.
    rendered = PLACEHOLDER.sub(lambda found: json.dumps(values[found[1]]), template)
    if left := ANY_MARK.search(without_comments(rendered)):
        raise RenderError(f"{left[0]!r} would be taken literally by Kong: give the value itself")
    return rendered


def without_comments(text: str) -> str:
    """Return the lines that Kong reads."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def required(environment: Environment, name: str) -> str:
    """Return a variable that must be set, though it may be empty."""
    if name not in environment:
        raise RenderError(f"set {name}")
    return environment[name].strip()


def items(environment: Environment, name: str, form: re.Pattern[str]) -> list[str]:
    """Return the comma-separated items of a variable that must have at least one."""
    found = [item.strip() for item in required(environment, name).split(",") if item.strip()]
    wrong = [item for item in found if form.fullmatch(item) is None]
    if wrong or not found:
        raise RenderError(f"{name}: {wrong[0] if wrong else 'nothing'!r} does not have the form it needs")
    return found


def targets(environment: Environment) -> list[dict[str, str | int]]:
    """Return the gateways behind the edge."""
    return [{"target": item, "weight": 100} for item in items(environment, "FLOWLOOM_EDGE_GATEWAYS", TARGET)]


def origins(environment: Environment) -> list[str]:
    """Return the exact origins of pages that may call."""
    return items(environment, "FLOWLOOM_EDGE_ORIGINS", ORIGIN)


def gateway_secret(environment: Environment) -> str:
    """Return what proves to the gateway that a request came through the edge."""
    secret = required(environment, "FLOWLOOM_EDGE_SECRET")
    if SECRET.fullmatch(secret) is None:
        raise RenderError("FLOWLOOM_EDGE_SECRET must have 32 to 128 letters, digits, hyphens or underscores")
    return secret


def access_keys(environment: Environment) -> list[dict[str, str]]:
    """Return a credential for every public key with which the gateway's access tokens can be verified."""
    folder = Path(required(environment, "FLOWLOOM_EDGE_KEYS_DIR"))
    found = [credential(path) for path in sorted(folder.glob(PUBLIC_KEYS))]
    if not found:
        raise RenderError(f"FLOWLOOM_EDGE_KEYS_DIR: {folder} has no {PUBLIC_KEYS}")
    return found


def credential(path: Path) -> dict[str, str]:
    """Return Kong's record of one public key, named by its thumbprint (RFC 7638) as in the token's `kid`."""
    text = path.read_text(encoding="ascii")
    body = re.sub(r"-----.*?-----|\s", "", text)
    try:
        der = base64.b64decode(body, validate=True)
    except ValueError as error:
        raise RenderError(f"{path} is not a public key in PEM") from error
    point = der.removeprefix(P256)
    if len(point) != 2 * COORDINATE_BYTES or len(der) != len(P256) + len(point):
        raise RenderError(f"{path} is not a public key on the curve P-256")
    x, y = (_base64url(half) for half in (point[:COORDINATE_BYTES], point[COORDINATE_BYTES:]))
    members = json.dumps({"crv": "P-256", "kty": "EC", "x": x, "y": y}, separators=(",", ":"))
    kid = _base64url(hashlib.sha256(members.encode()).digest())
    return {"key": kid, "algorithm": "ES256", "rsa_public_key": text}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def machines(environment: Environment) -> Iterator[tuple[str, str]]:
    """Yield the prefix and the text of the key of each machine that the edge knows itself."""
    place = required(environment, "FLOWLOOM_EDGE_MACHINES")
    if not place:
        return
    listed = json.loads(Path(place).read_text(encoding="utf-8") or "{}")
    if not isinstance(listed, dict):
        raise RenderError(f'FLOWLOOM_EDGE_MACHINES: {place} must hold {{"name": "flk_…"}}')
    for name, key in listed.items():
        form = MACHINE.fullmatch(str(key))
        if form is None:
            raise RenderError(f"FLOWLOOM_EDGE_MACHINES: the key of {name!r} is no API key of the platform")
        yield form[1], str(key)


def machine_keys(environment: Environment) -> list[dict[str, str]]:
    """Return the credentials of machines."""
    return [{"key": key} for _, key in machines(environment)]


def machine_prefixes(environment: Environment) -> str:
    """Return the public parts of those keys, each between spaces."""
    return "".join(f" {prefix} " for prefix, _ in machines(environment))


VALUES: Final[Mapping[str, Callable[[Environment], object]]] = {
    "TARGETS": targets,
    "ORIGINS": origins,
    "GATEWAY_SECRET": gateway_secret,
    "ACCESS_KEYS": access_keys,
    "MACHINE_KEYS": machine_keys,
    "MACHINE_PREFIXES": machine_prefixes,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
