"""Decides where a call may go: the operator's exact origins, else public addresses on the web's ports."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Final, Protocol

from flowloom_servicekit.outbound.addresses import refusal
from flowloom_servicekit.outbound.errors import AddressRefusedError, UpstreamUnreachableError
from flowloom_servicekit.outbound.targets import IpAddress, Origin, target

PORTS: Final = frozenset({80, 443, 8080, 8443})
MAX_ADDRESSES: Final = 16
REMEDY: Final = "an operator can allow it in FLOWLOOM_OUTBOUND_ALLOW"


class Resolver(Protocol):
    """Turns a name into addresses."""

    async def addresses(self, host: str) -> list[str]:
        """Return every address of a host, the preferred one first; raises `OSError` when it has none."""


class SystemResolver:
    """The resolver of the operating system."""

    async def addresses(self, host: str) -> list[str]:
        """Ask in a thread of the loop's pool, since the system's call blocks."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(item[4][0]) for item in found))


class Gate:
    """The rules of one client."""

    def __init__(self, allow: Iterable[Origin], resolver: Resolver) -> None:
        self._allow = frozenset(allow)
        self._resolver = resolver

    def check(self, origin: Origin) -> None:
        """Raise `AddressRefusedError` for what needs no resolver to be refused."""
        if origin in self._allow:
            return
        if origin.port not in PORTS:
            raise AddressRefusedError(f"{origin}: port {origin.port} may not be called; {REMEDY}")
        if origin.literal is not None:
            self._judge(origin, origin.literal)

    async def addresses(self, origin: Origin) -> list[IpAddress]:
        """Resolve a host once and judge every address of it; connect to these and to no others."""
        self.check(origin)
        if origin.literal is not None:
            return [origin.literal]
        try:
            found = await self._resolver.addresses(origin.host)
            addresses = [ipaddress.ip_address(text) for text in found[:MAX_ADDRESSES]]
        except (OSError, UnicodeError, ValueError) as error:
            raise UpstreamUnreachableError(f"{origin}: the name cannot be resolved") from error
        if not addresses:
            raise UpstreamUnreachableError(f"{origin}: the name has no address")
        if origin not in self._allow:
            for address in addresses:
                self._judge(origin, address)
        return addresses

    def _judge(self, origin: Origin, address: IpAddress) -> None:
        why = refusal(address)
        if why is None:
            return
        if origin.literal is None:
            # Without the address: who may write a URL need not learn the plan of the network behind a name.
            why = "the name leads to an address that is not of the public internet"
        raise AddressRefusedError(f"{origin}: {why}; {REMEDY}")


def allowed_origins(text: str) -> frozenset[Origin]:
    """Read the operator's list: origins like http://127.0.0.1:11434, separated by commas.

    Raises `ValueError` for an entry that is more or less than an origin.
    """
    return frozenset(_entry(entry.strip()) for entry in text.split(",") if entry.strip())


def _entry(text: str) -> Origin:
    try:
        read = target(text)
    except AddressRefusedError as error:
        raise ValueError(f"{text!r}: {error}") from error
    if read.path != "/" or "?" in text or "#" in text:
        raise ValueError(f"{text!r} is more than scheme, host and port")
    return read.origin
