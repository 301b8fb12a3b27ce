"""Reads an address the one way that every reader of it would, and refuses all others."""

import ipaddress
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import quote, urlencode, urljoin

import idna

from flowloom_servicekit.outbound.errors import AddressRefusedError

MAX_URL_CHARS: Final = 8_192
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
URL: Final = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE)
AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(?::([0-9]{1,5}))?")
LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
NUMERIC: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
UNWANTED: Final = re.compile(r"[\x00-\x20\x7f\\]")
UNICODE_DOTS: Final = re.compile("[\u3002\uff0e\uff61]")
AS_IS_IN_PATH: Final = "/%:@!$&'()*+,;=~-._[]|^"
AS_IS_IN_QUERY: Final = AS_IS_IN_PATH + "?"

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port, in their one canonical spelling."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @cached_property
    def netloc(self) -> str:
        """Host and port as the Host header spells them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @cached_property
    def literal(self) -> IpAddress | None:
        """The address that the host is, or None for a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None


@dataclass(frozen=True)
class Target:
    """An address that has been read: where to connect and what to ask there."""

    origin: Origin
    path: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.origin}{self.path}"


def target(url: str, query: list[tuple[str, str]] | None = None) -> Target:
    """Read an absolute http(s) address, with further query parameters; raises `AddressRefusedError`."""
    if len(url) > MAX_URL_CHARS:
        raise AddressRefusedError(f"the address is longer than {MAX_URL_CHARS} characters")
    if UNWANTED.search(url):
        raise AddressRefusedError("the address contains a space, a control character or a backslash")
    match = URL.fullmatch(url)
    if match is None:
        raise AddressRefusedError("the address does not begin with http:// or https://")
    scheme, authority, path, asked = match.groups()
    origin = _origin(scheme.lower(), authority)
    more = urlencode(query) if query else ""
    whole = "&".join(part for part in (quote(asked or "", safe=AS_IS_IN_QUERY), more) if part)
    return Target(origin, quote(path or "/", safe=AS_IS_IN_PATH) + (f"?{whole}" if whole else ""))


def origin(url: str) -> Origin:
    """Read an address of which only scheme, host and port matter; raises `AddressRefusedError`."""
    return target(url).origin


def resolve_location(base: Target, location: str) -> Target:
    """Return where a redirect leads, which is judged like any other address; raises `AddressRefusedError`."""
    if UNWANTED.search(location):  # before anybody who would silently drop such characters
        raise AddressRefusedError("the redirect contains a space, a control character or a backslash")
    return target(urljoin(str(base), location))


def _origin(scheme: str, authority: str) -> Origin:
    if "@" in authority:
        raise AddressRefusedError("the address contains a user name; send credentials in a header")
    match = AUTHORITY.fullmatch(authority)
    if match is None:
        raise AddressRefusedError("the address has no host, or one that cannot be read")
    host, port = match.groups()
    number = int(port) if port else DEFAULT_PORTS[scheme]
    if not 1 <= number <= 65535:
        raise AddressRefusedError(f"port {number} does not exist")
    return Origin(scheme, _host(host), number)


def _host(text: str) -> str:
    if text.startswith("["):
        return _ip(text[1:-1], version=6)
    name = _ascii(text).removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise AddressRefusedError(f"{text!r} is not the name of a host")
    if NUMERIC.fullmatch(labels[-1]):
        return _ip(name, version=4)  # 127.1, 0x7f000001 and 2130706433 fail here
    return name


def _ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    if UNICODE_DOTS.search(text):
        raise AddressRefusedError(f"{text!r} has a full stop that is not the ASCII one")
    try:
        return idna.encode(text.lower(), strict=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise AddressRefusedError(f"{text!r} is not the name of a host: {error}") from error


def _ip(text: str, *, version: int) -> str:
    try:
        address = ipaddress.IPv4Address(text) if version == 4 else ipaddress.IPv6Address(text)
    except ValueError as error:
        raise AddressRefusedError(f"{text!r} is not written as an address is: {error}") from error
    return str(address)
